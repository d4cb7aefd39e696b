"""``import.meta.hot``, as Vite's documentation has it."""

from __future__ import annotations

import pytest

from .preview import Preview
from .samples import COUNTER, FILES

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_module_that_accepts_itself_gets_its_new_exports(preview: Preview) -> None:
    value = """export const value = "one"; console.log("ran " + value);
import.meta.hot.accept((module) => console.log(value + " took " + module.value));"""
    await preview.show({"src/main.tsx": 'import "./value"; console.log("main");', "src/value.ts": value})
    for word in ("two", "three"):
        assert (await preview.edit({"src/value.ts": value.replace("one", word)}))["outcome"] == "applied"
    lines = await preview.lines()
    assert lines == ["ran one", "main", "ran two", "one took two", "ran three", "two took three"]


async def test_accepted_dependencies_that_did_not_change_are_undefined(preview: Preview) -> None:
    main = """import { a } from "./a"; import { b } from "./b"; console.log("main " + a + b);
import.meta.hot.accept(["./a", "./b"], ([a, b]) => console.log("took " + a?.a + " " + b?.b));"""
    files = {
        "src/main.tsx": main,
        "src/a.ts": 'export const a = "a1";',
        "src/b.ts": 'import { c } from "./c"; export const b = "b" + c;',
        "src/c.ts": "export const c = 1;",
    }
    await preview.show(files)
    assert (await preview.edit({"src/a.ts": 'export const a = "a2";'}))["outcome"] == "applied"
    assert (await preview.edit({"src/c.ts": "export const c = 2;"}))["outcome"] == "applied"
    assert (await preview.edit({"src/a.ts": 'export const a = "a3";', "src/c.ts": "export const c = 3;"}))["outcome"]
    lines = await preview.lines()
    assert lines == ["main a1b1", "took a2 undefined", "took undefined b2", "took a3 b3"]


async def test_dispose_and_data_hand_over_from_version_to_version(preview: Preview) -> None:
    timer = """const data = import.meta.hot.data; data.runs = (data.runs ?? 0) + 1;
console.log("run " + data.runs + " left " + data.left);
import.meta.hot.dispose((data) => { data.left = "v1"; console.log("dispose"); });
import.meta.hot.accept();"""
    await preview.show({"src/main.tsx": 'import "./timer";', "src/timer.ts": timer})
    await preview.edit({"src/timer.ts": timer.replace("v1", "v2")})
    await preview.edit({"src/timer.ts": timer.replace("v1", "v3")})
    lines = await preview.lines()
    assert lines == ["run 1 left undefined", "dispose", "run 2 left v1", "dispose", "run 3 left v2"]


GONE = """export const gone = 1;
import.meta.hot.on("vite:beforePrune", ({ paths }) => console.log("before " + paths));
import.meta.hot.dispose(() => console.log("dispose")); import.meta.hot.prune(() => console.log("prune"));"""


async def test_prune_is_for_modules_that_nobody_imports_any_more(preview: Preview) -> None:
    app = 'import { gone } from "./gone"; export default function App() { return <p>{gone}</p>; }'
    await preview.show({**FILES, "src/App.tsx": app, "src/gone.ts": GONE})
    await preview.edit({"src/gone.ts": GONE + "\n"})
    without = "export default function App() { return <p>none</p>; }"
    assert (await preview.edit({"src/App.tsx": without}, removed=("src/gone.ts",)))["outcome"] == "applied"
    assert await preview.lines() == ["before src/gone.ts", "dispose", "prune"]


async def test_an_update_that_fails_prunes_nothing(preview: Preview) -> None:
    app = 'import { gone } from "./gone"; export default function App() { return <p>{gone}</p>; }'
    await preview.show({**FILES, "src/App.tsx": app, "src/gone.ts": GONE})
    bad = "export default function App() { throw new Error('broken'); }"
    assert (await preview.edit({"src/App.tsx": bad}, removed=("src/gone.ts",)))["outcome"] == "failed"
    assert "prune" not in await preview.lines()
    assert await preview.text("p") == "1"
    good = "export default function App() { return <p>none</p>; }"
    assert (await preview.edit({"src/App.tsx": good}))["outcome"] == "applied"
    assert (await preview.lines())[-3:] == ["before src/gone.ts", "dispose", "prune"]


