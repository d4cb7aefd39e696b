"""What the type check of a candidate refuses, what it warns of, and what it lets pass."""

from __future__ import annotations

import os
import shutil
import textwrap
import time
from pathlib import Path

import pytest
import pytest_asyncio

from overskill_nb.pipeline import Engine
from overskill_nb.pipeline.generation.check import Checked
from overskill_nb.pipeline.generation.open_app import OpenApp
from overskill_nb.protocol import AppInfo, FileChange, Prepare
from overskill_nb.protocol import OpenApp as Open

PATH = "src/components/Sample.tsx"
SHADCN = Path(__file__).parents[2] / "projects/shadcn"
BUTTON = """
import type { ReactNode } from "react";
export interface ButtonProps { label: string; kind?: "plain" | "danger"; size: number; children?: ReactNode }
export default function Button({ label, kind = "plain", size = 2, children }: ButtonProps) {
  return <button className={kind} data-size={size}>{label}{children}</button>;
}
export const Card = ({ title }: { title: string }) => <section>{title}</section>;
export function Loose({ a, b }) { return <p>{a}{b}</p>; }
"""
LEGACY = "export default function Legacy({ a, b }) { return <p>{a}{b}</p>; }\n"
HELPERS = "export function add(a: number, b: number) { return a + b; }\nexport enum Status { Open, Done }\n"
"""Of an app that is there before."""


async def put(opened: OpenApp, path: str, code: str) -> None:
    await opened.change([FileChange(path=path, content=textwrap.dedent(code).lstrip("\n"))], "python")


async def check(opened: OpenApp, code: str, path: str = PATH) -> Checked:
    return await opened.check({path: textwrap.dedent(code).lstrip("\n")}, path)


def types(checked: Checked) -> list[str]:
    assert checked.untyped == ""
    found = [d for d in [*checked.errors, *checked.warnings] if d.kind == "type"]
    return [f"{d.severity} {d.message}{f' | {d.hint}' if d.hint else ''}" for d in found]


def body(code: str) -> str:
    """A component that does this when it is pressed: rendering it alone does not tell."""
    return f"""import {{ useState }} from "react";
import {{ add, Status }} from "../helpers";
import Button, {{ Card, Loose }} from "./Button";
import Legacy from "./Legacy";
const never = () => false;
void [useState, add, Status, Button, Card, Loose, Legacy];
export default function Sample() {{
  const later = (items: string[], on: Date, e: any) => {{
    {code}
  }};
  return <p>{{never() && String(later)}}</p>;
}}
"""


@pytest_asyncio.fixture(loop_scope="module")
async def shop(opened: OpenApp) -> OpenApp:
    await put(opened, "src/components/Button.tsx", BUTTON)
    await put(opened, "src/components/Legacy.jsx", LEGACY)
    await put(opened, "src/helpers.ts", HELPERS)
    return opened


GOOD = {
    "implicit any": "const f = (x, y) => x.anything + y; return f(1, 2);",
    "maybe null": 'return document.querySelector("p").textContent.length;',
    "event target": "const f = (event: React.MouseEvent) => event.target.value; return f;",
    "unused": "const unused = 1; let other;",
    "empty state": "const [all, setAll] = useState([]); setAll([...all, { id: 1 }]); return all[0].name;",
    "null state": "const [user, setUser] = useState(null); setUser({ name: 'a' }); return user.name;",
    "inferred object": "const [form, set] = useState({ name: '' }); set({ ...form, mail: 1 }); return form.mail;",
    "any": "return e.what.ever();",
    "caught": "try { add(1, 2); } catch (error) { return error.message; }",
    "typeof": 'return typeof gtag !== "undefined" ? gtag("a") : typeof other;',
    "browsers": "return new (window.SpeechRecognition || window.webkitSpeechRecognition)();",
    "too many": "return add(1, 2, 3);",
    "timer": "const t: NodeJS.Timeout = setTimeout(() => 1, 5); clearTimeout(t);",
    "global JSX": "const one: JSX.Element = <b />; return one;",
    "wrong argument": 'return add("1", 2);',
    "assigned": "items.extra = 1;",
    "environment": "return [import.meta.env.VITE_A, import.meta.hot];",
    "defaulted prop": 'return <Button label="a" />;',
    "undeclared props": "return <Loose a={1} />;",
    "JavaScript's props": "return <Legacy a={1} />;",
    "unknown attribute": 'return <div clas="a" onclick="b" />;',
    "union": "const x: string | { a: 1 } = e; return x.a;",
    "cannot be": 'const x: "a" | "b" = e; return x === "c";',
}


