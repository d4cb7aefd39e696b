"""Drive the visual editor as a person would: with the mouse and the keyboard."""

from __future__ import annotations

import asyncio
from pathlib import Path

from playwright.async_api import Frame, Locator, expect

from .conftest import Host
from .jupyter import PATIENT, Notebook, until

CARD = """\
import { useState } from "react";
interface Props {
  /** Shown at the top. */
  title: string;
  tone?: "plain" | "warm" | "cold";
  count?: number;
  open?: boolean;
  tags?: string[];
  accentColor?: string;
  children?: React.ReactNode;
}
export function Card({ title, tone = "plain", count = 0, open = true, tags = [], accentColor, children }: Props) {
  const [id] = useState(() => Math.random());
  return (
    <section className="card border p-4" data-tone={tone} data-id={id} style={{ borderColor: accentColor }}>
      <h2>{title} {count}</h2>
      <p>{tags.join("+")}</p>
      {open && <div className="inside">{children}</div>}
    </section>
  );
}
"""
COUNTER = """\
import { useState } from "react";
export function Counter({ label = "Count" }: { label?: string }) {
  const [count, setCount] = useState(0);
  return <button className="counter" onClick={() => setCount(count + 1)}>{label}: {count}</button>;
}
"""
PAGE = """\
import { useState } from "react";
import { Card } from "./components/Card";

export default function App() {
  const [people] = useState(["Ada", "Grace"]);
  return (
    <main className="p-6">
      <h1 className="text-xl md:text-5xl">Hello page</h1>
      {/* Kept as it is. */}
      <Card   title="First" tone="warm" />
      <Card title="Second" onDoubleClick={() => console.log("hi")}>
        <p>Inside</p>
      </Card>
      <ul>
        {people.map((name) => <li key={name}>{name}</li>)}
      </ul>
      {people.length > 1 ? <b>many</b> : <b>few</b>}
    </main>
  );
}
"""
FILES = {"src/components/Card.tsx": CARD, "src/components/Counter.tsx": COUNTER, "src/App.tsx": PAGE}


class Desk:
    """A notebook with an app, its editor, and a person at it."""

    frame: Frame

    def __init__(self, notebook: Notebook, folder: Path) -> None:
        self.notebook = notebook
        self.folder = folder

    @classmethod
    async def open(
        cls,
        host: Host,
        folder: str,
        *,
        theme: str = "",
        before: str = "",
        page: str = PAGE,
        more: dict[str, str] | None = None,
    ) -> Desk:
        """Open the editor of the root page in a new notebook; ``before`` is run first, ``more`` are files by path."""
        files = FILES | {"src/App.tsx": page} | (more or {})
        source = f"import overskill_nb as ov\napp = ov.App('shop')\napp.write({files!r})"
        notebook = await host.open(folder, source, theme=theme)
        outcome = await notebook.run_cell(0)
        assert outcome.ok, outcome.error
        desk = cls(notebook, host.root / folder / "shop")
        if before:
            assert (await notebook.run(before)).ok
        await desk.show()
        return desk

    async def show(self) -> None:
        """Run a cell that shows the editor, and wait for its canvas."""
        outcome = await self.notebook.run("editor = app.editor()\neditor")
        assert outcome.ok, outcome.error
        self.frame = await self.notebook.frame_with("[data-overskill-canvas] h1")
        await self.field_panel.wait_for()
        await self.frame.get_by_text("Hello page").wait_for()
        await asyncio.sleep(0.3)

    # ------------------------------------------------------------------------------------------------- what is seen

    @property
    def canvas(self) -> Locator:
        return self.frame.locator("[data-overskill-canvas]")

    @property
    def field_panel(self) -> Locator:
        return self.frame.get_by_role("complementary", name="Properties")

    def field(self, label: str) -> Locator:
        """The control of a property."""
        return self.frame.locator(f'[data-overskill-field="{label}"]')

    def palette(self, name: str) -> Locator:
        """What is dragged from the palette."""
        return self.frame.locator(f'[data-overskill-card="{name}"]').last

    @property
    def selection(self) -> Locator:
        """What the panel says is selected."""
        return self.field_panel.get_by_role("heading")

    def button(self, name: str) -> Locator:
        """A button that the notebook page itself shows."""
        return self.notebook.page.get_by_role("button", name=name, exact=True)

    def source(self) -> str:
        """The page's file."""
        return (self.folder / "src/App.tsx").read_text("utf-8")

    async def says(self, word: str) -> None:
        """Wait until the toolbar says whether the page is saved."""
        await expect(self.notebook.page.locator(".saved").first).to_have_text(word, timeout=PATIENT * 1000)

    async def writes(self, expected: str) -> None:
        """Wait until the page's file is this."""
        try:
            await until(lambda: asyncio.sleep(0, self.source() == expected))
        except AssertionError as error:
            raise AssertionError(f"the page's file is\n{self.source()}\nand not\n{expected}") from error

    # ------------------------------------------------------------------------------------------------ what is done

    async def select(self, text: str) -> None:
        await self.canvas.get_by_text(text, exact=True).click()
        await self.frame.get_by_role("button", name="Duplicate").first.wait_for()

    async def drag(self, source: Locator, target: Locator, shows: str, *, at: float = 0.5) -> None:
        """From the middle of one to another, until the canvas has what ``shows`` selects: where it would go.

        ``at`` is how far down in the target.
        """
        start, end = await source.bounding_box(), await target.bounding_box()
        assert start is not None
        assert end is not None
        x, y = start["x"] + min(20, start["width"] / 2), start["y"] + start["height"] / 2
        to_x, to_y = end["x"] + min(40, end["width"] / 2), end["y"] + end["height"] * at
        mouse = self.notebook.page.mouse
        await mouse.move(x, y)
        await mouse.down()
        for step in range(1, 16):
            await mouse.move(x + (to_x - x) * step / 15, y + (to_y - y) * step / 15)
            await asyncio.sleep(0.03)

        async def seen() -> bool:
            await mouse.move(to_x + 2, to_y)
            await mouse.move(to_x, to_y)
            return await self.canvas.locator(shows).count() > 0

        await asyncio.sleep(0.2)
        await until(seen)
        await asyncio.sleep(0.2)
        await mouse.up()

    async def write(self, path: str, text: str) -> None:
        """Change a file as another program would."""
        (self.folder / path).write_text(text, "utf-8")
