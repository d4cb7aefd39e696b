"""What a check finds, and what the code that it runs cannot reach."""

from __future__ import annotations

import asyncio
import os
import textwrap
import time
from pathlib import Path

import msgspec
import pytest
from app_files import files

from overskill_nb.pipeline import Engine
from overskill_nb.pipeline.generation.check import Act, Checked
from overskill_nb.pipeline.generation.open_app import OpenApp

PATH = "src/components/Sample.tsx"


async def check(opened: OpenApp, code: str, **more: bool) -> Checked:
    return await opened.check({PATH: textwrap.dedent(code).lstrip("\n")}, PATH, **more)


def brief(checked: Checked) -> list[str]:
    return [
        f"{d.severity} {d.kind} {d.message}{f' ({d.location.line}:{d.location.column})' if d.location else ''}"
        for d in [*checked.errors, *checked.warnings]
    ]


async def test_a_component_passes(opened: OpenApp, root: Path, engine: Engine, app: str) -> None:
    live = await engine.app(app)
    before = files(root)
    checked = await check(
        opened,
        """
        import { useEffect, useState } from "react";
        export default function Sample({ title = "Tasks" }: { title?: string }) {
          const [items, setItems] = useState<string[]>([]);
          useEffect(() => { document.title = title; }, [title]);
          return (
            <form onSubmit={(e) => { e.preventDefault(); setItems([...items, "x"]); }}>
              <h2>{title}</h2>
              <label>New <input name="task" /></label>
              <button>Add</button>
              <ul>{items.map((item, n) => <li key={n}>{item}</li>)}</ul>
            </form>
          );
        }
        """,
    )
    assert checked.passed, brief(checked)
    assert brief(checked) == []
    assert checked.rendered == 2
    assert (
        checked.text == '- form\n  - heading "Tasks" [level=2]\n  - New\n  - textbox "New"\n  - button "Add"\n  - list'
    )
    snapshot = msgspec.json.decode(await live.ask("snapshot"))
    assert PATH not in [module["id"] for module in snapshot["modules"]]
    assert files(root) == before


async def test_what_is_thrown_leads_to_its_line(opened: OpenApp) -> None:
    checked = await check(
        opened,
        """
        export default function Sample() {
          const user: any = null;
          return <p>{user.name}</p>;
        }
        """,
    )
    assert brief(checked) == ["error render TypeError: Cannot read properties of null (reading 'name') (3:19)"]
    assert "> 3 |   return <p>{user.name}</p>;" in checked.errors[0].frame
    assert checked.errors[0].location
    assert checked.errors[0].location.file == PATH


HEAD = 'import { useEffect, useState } from "react";\nexport default function Sample() {\n'


@pytest.mark.parametrize(
    ("code", "kind", "says", "line"),
    [
        ('throw new Error("at once");\nexport default () => <p />;', "module", "at once", 1),
        (HEAD + "  return <p>{nothing}</p>;\n}", "render", "nothing is not defined", 3),
        (
            HEAD + '  useEffect(() => {\n    throw new Error("in effect");\n  }, []);\n  return <p />;\n}',
            "render",
            "in effect",
            4,
        ),
        (
            HEAD + '  return <button onClick={() => {\n    throw new Error("pressed");\n  }}>Go</button>;\n}',
            "runtime",
            "pressed",
            4,
        ),
        (
            HEAD
            + '  useEffect(() => {\n    setTimeout(() => {\n      throw new Error("later");\n    }, 0);\n  }, []);\n'
            "  return <p />;\n}",
            "runtime",
            "later",
            5,
        ),
        (
            HEAD
            + '  useEffect(() => {\n    void Promise.reject(new Error("promised"));\n  }, []);\n  return <p />;\n}',
            "runtime",
            "promised",
            4,
        ),
        (
            HEAD + "  const [n, setN] = useState(0);\n  setN(n + 1);\n  return <p>{n}</p>;\n}",
            "render",
            "Too many re-renders",
            2,
        ),
        (
            HEAD
            + "  const [n, setN] = useState(0);\n  useEffect(() => {\n    setN(n + 1);\n  });\n  return <p>{n}</p>;\n}",
            "render",
            "Maximum update depth exceeded",
            5,
        ),
        (HEAD + "  let n = 0;\n  while (true) n++;\n}", "render", "did not end", 4),
        (HEAD + "  return <p>{{ a: 1 } as any}</p>;\n}", "render", "not valid as a", 2),
        (HEAD + "  return <div><p></div>;\n}", "syntax", "", 3),
        ('import { a } from "./gone";\nexport default () => <p>{a}</p>;', "resolve", "Cannot find './gone'", 1),
        ('import _ from "not-there";\nexport default () => <p>{_.a}</p>;', "install", "not-there", 1),
        ("export const a = 1;", "resolve", "no export that is the component", 1),
        ("export default 3;", "module", "is not a component", 0),
    ],
    ids=[
        *["top", "render", "effect", "handler", "timer", "promise", "rerender", "depth", "loop", "object"],
        *["syntax", "file", "package", "none", "number"],
    ],
)
async def test_faults(opened: OpenApp, code: str, kind: str, says: str, line: int) -> None:
    checked = await check(opened, code, mend=False)
    assert not checked.passed
    errors = [error for error in checked.errors if says in error.message]
    assert errors, brief(checked)
    assert errors[0].kind == kind
    if line:
        assert errors[0].location
        assert (errors[0].location.file, errors[0].location.line) == (PATH, line)
        assert kind == "resolve" or errors[0].frame