async def test_what_small_models_write_passes(shop: OpenApp) -> None:
    for name, code in GOOD.items():
        checked = await check(shop, body(code))
        assert types(checked) == [], name
        assert checked.passed, (name, checked.errors)


BAD = {
    "name": ("return itmes.length;", "Cannot find name 'itmes' | Did you mean 'items'?"),
    "unknown name": ("return nothing();", "Cannot find name 'nothing'"),
    "shorthand": ("return { missing };", "Cannot find name 'missing'"),
    "spelling": (
        "return items.lenght;",
        "Property 'lenght' does not exist on type 'string[]' | Did you mean 'length'?",
    ),
    "method": ('return on.format("YYYY");', "Property 'format' does not exist on type 'Date'"),
    "text": ('return items[0].contains("a");', "Property 'contains' does not exist on type 'string'"),
    "looked into": ("return items.first.name;", "Property 'first' does not exist on type 'string[]'"),
    "enum": ("return Status.Closed;", "Property 'Closed' does not exist on type 'typeof Status'"),
    "call": ("return items.length();", "What is called here is no function: its type is 'Number'"),
    "constant": ("const n = 1; n = 2;", "Cannot assign to 'n' because it is a constant"),
    "prop": (
        'return <Button label="a" knid="plain" />;',
        "Button has no prop 'knid' | Did you mean 'kind'?",
    ),
    "other prop": (
        'return <Button label="a" onPress={later} />;',
        "Button has no prop 'onPress' | Its props: label, kind?, size?, children?.",
    ),
    "missing prop": (
        "return <Button />;",
        "Button is used without its prop 'label' | Its props: label, kind?, size?, children?.",
    ),
    "children": (
        'return <Card title="a">Text</Card>;',
        "Card does not show what stands between its tags: it has no prop 'children' | Its props: title.",
    ),
}


async def test_what_fails_for_sure_is_refused(shop: OpenApp) -> None:
    for name, (code, says) in BAD.items():
        checked = await check(shop, body(code))
        assert types(checked) == [f"error {says}"], name
        assert not checked.passed, name
        (error,) = [d for d in checked.errors if d.kind == "type"]
        assert error.location
        assert (error.location.file, error.location.line) == (PATH, 9)
        assert "> 9 |" in error.frame.replace(">  9", "> 9")


SLIPS = {
    "too few": ("return add(1);", "Expected 2 arguments, but got 1"),
    "literal": (
        'return <Button label="a" kind="primary" />;',
        'Button\'s prop \'kind\' is "primary" | It may be "danger" | "plain".',
    ),
    "class": ('return <Card title="a" className="b" />;', "Card has no prop 'className' | Its props: title."),
    "own type": (
        "interface Item { title: string } const x: Item = e; return x.name;",
        "Property 'name' does not exist on type 'Item'",
    ),
    "optional": ("return items?.total;", "Property 'total' does not exist on type 'string[]'"),
    "only read": ("return items.isToday ? 1 : 2;", "Property 'isToday' does not exist on type 'string[]'"),
    "type inside": ("const x: Thing = e; return x;", "Cannot find name 'Thing'"),
}


async def test_what_is_likely_a_slip_is_a_warning(shop: OpenApp) -> None:
    for name, (code, says) in SLIPS.items():
        checked = await check(shop, body(code))
        assert types(checked) == [f"warning {says}"], name
        assert checked.passed, name


STATE = 'import { useState } from "react";\n'
EXPORTS = {
    "object": (
        f"{STATE}export default () => {{\n  const [a] = useState(false);\n  return a ? {{ text: 1 }} : <p />;\n}};",
        "error The component returns '{ text: number; }', which React cannot show",
    ),
    "date": (
        f"{STATE}export default () => {{\n  const [a] = useState(false);\n  return a ? new Date() : null;\n}};",
        "error The component returns 'Date', which React cannot show",
    ),
    "props": (
        "export default function Sample(props: SampleProps) {\n  return <p>{props.a}</p>;\n}",
        "error Cannot find name 'SampleProps'",
    ),
    "type": (
        "export interface Row { value: Missing }\nexport default () => <p />;",
        "error Cannot find name 'Missing'",
    ),
    "imported": (
        'import { useStat } from "react";\nconst f = () => useStat(1);\nexport default () => <p>{typeof f}</p>;',
        "error 'react' has no exported member named 'useStat'",
    ),
}


