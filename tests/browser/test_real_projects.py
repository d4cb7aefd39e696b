"""Projects of the outside world, opened with App.open, previewed and edited in JupyterLab."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from playwright.async_api import expect

from overskill_nb.pipeline import node

from .conftest import Host
from .jupyter import PATIENT

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]

PROJECTS = Path(__file__).parent.parent / "projects"
OPEN = "import overskill_nb as ov\napp = ov.App.open('project')"


def create_vite(target: Path, template: str) -> None:
    """A template out of the npm package create-vite, as ``npm create vite`` would copy it."""
    found = node.find()
    assert found is not None
    packed = subprocess.run(
        [*found.npm, "pack", "create-vite@latest", "--json"],
        cwd=target.parent,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    answer = json.loads(packed)
    first = answer[0] if isinstance(answer, list) else next(iter(answer.values()))
    with tarfile.open(target.parent / first["filename"]) as archive:
        # The filter came with a patch release; what is unpacked is a package of the registry's, into a scratch folder.
        archive.extractall(target.parent, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    shutil.copytree(target.parent / "package" / template, target)
    (target / "_gitignore").rename(target / ".gitignore")


@pytest.mark.parametrize("template", ["template-react-ts", "template-react"])
async def test_the_template_of_create_vite_is_previewed_and_edited(lab: Host, template: str) -> None:
    folder = lab.root / template
    folder.mkdir(parents=True)
    create_vite(folder / "project", template)
    before = {path: path.read_bytes() for path in (folder / "project").rglob("*") if path.is_file()}
    notebook = await lab.open(template, OPEN, "app.preview()")
    for number in (0, 1):
        outcome = await notebook.run_cell(number)
        assert outcome.ok, outcome.error
    frame = await notebook.frame_with("button")
    button = frame.locator("button").first
    for _ in range(3):
        await button.click()
    await expect(button).to_contain_text("3", timeout=PATIENT * 1000)
    source = "src/App.tsx" if template.endswith("ts") else "src/App.jsx"
    text = (folder / "project" / source).read_text()
    assert "Count is" in text
    outcome = await notebook.run(f"app.edit('{source}', 'Count is', 'Pressed')")
    assert outcome.ok, outcome.error
    await frame.wait_for_function("document.querySelector('button').textContent.includes('Pressed 3')")
    await frame.wait_for_function(
        "document.images.length > 0 && [...document.images].every(image => image.naturalWidth > 0)"
    )
    assert not notebook.errors
    # Opening and previewing a project changes nothing in it.
    after = {path: path.read_bytes() for path in (folder / "project").rglob("*") if path.is_file()}
    assert {path.name for path in before if before[path] != after.get(path)} == {Path(source).name}
    assert before.keys() == after.keys()


async def test_a_shadcn_style_app_on_radix_and_tailwind_3(lab: Host) -> None:
    folder = lab.root / "shadcn"
    shutil.copytree(PROJECTS / "shadcn", folder / "project")
    notebook = await lab.open("shadcn", OPEN, "preview = app.preview(height=500)\npreview")
    for number in (0, 1):
        outcome = await notebook.run_cell(number)
        assert outcome.ok, outcome.error
    frame = await notebook.frame_with("#count")
    assert await frame.text_content("#greeting") == "Hello from .env (development)"
    assert await frame.text_content("#note") == "A raw text."
    assert (await frame.get_attribute("#note", "data-url") or "").startswith("data:text/plain")
    await notebook.wait_text(frame, "#badge", "3 items")
    style = (
        "e => { const s = getComputedStyle(document.querySelector(e)); return [s.backgroundColor, s.borderRadius]; }"
    )
    assert await frame.evaluate(style, "#badge") == ["rgb(219, 234, 254)", "9999px"]
    assert await frame.evaluate(style, "#count") == ["rgb(36, 99, 235)", "6px"]
    await frame.wait_for_function("document.querySelector('#logo').naturalWidth === 16")
    for _ in range(3):
        await frame.click("#count")
    await notebook.wait_text(frame, "#count", " count 3")
    await frame.click("#open")
    await frame.wait_for_selector("[role=dialog]")
    assert await frame.evaluate("getComputedStyle(document.querySelector('[role=dialog]')).animationName") == "enter"
    await frame.click("[role=dialog] button")
    await frame.wait_for_selector("[role=dialog]", state="detached")
    # A class never seen before, in a component that others import: no reload, state kept.
    outcome = await notebook.run("app.edit('src/components/ui/button.tsx', 'bg-primary text', 'bg-fuchsia-700 text')")
    assert outcome.ok, outcome.error
    await frame.wait_for_function(
        "getComputedStyle(document.querySelector('#count')).backgroundColor === 'rgb(162, 28, 175)'"
    )
    assert await frame.text_content("#count") == " count 3"
    await notebook.prints("print(preview.status, preview.errors)", "live []\n")