async def test_what_react_finds_untidy_is_a_warning(opened: OpenApp) -> None:
    checked = await check(
        opened, "export default function Sample() {\n  return <ul>{[1, 2].map((n) => <li>{n}</li>)}</ul>;\n}"
    )
    assert checked.passed
    assert brief(checked) == ['warning render Each child in a list should have a unique "key" prop. (2:33)']


async def test_props_are_made_from_their_types(opened: OpenApp) -> None:
    code = """
    type Status = "open" | "done";
    interface Item { id: number; name: string; when?: Date; tags: string[] }
    interface Props {
      title: string;
      items: Item[];
      status: Status;
      onPick(item: Item): void;
      footer?: React.ReactNode;
      sizes: Record<string, number>;
    }
    export default function Sample({ title, items, status, onPick, footer, sizes }: Props) {
      return (
        <section>
          <h1>{title.toUpperCase()} {status === "open" ? "yes" : "no"} {sizes.a.toFixed(1)}</h1>
          {items.map((i) => <button key={i.id} onClick={() => onPick(i)}>{i.name} {i.tags.join()}</button>)}
          {footer}
        </section>
      );
    }
    """
    bare = await check(opened, code)
    assert not bare.passed
    assert "Cannot read properties of undefined" in bare.errors[0].message
    checked = await check(opened, code, bare=False)
    assert checked.passed, brief(checked)
    assert 'heading "TITLE yes 3.0" [level=1]' in checked.text
    assert 'button "name tag,tag 2"' in checked.text
    assert checked.rendered == 2


async def test_candidates_see_each_other_and_leave_nothing_behind(opened: OpenApp) -> None:
    files: dict[str, str | None] = {
        PATH: 'import { word } from "../lib/word";\nexport default () => <p>{word}</p>;\n',
        "src/lib/word.ts": 'export const word = "hello";\n',
    }
    assert (await opened.check(files, PATH)).text == "- hello"
    alone = await opened.check({PATH: files[PATH]}, PATH)
    assert [error.kind for error in alone.errors] == ["resolve"]
    assert (await opened.check(files | {"src/lib/word.ts": 'export const word = "again";\n'}, PATH)).text == "- again"


async def test_a_check_follows_the_app(opened: OpenApp, engine: Engine, app: str) -> None:
    from overskill_nb.protocol import FileChange

    code = 'import { word } from "../word";\nexport default () => <p>{word}</p>;\n'
    for word in ("one", "two"):
        await opened.change([FileChange(path="src/word.ts", content=f'export const word = "{word}";\n')], "python")
        assert (await opened.check({PATH: code}, PATH)).text == f"- {word}"


