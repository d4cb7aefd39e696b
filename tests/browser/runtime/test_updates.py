"""The runtime in a real browser: starting, hot updates, modules."""

from __future__ import annotations

import pytest

from .conftest import both, each
from .preview import Preview
from .samples import APP, COUNTER, FILES, LABEL, MAIN

pytestmark = pytest.mark.asyncio(loop_scope="session")


@both
async def test_app_starts(preview: Preview) -> None:
    await preview.show(FILES)
    live = await preview.heard("live")
    assert live["seq"] == 0
    assert live["outcome"] == "reloaded"
    await preview.shows("button", "count: 0")
    assert await preview.frame.evaluate("document.title + document.documentElement.lang") == "Appen"
    assert await preview.all("failed") == []
    assert await preview.all("error") == []


@both
async def test_edit_keeps_state(preview: Preview) -> None:
    await preview.show(FILES)
    await preview.click("button", 3)
    await preview.shows("button", "count: 3")
    ack = await preview.edit({"src/Counter.tsx": COUNTER.replace("{label}:", "{label} is")})
    assert ack["outcome"] == "applied", ack
    assert await preview.text("button") == "count is 3"
    assert (await preview.heard("live", 2))["outcome"] == "applied"


@each
async def test_shared_module_reaches_its_importers(preview: Preview) -> None:
    await preview.show(FILES)
    await preview.click("button", 2)
    await preview.shows("button", "count: 2")
    ack = await preview.edit({"src/label.ts": LABEL.replace("count", "sum")})
    assert ack["outcome"] == "applied", ack
    assert await preview.text("button") == "sum: 2"


async def test_stylesheet_is_replaced_in_place(preview: Preview) -> None:
    await preview.show(FILES)
    await preview.click("button")
    await preview.edit({"src/app.css": "h1 { color: rgb(4, 5, 6) }"})
    color = await preview.frame.evaluate("getComputedStyle(document.querySelector('h1')).color")
    assert color == "rgb(4, 5, 6)"
    assert await preview.frame.evaluate("document.querySelectorAll('style[data-overskill]').length") == 1
    assert await preview.text("button") == "count: 1"


async def test_new_file_comes_with_the_edit(preview: Preview) -> None:
    await preview.show(FILES)
    await preview.click("button")
    extra = 'import { useState } from "react"; export const Extra = () => <i>{useState("new")[0]}</i>;'
    preview.files["src/Extra.tsx"] = extra
    app = APP.replace("<Counter />", "<Counter /><Extra />") + 'import { Extra } from "./Extra";'
    ack = await preview.edit({"src/Extra.tsx": extra, "src/App.tsx": app})
    assert ack["outcome"] == "applied"
    assert await preview.text("i") == "new"
    assert await preview.text("button") == "count: 1"


async def test_entry_change_asks_for_a_restart(preview: Preview) -> None:
    await preview.show(FILES)
    ack = await preview.edit({"src/main.tsx": MAIN + "\nconsole.log(1);"})
    assert ack == {"type": "restart", "reason": "src/main.tsx was changed, which starts the app"}


async def test_export_that_is_no_component_goes_to_the_importers(preview: Preview) -> None:
    await preview.show(FILES)
    await preview.click("button")
    ack = await preview.edit({"src/Counter.tsx": COUNTER + "\nexport const five = 5;"})
    assert ack["outcome"] == "applied"
    assert await preview.text("button") == "count: 1"
    ack = await preview.edit({"src/Counter.tsx": COUNTER.replace("{label}:", "{label}!") + "\nexport const five = 6;"})
    assert ack["outcome"] == "applied"
    assert await preview.text("button") == "count! 1"


async def test_changed_hooks_mount_anew(preview: Preview) -> None:
    await preview.show(FILES)
    await preview.click("button")
    await preview.edit({"src/Counter.tsx": COUNTER.replace("const [n,", "useState(1); const [n,")})
    assert await preview.text("button") == "count: 0"


async def test_sequence(preview: Preview) -> None:
    await preview.show(FILES)
    await preview.edit({"src/label.ts": LABEL.replace("count", "one")})
    await preview.send(preview.update(modules=preview.compile({"src/label.ts": LABEL})))
    assert await preview.text("button") == "one: 0"
    preview.seq += 1
    restart = await preview.edit({"src/label.ts": LABEL})
    assert restart == {"type": "restart", "reason": "an update was lost"}


async def test_other_build_asks_for_a_restart(preview: Preview) -> None:
    await preview.show(FILES)
    preview.build = "b2"
    assert (await preview.edit({"src/label.ts": LABEL}))["type"] == "restart"


async def test_snapshot_for_a_running_frame_is_an_update(preview: Preview) -> None:
    await preview.show(FILES)
    await preview.click("button", 2)
    files = {**FILES, "src/label.ts": LABEL.replace("count", "again")}
    vendor = [preview.vendor]
    preview.build, preview.seq = "b2", 7
    await preview.send(preview.snapshot(files, vendor=vendor))
    assert (await preview.acknowledged(7))["outcome"] == "applied"
    assert await preview.text("button") == "again: 2"


async def test_packages_that_came_ahead_run_once_they_are_named(preview: Preview) -> None:
    await preview.show(FILES, ahead=True)
    await preview.click("button")
    assert await preview.text("button") == "count: 1"


async def test_packages_that_came_ahead_and_are_not_named_do_not_run(preview: Preview) -> None:
    await preview.show(FILES)
    code = '__overskill__.define("vendor", (function(location) { document.title = "ran"; }));'
    await preview.send_chunk({"id": "ab", "code": code})
    await preview.edit({"src/label.ts": LABEL})
    assert await preview.frame.title() != "ran"


