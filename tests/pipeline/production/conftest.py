"""What builds for deployment are tested with: the real builder, and apps on disk."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from overskill_nb.errors import BuildError
from overskill_nb.pipeline.artefacts import Artefact, ArtefactStore
from overskill_nb.pipeline.node import Node
from overskill_nb.pipeline.packages import Packages
from overskill_nb.pipeline.production import Production
from overskill_nb.pipeline.production.builder import Limits
from overskill_nb.pipeline.project import Project

MAIN = """
import { createRoot } from "react-dom/client";
import App from "./App";
createRoot(document.getElementById("root")!).render(<App />);
"""
APP = {
    "index.html": "<!doctype html>\n<html>\n  <head>\n    <title>Tips</title>\n  </head>\n  <body>\n"
    '    <div id="root"></div>\n    <script type="module" src="/src/main.tsx"></script>\n  </body>\n</html>\n',
    "package.json": '{"name": "tips", "dependencies": {"react": "^19.2.0", "react-dom": "^19.2.0"}}',
    "src/main.tsx": MAIN,
    "src/App.tsx": "export default function App() {\n  return <h1>Tips</h1>;\n}\n",
}


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Put files into a folder."""
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


class Bench:
    """Builds apps, and shows what came of it."""

    def __init__(self, folder: Path, node: Node, tools: Path, modules: Path, limits: Limits | None = None) -> None:
        self.root = folder / "app"
        self.modules = modules
        self.store = ArtefactStore(folder / "store")
        self.production = Production(node, tools, folder / "cache", self.store, limits)
        self.lines: list[str] = []

    async def build(
        self, files: dict[str, str | bytes] | None = None, *, root: Path | None = None, modules: Path | None = None
    ) -> Artefact:
        """Build the app with these files in it."""
        write(root or self.root, {**APP, **(files or {})})
        return await self.production.build(
            root or self.root, modules or self.modules, app="tips-1", on_line=self.lines.append
        )

    async def refused(self, files: dict[str, str | bytes], **more: Path) -> str:
        """All that a build which must fail says."""
        with pytest.raises(BuildError) as caught:
            await self.build(files, **more)
        told = [str(caught.value)]
        for problem in caught.value.diagnostics:
            told += [problem.message, problem.frame, problem.hint, str(problem.location)]
        return "\n".join(told)

    def text(self, artefact: Artefact, path: str) -> str:
        """What is served at a path; the first that begins and ends like it, where there is a star."""
        return self.store.read(self.find(artefact, path)).decode()

    def find(self, artefact: Artefact, path: str) -> str:
        before, _, after = path.partition("*")
        found = [
            f
            for f in artefact.files
            if f.path == path or (after and f.path.startswith(before) and f.path.endswith(after))
        ]
        assert found, f"{path} is not among {[file.path for file in artefact.files]}"
        return found[0].sha256

    def everything(self, artefact: Artefact) -> bytes:
        """All that the artefact holds: files, source maps, the Worker."""
        hashes = [file.sha256 for file in [*artefact.files, *self.store.maps(artefact.id)]]
        return b"\n".join(
            self.store.read(sha256) for sha256 in [*hashes, *([artefact.worker] if artefact.worker else [])]
        )


Make = Callable[..., Bench]


@pytest.fixture(scope="session")
def modules(cache: Path, node: Node, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder whose node_modules has React."""
    root = write(tmp_path_factory.mktemp("packages"), APP)
    return asyncio.run(Packages(Project.open(root), node, lambda _: None).ensure())


@pytest.fixture
async def make(tmp_path: Path, node: Node, tools: Path, modules: Path) -> AsyncIterator[Make]:
    async with contextlib.AsyncExitStack() as stack:

        def make(name: str = "one", limits: Limits | None = None) -> Bench:
            bench = Bench(tmp_path / name, node, tools, modules, limits)
            stack.push_async_callback(bench.production.close)
            return bench

        yield make


@pytest.fixture
async def bench(make: Make) -> Bench:
    return make()