async def test_what_the_browser_has_and_a_page_without_one_lacks(opened: OpenApp) -> None:
    checked = await check(
        opened,
        """
        import { useEffect, useRef, useState } from "react";
        import { createPortal } from "react-dom";
        export default function Sample() {
          const canvas = useRef<HTMLCanvasElement>(null);
          const [users, setUsers] = useState<string[]>([]);
          useEffect(() => {
            const context = canvas.current!.getContext("2d")!;
            context.fillStyle = "red";
            context.fillRect(0, 0, 10, 10);
            const sound = new AudioContext();
            sound.createOscillator().connect(sound.destination);
            fetch("/users").then((r) => r.json()).then(setUsers);
            new WebSocket("ws://x").onmessage = () => undefined;
            localStorage.setItem("a", "1");
            const seen = new ResizeObserver(() => undefined);
            seen.observe(canvas.current!);
            return () => seen.disconnect();
          }, []);
          return (
            <>
              <canvas ref={canvas} />
              <button onClick={() => { if (confirm("Sure?")) alert(localStorage.getItem("a")); }}>Ask</button>
              <button onClick={() => navigator.clipboard.writeText("a")}>Copy</button>
              {users.length} {window.matchMedia("(min-width: 1px)").matches ? "wide" : "narrow"}
              {createPortal(<p>Over</p>, document.body)}
            </>
          );
        }
        """,
    )
    assert checked.passed, brief(checked)


ESCAPE = 'const p = (setTimeout as any).constructor("return process")();'


@pytest.mark.parametrize(
    "attempt",
    [
        "JSON.stringify(p.env)",
        'p.getBuiltinModule("fs").readFileSync("/etc/passwd", "utf8")',
        'p.binding("fs")',
        'p.mainModule.require("fs").readFileSync("/etc/passwd", "utf8")',
        'p.getBuiltinModule("child_process").execSync("id").toString()',
        "p.kill(p.ppid, 9)",
    ],
)
async def test_code_that_gets_out_of_its_page_finds_nothing(opened: OpenApp, attempt: str) -> None:
    checked = await check(
        opened,
        f"""
        {ESCAPE}
        let found = "";
        try {{ found = String({attempt}); }} catch (error) {{ found = `refused: ${{(error as Error).message}}`; }}
        export default function Sample() {{ return <p>{{found}}</p>; }}
        """,
    )
    assert checked.text == "- {}" or checked.text.startswith("- refused"), checked.text


async def test_code_that_gets_out_has_no_files_and_no_network(opened: OpenApp, tmp_path: Path) -> None:
    visits = 0

    def visit(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal visits
        visits += 1
        writer.close()

    server = await asyncio.start_server(visit, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    secret = tmp_path / "secret"
    secret.write_text("hush")
    made = tmp_path / "made"
    load = 'new ((setTimeout as any).constructor)("name", "return import(name)")'
    checked = await check(
        opened,
        f"""
        import {{ useEffect, useState }} from "react";
        const load = {load};
        async function attempt(name: string, work: (module: any) => unknown) {{
          try {{ return `${{name}}: ${{String(await work(await load(name)))}}`; }}
          catch (error) {{ return `${{name}}: refused`; }}
        }}
        export const found = await Promise.all([
          attempt("node:fs", (m) => m.readFileSync({str(secret)!r}, "utf8")),
          attempt("node:fs", (m) => m.writeFileSync({str(made)!r}, "x")),
          attempt("node:child_process", (m) => m.execSync("id")),
          attempt("node:worker_threads", (m) => new m.Worker("1", {{ eval: true }})),
          attempt("node:net", (m) => m.connect({port}, "127.0.0.1")),
          attempt("node:http", (m) => m.get("http://127.0.0.1:{port}/")),
          attempt("node:net", (m) => new m.Socket().connect({port}, "127.0.0.1")),
          attempt("node:dns", (m) => m.promises.lookup("localhost")),
          attempt("node:dgram", (m) => m.createSocket("udp4")),
        ]);
        export default function Sample() {{
          const [n] = useState(0);
          useEffect(() => {{ void fetch("http://127.0.0.1:{port}/"); }}, []);
          return <ul>{{found.map((f, i) => <li key={{i}}>{{f}}</li>)}}{{n}}</ul>;
        }}
        """,
    )
    lines = [line.strip("- ") for line in checked.text.splitlines() if ":" in line]
    assert not [line for line in lines if not line.endswith("refused")], checked.text or brief(checked)
    await asyncio.sleep(0.1)
    server.close()
    assert visits == 0
    assert not made.exists()


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("async function f() { for (;;) await null; }\nf();\nexport default () => <p />;", "did not end|kept busy"),
        (
            'const source = "while (true) {}";\nnew Function(source)();\nexport default () => <p />;',
            "kept busy for",
        ),
        (
            "const all: any[] = [];\nfor (;;) all.push(new Array(1e6).fill(1));\nexport default () => <p />;",
            "memory|end",
        ),
        (f"{ESCAPE}\np.exit(0);\nexport default () => <p />;", "could not be rendered"),
    ],
    ids=["microtasks", "hidden", "memory", "exit"],
)
async def test_code_that_does_not_end_is_stopped_and_the_next_check_works(
    opened: OpenApp, code: str, says: str
) -> None:
    import re

    checked = await check(opened, code)
    assert not checked.passed
    assert re.search(says, checked.errors[0].message), brief(checked)
    assert (await check(opened, "export default () => <p>fine</p>;")).text == "- fine"