async def test_packages_that_throw_are_missed_by_those_who_want_them(preview: Preview) -> None:
    await preview.show(FILES)
    code = '__overskill__.define("vendor", (function(location) { throw new Error("no storage"); }));'
    await preview.edit({"src/label.ts": LABEL}, vendor=[{"id": "ab", "code": code}])
    assert (await preview.heard("error"))["error"]["message"] == "no storage"


async def test_update_that_does_not_compile_changes_nothing(preview: Preview) -> None:
    await preview.show(FILES)
    await preview.click("button")
    ack = await preview.edit(diagnostics=[{"severity": "error"}])
    assert ack["outcome"] == "applied"
    assert await preview.text("button") == "count: 1"


async def test_reload_and_page_ask_for_a_restart(preview: Preview) -> None:
    await preview.show(FILES)
    assert (await preview.edit(reload="packages have changed"))["reason"] == "packages have changed"
    assert (await preview.edit(page={"title": "Other"}))["reason"] == "index.html was changed"


async def test_lazy_component(preview: Preview) -> None:
    files = {
        "src/main.tsx": MAIN,
        "src/App.tsx": """
            import { lazy, Suspense } from "react";
            const Page = lazy(() => import("./Page"));
            export default function App() { return <Suspense fallback="wait"><Page /></Suspense>; }
        """,
        "src/Page.tsx": COUNTER.replace("export function Counter", "export default function Page"),
        "src/label.ts": LABEL,
    }
    await preview.show(files)
    await preview.click("button", 2)
    await preview.shows("button", "count: 2")
    ack = await preview.edit({"src/Page.tsx": files["src/Page.tsx"].replace("{label}:", "{label} is now")})
    assert ack["outcome"] == "applied"
    assert await preview.text("button") == "count is now 2"


async def test_circle_of_imports(preview: Preview) -> None:
    files = {
        "src/main.tsx": 'import { a } from "./a"; document.body.textContent = a();',
        "src/a.ts": 'import { b } from "./b"; export function a() { return "a" + b(); } export const one = 1;',
        "src/b.ts": 'import { one } from "./a"; export function b() { return "b" + one; }',
    }
    await preview.show(files)
    assert await preview.text("body") == "ab1"


async def test_export_star_and_namespaces(preview: Preview) -> None:
    files = {
        "src/main.tsx": """
            import * as all from "./all"; import { y } from "./all";
            const name = Object.prototype.toString.call(all);
            document.body.textContent = JSON.stringify([Object.keys(all).sort(), y, all.z, name, import.meta.url]);
        """,
        "src/all.ts": 'export * from "./x"; export * as inner from "./x"; export const z = 3;',
        "src/x.ts": "export const x = 1; export const y = 2; export const z = 9; export default 5;",
    }
    await preview.show(files)
    expected = '[["inner","x","y","z"],2,3,"[object Module]","overskill:///src/main.tsx"]'
    assert await preview.text("body") == expected


async def test_environment(preview: Preview) -> None:
    files = {
        "src/main.tsx": "document.body.textContent = import.meta.env.MODE + typeof import.meta.hot;",
        "virtual:env": 'export default { MODE: "development" };',
    }
    await preview.show(files)
    assert await preview.text("body") == "developmentobject"


async def test_top_level_await(preview: Preview) -> None:
    files = {
        "src/main.tsx": MAIN,
        "src/App.tsx": 'import { data } from "./data"; export default function App() { return <p>{data}</p>; }',
        "src/data.ts": 'const later = await new Promise(r => setTimeout(r, 30, "loaded")); export const data = later;',
    }
    await preview.show(files)
    await preview.shows("p", "loaded")
    ack = await preview.edit({"src/data.ts": files["src/data.ts"].replace("loaded", "again")})
    assert ack["outcome"] == "applied"
    assert await preview.text("p") == "again"


async def test_hot_accept(preview: Preview) -> None:
    files = {
        "src/main.tsx": """
            import { value } from "./value";
            const show = v => { document.body.textContent = v; };
            show(value);
            import.meta.hot.accept("./value", m => show("got " + m.value));
        """,
        "src/value.ts": """
            export const value = "one";
            import.meta.hot.dispose(data => { data.count = (data.count ?? 0) + 1; });
            console.log("disposed " + (import.meta.hot.data.count ?? 0));
        """,
        "src/self.ts": "",
    }
    await preview.show(files)
    assert await preview.text("body") == "one"
    ack = await preview.edit({"src/value.ts": files["src/value.ts"].replace("one", "two")})
    assert ack["outcome"] == "applied"
    assert await preview.text("body") == "got two"
    assert await preview.lines() == ["disposed 0", "disposed 1"]


async def test_hot_invalidate_and_self_accept(preview: Preview) -> None:
    files = {
        "src/main.tsx": 'import "./mid"; import.meta.hot.accept(); console.log("main");',
        "src/mid.ts": """
            export const x = 1; console.log("mid");
            import.meta.hot.accept(() => { if (x) import.meta.hot.invalidate(); });
        """,
    }
    await preview.show(files)
    ack = await preview.edit({"src/mid.ts": files["src/mid.ts"].replace('"mid"', '"mid 2"')})
    assert ack["outcome"] == "applied"
    assert await preview.lines() == ["mid", "main", "mid 2", "invalidate src/mid.ts", "main"]


async def test_removed_module_takes_its_styles_away(preview: Preview) -> None:
    await preview.show(FILES)
    app = APP.replace('import "./app.css";', "")
    await preview.edit({"src/App.tsx": app}, removed=("src/app.css",))
    assert await preview.frame.evaluate("document.querySelectorAll('style[data-overskill]').length") == 0
