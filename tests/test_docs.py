"""The documentation: its examples run and print what it says, it builds, and it is complete and self-contained."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from page_cells import DOCS, PAGES, ROOT, cells

import overskill_nb

WITH_CELLS = [page for page in PAGES if any(cell.runs for cell in cells(page))]
BEGINNING = """
import overskill_nb as ov
app = ov.App("kitchen")
app.write("src/App.tsx", "export default function App() { return <main><h1>Kitchen</h1></main>; }")
"""
"""What the pages but the tutorial go on from."""


ANEW = """
%reset -f
import os
from overskill_nb import App, session
session.close()
App.current = None
os.chdir({folder!r})
os.environ["OVERSKILL_NOTEBOOK"] = {notebook!r}
%reset -f
"""
"""Between two pages: nothing of the one is there for the other."""


@pytest.fixture(scope="module")
def kernel(cache: Path, tools: Path, workerd: Path) -> Iterator[KernelManager]:
    """One for all pages: the start of a kernel costs more than most of them."""
    manager = KernelManager()
    reach = ("OVERSKILL_NB_URL", "OVERSKILL_NB_TOKEN", "OVERSKILL_NB_WORKSPACE", "JPY_PARENT_PID", "JPY_SESSION_NAME")
    alone = {name: value for name, value in os.environ.items() if name not in reach}
    manager.start_kernel(env={**alone, "OVERSKILL_NB_ENGINE": "kernel", "OVERSKILL_MODE": "replay"})
    yield manager
    manager.shutdown_kernel()


@pytest.mark.slow
@pytest.mark.parametrize("page", WITH_CELLS)
def test_the_examples_of_a_page_run_and_print_what_it_says(page: str, tmp_path: Path, kernel: KernelManager) -> None:
    shutil.copytree(ROOT / "notebooks/recordings", tmp_path / "recordings")
    found = [cell for cell in cells(page) if cell.runs]
    sources = [ANEW.format(folder=str(tmp_path), notebook=str(tmp_path / "02-generate.ipynb"))]
    if "ov.App(" not in found[0].source:
        sources.append(BEGINNING)
    sources += [cell.source for cell in found]
    document = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    client = NotebookClient(document, km=kernel, timeout=200)
    try:
        client.execute()
    finally:
        client.kc.stop_channels()
    for cell, ran in zip(reversed(found), reversed(document.cells), strict=False):
        if cell.output is not None:
            assert _printed(ran) == cell.output, f"docs/{page}:{cell.line}"


def _printed(cell: nbformat.NotebookNode) -> str:
    """What it prints; widgets are shown, not printed."""
    shown = "application/vnd.jupyter.widget-view+json"
    texts = [
        str(output.get("text") or output.get("data", {}).get("text/plain", ""))
        for output in cell.outputs
        if shown not in output.get("data", {})
    ]
    return "\n".join(text.rstrip("\n") for text in texts if text)


@pytest.mark.parametrize("page", PAGES)
def test_examples_that_do_not_run_are_python_all_the_same(page: str) -> None:
    for cell in cells(page):
        if not cell.runs and not cell.source.startswith("%"):
            ast.parse(cell.source)


class Links(HTMLParser):
    """What a page loads by itself, and where it leads."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids.add(given.get("id", ""))
        if tag in ("script", "img", "iframe", "source", "video"):
            self.loaded.append(given.get("src", ""))
        elif tag == "link" and not {"canonical", "next", "prev"} & {*given.get("rel", "").split()}:
            self.loaded.append(given.get("href", ""))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("mkdocs")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def _read(page: Path) -> Links:
    links = Links()
    links.feed(page.read_text("utf-8"))
    return links


def test_the_site_builds_and_has_every_page(site: Path) -> None:
    assert {page.replace(".md", ".html") for page in PAGES} <= {
        path.relative_to(site).as_posix() for path in site.rglob("*.html")
    }


def test_no_page_loads_anything_from_another_host(site: Path) -> None:
    for page in site.rglob("*.html"):
        assert not [url for url in _read(page).loaded if re.match(r"(https?:)?//", url)], page
    for style in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*['\"]?(https?:)?//", style.read_text("utf-8")), style


def test_every_public_name_is_in_the_reference(site: Path) -> None:
    ids = {one for page in (site / "reference").glob("*.html") for one in _read(page).ids}
    documented = {one.rpartition(".")[2] for one in ids if one.startswith("overskill_nb.")}
    assert {*overskill_nb.__all__} - {"__version__"} <= documented


def test_the_lists_of_the_reference_are_filled(site: Path) -> None:
    for page, expected in {
        "magics": ["%%component", "%%source", "%%generate", "%overskill"],
        "cli": ["overskill deploy", "overskill github sync", "overskill doctor"],
        "environment": ["OVERSKILL_MODEL", "CLOUDFLARE_API_TOKEN", "OVERSKILL_NB_ENGINE"],
        "rest": ["GET /status", "EngineInfo"],
        "errors": ["RecordingMissing"],
    }.items():
        text = (site / "reference" / f"{page}.html").read_text("utf-8")
        assert not [one for one in expected if one not in text]
        assert "<!-- reference" not in text


def test_no_picture_is_larger_than_200_kb() -> None:
    pictures = [path for path in (DOCS / "images").iterdir() if path.stat().st_size > 200_000]
    assert not pictures