async def test_a_warm_check_takes_little(opened: OpenApp) -> None:
    times = []
    for n in range(12):
        began = time.perf_counter()
        assert (await check(opened, f"export default () => <button>{n}</button>;")).passed
        times.append((time.perf_counter() - began) * 1000)
    # The machine may be busy: what it takes at best is what it takes.
    assert min(times[2:]) <= 300, times
    assert sorted(times[2:])[5] <= 300 or os.getloadavg()[0] > 4, times


async def test_what_is_hidden_is_not_in_the_text(opened: OpenApp) -> None:
    code = """
    export default function Sample() {
      return (
        <>
          <p hidden>one</p>
          <p style={{ display: "none" }}>two</p>
          <p className="mt-2 hidden">three</p>
          <p className="invisible">four</p>
          <p className="hidden md:block">wide</p>
          <p className="overflow-hidden">cut</p>
          <details><summary>More</summary><p>five</p></details>
          <details open><summary>Less</summary><p>open</p></details>
        </>
      );
    }
    """
    checked = await opened.check({PATH: textwrap.dedent(code)}, PATH, steps=[Act(do="click", name="More")])
    assert checked.text == "- wide\n- cut\n- More\n- Less\n- open"
    assert "- five" in checked.after[0]


async def test_steps_show_whether_it_does_what_it_should(opened: OpenApp) -> None:
    code = """
    import { useState } from "react";
    export default function Sample() {
      const [items, setItems] = useState(["milk"]);
      const [text, setText] = useState("");
      const [size, setSize] = useState("s");
      return (
        <form onSubmit={(e) => { e.preventDefault(); setItems([...items, text]); setText(""); }}>
          <label>New task <input value={text} onChange={(e) => setText(e.target.value)} /></label>
          <select aria-label="Size" value={size} onChange={(e) => setSize(e.target.value)}>
            <option value="s">Small</option><option value="l">Large</option>
          </select>
          <button>Add</button>
          <ul>{items.map((item) => <li key={item}>{item}</li>)}</ul>
          <output>{size}</output>
          <button type="button" onClick={() => { throw new Error("no"); }}>Fail</button>
        </form>
      );
    }
    """
    steps = [
        Act(do="fill", name="New task", value="bread"),
        Act(do="click", name="add", role="button"),
        Act(do="fill", name="New task", value="eggs"),
        Act(do="press", name="New task", value="Enter"),
        Act(do="choose", name="Size", value="Large"),
    ]
    checked = await opened.check({PATH: textwrap.dedent(code)}, PATH, steps=steps)
    assert checked.passed, brief(checked)
    assert ['textbox "New task": bread' in text for text in checked.after] == [True, False, False, False, False]
    assert ["- bread" in text for text in checked.after] == [False, True, True, True, True]
    assert ["- eggs" in text for text in checked.after] == [False, False, False, True, True]
    assert "- l" in checked.after[-1].splitlines()[-2]
    failing = await opened.check({PATH: textwrap.dedent(code)}, PATH, steps=[Act(do="click", name="Fail")])
    assert "error runtime Error: no" in brief(failing)[0] or "error runtime no" in brief(failing)[0]
    absent = await opened.check({PATH: textwrap.dedent(code)}, PATH, steps=[Act(do="click", name="Nowhere")])
    assert "There is no element 'Nowhere' to click" in brief(absent)[0]