async def test_invalidate_goes_on_to_the_importers_and_is_told(preview: Preview) -> None:
    files = {
        "src/main.tsx": """import "./mid"; import.meta.hot.accept(); console.log("main");
import.meta.hot.on("vite:invalidate", ({ path, message }) => console.log(path + " " + message));""",
        "src/mid.ts": """export const x = 1;
import.meta.hot.accept((module) => { if (module.x > 1) import.meta.hot.invalidate("too many"); });""",
    }
    await preview.show(files)
    assert (await preview.edit({"src/mid.ts": files["src/mid.ts"] + "\n;"}))["outcome"] == "applied"
    ack = await preview.edit({"src/mid.ts": files["src/mid.ts"].replace("x = 1", "x = 2")})
    assert ack["outcome"] == "applied"
    assert await preview.lines() == ["main", "src/mid.ts too many", "invalidate src/mid.ts: too many", "main"]


async def test_invalidate_with_nobody_above_to_take_it_is_a_restart(preview: Preview) -> None:
    mid = "export const x = 1; import.meta.hot.accept(() => import.meta.hot.invalidate());"
    await preview.show({"src/main.tsx": 'import "./mid";', "src/mid.ts": mid})
    restart = await preview.edit({"src/mid.ts": mid.replace("x = 1", "x = 2")})
    assert restart == {"type": "restart", "reason": "src/main.tsx was changed, which starts the app"}


async def test_decline_does_nothing(preview: Preview) -> None:
    counter = COUNTER + "\nimport.meta.hot.decline();"
    await preview.show({**FILES, "src/Counter.tsx": counter})
    await preview.click("button", 2)
    await preview.shows("button", "count: 2")
    ack = await preview.edit({"src/Counter.tsx": counter.replace("{label}:", "{label} is")})
    assert ack["outcome"] == "applied"
    assert await preview.text("button") == "count is 2"


async def test_events_around_an_update_and_listeners_that_go_with_their_version(preview: Preview) -> None:
    label = """export const label = "count"; const { hot } = import.meta;
const say = (version, event) => (payload) => console.log(version + " " + event + " " + payload.type);
for (const event of ["beforeUpdate", "afterUpdate", "beforeFullReload", "error"])
  hot.on("vite:" + event, say("v1", event));
const off = say("off", ""); hot.on("vite:afterUpdate", off); hot.off("vite:afterUpdate", off); hot.send("custom", 1);"""
    await preview.show({**FILES, "src/label.ts": label})
    await preview.edit({"src/label.ts": label.replace("v1", "v2")})
    await preview.edit(diagnostics=[{"severity": "error", "message": "x", "location": None, "frame": ""}])
    await preview.edit({"src/main.tsx": FILES["src/main.tsx"] + ";"})
    assert await preview.lines() == [
        "v1 beforeUpdate update",
        "v2 afterUpdate update",
        "v2 error error",
        "v2 beforeFullReload full-reload",
    ]


async def test_a_handler_that_throws_does_not_stop_the_update(preview: Preview) -> None:
    value = """export const value = 1; import.meta.hot.accept(() => { throw new Error("handler"); });
import.meta.hot.dispose(() => { throw new Error("dispose"); });"""
    await preview.show({"src/main.tsx": 'import "./value";', "src/value.ts": value})
    assert (await preview.edit({"src/value.ts": value.replace("1", "2")}))["outcome"] == "applied"
    await preview.heard("error", 2)
    assert [m["error"]["message"] for m in await preview.all("error")] == ["dispose", "handler"]