async def test_what_a_module_exports(opened: OpenApp) -> None:
    for name, (code, says) in EXPORTS.items():
        checked = await check(opened, code)
        assert says in [line.split(" | ")[0] for line in types(checked)], name
        assert not checked.passed, name


KINDS = {
    "memo": "import { memo } from 'react';\nexport default memo(function Sample({ a = 1 }) { return <p>{a}</p>; });",
    "ref": "import { forwardRef } from 'react';\nexport default forwardRef((p, ref) => <p ref={ref as any} />);",
    "lazy": "import { lazy } from 'react';\nexport default lazy(async () => ({ default: () => <p>a</p> }));",
    "class": "import * as R from 'react';\nexport default class A extends R.Component { render() { return 'a'; } }",
    "generic": "export default function Sample<T>({ all = [] }: { all?: T[] }) { return all.map((i) => <p>{i}</p>); }",
    "annotated": "const Sample: React.FC<{ a?: string }> = ({ a }) => <>{a}</>;\nexport default Sample;",
    "list": "export default function Sample({ on = true }) { return on && [1, 'a', null]; }",
}


async def test_all_kinds_of_components_pass(opened: OpenApp) -> None:
    for name, code in KINDS.items():
        checked = await check(opened, code)
        assert types(checked) == [], name
        assert checked.passed, (name, checked.errors)


async def test_a_renamed_export_breaks_who_uses_it(shop: OpenApp, engine: Engine, app: str) -> None:
    app_file = 'import { add } from "./helpers";\nexport default function App() { return <p>{add(1, 2)}</p>; }\n'
    await put(shop, "src/App.tsx", app_file)
    await put(
        shop, "src/components/Sum.tsx", 'import { add } from "../helpers";\nexport default () => <p>{add(1, 2)}</p>;'
    )
    await engine.handle(Prepare(app=app))
    target = "src/components/Sum.tsx"
    renamed: dict[str, str | None] = {
        "src/helpers.ts": HELPERS.replace("add", "plus"),
        target: 'import { plus } from "../helpers";\nexport default () => <p>{plus(1, 2)}</p>;\n',
    }
    checked = await shop.check(renamed, target)
    assert types(checked) == ["error Module './helpers' has no exported member 'add'"]
    assert [d.location.file for d in checked.errors if d.location] == ["src/App.tsx"]
    whole = renamed | {"src/App.tsx": app_file.replace("add", "plus")}
    checked = await shop.check(whole, target)
    assert types(checked) == []
    assert checked.passed


async def test_what_was_wrong_before_is_not_the_candidates(opened: OpenApp) -> None:
    code = "export const f = () => nothing();\nexport default () => <p>one</p>;\n"
    await put(opened, PATH, code)
    checked = await check(opened, code.replace("one", "two"))
    assert types(checked) == []
    assert types(await check(opened, code.replace("nothing", "other"))) == ["error Cannot find name 'other'"]


async def test_candidates_follow_the_app_and_leave_nothing_behind(opened: OpenApp) -> None:
    use = 'import { word } from "../lib/word";\nconst f = () => word.WORD;\nexport default () => <p>{typeof f}</p>;\n'
    for text, found in [('"a"', "string"), ("1", "number"), ('"b"', "string")]:
        await put(opened, "src/lib/word.ts", f"export const word: {found} = {text};\n")
        assert types(await check(opened, use)) == [f"warning Property 'WORD' does not exist on type '{found}'"]
    both: dict[str, str | None] = {
        PATH: use.replace("word", "other"),
        "src/lib/other.ts": "export const other = { WORD: 1 };\n",
    }
    assert types(await opened.check(both, PATH)) == []
    (there,) = types(await opened.check({PATH: use}, PATH))
    assert there == "warning Property 'WORD' does not exist on type 'string'"


async def test_javascript_is_checked_for_names(opened: OpenApp) -> None:
    code = """
    import { useState } from "react";
    export default function Sample({ title, size }) {
      const [n, setN] = useState(0);
      const later = () => { setN(n + size); return nothing; };
      return <p title={title} onMouseEnter={later}>{n.toFixed(1)}</p>;
    }
    """
    checked = await check(opened, code, "src/components/Plain.jsx")
    assert types(checked) == ["error Cannot find name 'nothing'"]


async def test_letters_beyond_ascii_do_not_move_places(opened: OpenApp) -> None:
    checked = await check(
        opened, 'const word = "äöü 🙂";\nexport const f = () => word + /* 🙂 */ gone;\nexport default () => <p />;\n'
    )
    (error,) = checked.errors
    assert error.location
    assert (error.location.line, error.location.column, error.location.length) == (2, 40, 4)


