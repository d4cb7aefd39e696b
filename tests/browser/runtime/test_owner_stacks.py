"""An update spares React the owner stacks; what they are for still works."""

from __future__ import annotations

import pytest

from .preview import Preview

pytestmark = pytest.mark.asyncio(loop_scope="session")

APP = """import { captureOwnerStack } from "react";
const Row = ({ n }) => { seen.push(captureOwnerStack()); return <li>{n}</li>; };
const seen = (globalThis.seen = []);
export function App() { return <ul id="rows"><Row n={1} /></ul>; }
"""
MAIN = (
    'import { createRoot } from "react-dom/client"; import { App } from "./App";\n'
    'createRoot(document.getElementById("root")!).render(<App />);'
)


async def test_what_the_first_render_made_keeps_its_owner_stack_and_what_an_update_adds_has_none(
    preview: Preview,
) -> None:
    await preview.show({"src/main.tsx": MAIN, "src/App.tsx": APP})
    await preview.shows("#rows", "1")
    assert "App.tsx" in (await preview.frame.evaluate("seen.at(-1)"))
    await preview.edit({"src/App.tsx": APP.replace("<Row n={1} />", "<Row n={2} /><Row n={3} />")})
    assert await preview.text("#rows") == "2\n3"
    await preview.edit({"src/App.tsx": APP.replace("<Row n={1} />", "<Row n={4} />")})
    assert "App.tsx" in (await preview.frame.evaluate("seen.at(-1)"))
    await preview.edit({"src/App.tsx": APP.replace("<Row n={1} />", "<p><Row n={5} /></p>")})
    assert await preview.text("#rows") == "5"
    assert not (await preview.frame.evaluate("seen.at(-1)"))


async def test_a_warning_of_an_update_names_the_component(preview: Preview) -> None:
    await preview.show({"src/main.tsx": MAIN, "src/App.tsx": APP})
    await preview.shows("#rows", "1")
    await preview.edit({"src/App.tsx": APP.replace("<Row n={1} />", "{[3, 4].map((n) => <Row n={n} />)}")})
    assert await preview.text("#rows") == "3\n4"
    lines = await preview.lines()
    assert any("key" in line and "App" in line for line in lines), lines