async def test_types_that_never_resolve_hold_nobody_up(opened: OpenApp) -> None:
    code = """
    type Grow<T extends any[], N> = T["length"] extends N ? T : Grow<[...T, ...T, any], N>;
    type Deep<T> = { [K in keyof T]: Deep<Deep<T>> };
    type Many<A extends string> = `${A}${A}` extends infer B extends string ? Many<B> : never;
    export const a: Many<"a"> = null as any;
    export const b: Grow<[], 999> = null as any;
    export default () => <p>fine</p>;
    """
    began = time.perf_counter()
    checked = await check(opened, code)
    assert checked.passed
    assert time.perf_counter() - began < 8
    assert types(await check(opened, "export const f = () => gone;\nexport default () => <p />;")) == [
        "error Cannot find name 'gone'"
    ]


async def test_aliases(opened: OpenApp) -> None:
    await put(opened, "src/lib/word.ts", "export const word = String(1);\n")
    await put(opened, "src/lib/more.ts", 'export { word } from "./word";\n')
    use = 'import { word } from "@/lib/more";\nexport const f = () => word.size;\nexport default () => <p />;\n'
    assert types(await check(opened, use)) == ["warning Property 'size' does not exist on type 'string'"]


async def test_without_the_tools_it_says_so(own_cache: Path, tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    try:
        info = await engine.handle(Open(folder="shop", create=True))
        assert isinstance(info, AppInfo)
        opened = OpenApp(await engine.app(info.app))
        checked = await check(opened, "export const f = () => gone;\nexport default () => <p>fine</p>;")
        assert checked.passed
        assert checked.untyped == "TypeScript is not installed yet."
    finally:
        await engine.close()


def packages(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        file = root / "node_modules" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


OTHER_REACT = {
    "react/package.json": '{ "name": "react", "version": "17.0.2" }',
    "react/index.js": "export const createElement = () => null;",
    "react/jsx-runtime.js": "export const jsx = () => null, jsxs = jsx, Fragment = null;",
    "react/jsx-dev-runtime.js": "export const jsxDEV = () => null, Fragment = null;",
    "react-dom/package.json": '{ "name": "react-dom", "version": "17.0.2" }',
    "react-dom/index.js": "export default {};",
    "react-dom/client.js": "export const createRoot = () => null;",
}


@pytest.mark.parametrize(
    ("types_of_react", "says"),
    [
        ({}, "The types of React are not installed."),
        (
            {"@types/react/package.json": '{ "version": "17.0.1" }', "@types/react/index.d.ts": "export const a: 1;"},
            "The types of React that are installed do not fit together.",
        ),
    ],
    ids=["none", "broken"],
)
async def test_without_the_types_of_react_it_says_so(
    engine: Engine, root: Path, types_of_react: dict[str, str], says: str
) -> None:
    (root / "src").mkdir(parents=True)
    packages(root, OTHER_REACT | types_of_react)
    info = await engine.handle(Open(folder=root.name))
    assert isinstance(info, AppInfo)
    opened = OpenApp(await engine.app(info.app))
    checked = await check(opened, "export const f = () => gone;\nexport default () => <p>fine</p>;")
    assert checked.untyped == says
    assert [d for d in checked.diagnostics if d.kind == "type"] == []


async def test_react_18_and_the_types_of_packages(engine: Engine) -> None:
    shutil.copytree(SHADCN, engine.workspace / "shadcn")
    info = await engine.handle(Open(folder="shadcn"))
    assert isinstance(info, AppInfo)
    opened = OpenApp(await engine.app(info.app))
    code = (SHADCN / "src/App.tsx").read_text()
    assert types(await check(opened, code, "src/Copy.tsx")) == []
    late = 'import { cn as names } from "@/lib/utils";\nexport const late = () => names("a").lenght;\n'
    assert types(await check(opened, late + code, "src/Copy.tsx")) == [
        "error Property 'lenght' does not exist on type 'string' | Did you mean 'length'?"
    ]


async def test_it_costs_little(shop: OpenApp) -> None:
    times, own = [], []
    code = body("return items.length;")
    await shop.surroundings()
    for n in range(10):
        began = time.perf_counter()
        checked = await check(shop, code.replace("never", f"never{n}"))
        times.append((time.perf_counter() - began) * 1000)
        own.append(checked.timings["types"])
        assert checked.passed
    assert sorted(times)[5] <= 300 or os.getloadavg()[0] > 4, (times, own)
