"""Trials: fresh builds of apps, or of one of their components, for a headless browser; and renderings without one."""

from __future__ import annotations

import asyncio
import json
import os
import posixpath
import re
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import msgspec

from .. import config, diagnostics
from ..errors import BuildError
from ..protocol import Diagnostic
from ..protocol_trials import BuildTrial, Rendered, RenderOnce, Trial, TrialFile, TrialRequest, TrialResult
from .built import Kept
from .node import Node
from .packages import Packages
from .project import Project

if TYPE_CHECKING:
    from .artefacts import Artefact, ArtefactStore
    from .live_app import LiveApp
    from .production import Production

Toolchain = Callable[[], Awaitable[tuple[Node, Path]]]
KINDS: tuple[type, ...] = get_args(TrialRequest)
ENTRY = "src/overskill-trial.jsx"
APP = "App"
KEPT_SECONDS = 60.0
"""How long a trial's files are there at least: until a browser has read them."""

_kept = msgspec.json.Decoder(Kept).decode


class _Checked(msgspec.Struct):
    """What the worker says of a component that it rendered."""

    module: str
    export: str
    text: str
    console: list[str]
    diagnostics: list[Diagnostic]


_checked = msgspec.json.Decoder(_Checked).decode

PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>{title}</title>
  </head>
  <body>
    <div id="root"></div>
    <script type="module" src="/{entry}"></script>
  </body>
</html>
"""
SCRIPT = """{styles}import {{ createElement }} from "react";
import {{ createRoot }} from "react-dom/client";
import * as module from {module};

const props = {props};
for (const name of {functions}) props[name] = async () => undefined;
createRoot(document.getElementById("root")).render(createElement(module[{export}] ?? module.default, props));
"""


class Trials:
    """Builds what is to be tried. What does the work is started by the first request."""

    def __init__(self, workspace: Path, toolchain: Toolchain, find: Callable[[str], Awaitable[LiveApp]]) -> None:
        self._folder = workspace / config.STATE_FOLDER / "trials"
        self._toolchain = toolchain
        self._find = find
        self._production: Production | None = None
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._turn = asyncio.Lock()

    async def handle(self, request: Any) -> TrialResult:
        """Answer one request. Raises OverskillError."""
        app = await self._find(request.app)
        if isinstance(request, RenderOnce):
            return await _render(app, request)
        assert isinstance(request, BuildTrial)
        module = export = ""
        if request.target:
            prepared = await app.prepare(request.target)
            if not prepared.module:
                raise BuildError(diagnostics.summary(prepared.diagnostics), prepared.diagnostics)
            module, export = prepared.module, prepared.export
        async with self._turn:
            root = app.project.root
            if module:
                styles = _kept(await app.ask("snapshot")).globals
                root = await asyncio.to_thread(self._alone, app.project, module, export, styles, request)
            artefact, store = await self._build(app, root)
        files = [
            TrialFile(path=file.path, content_type=file.content_type, file=str(store.path(file.sha256)))
            for file in artefact.files
        ]
        return Trial(module=module, export=export, files=files, allow=app.allow)

    async def _build(self, app: LiveApp, root: Path) -> tuple[Artefact, ArtefactStore]:
        from .artefacts import ArtefactStore
        from .production import Production

        node, tools = await self._toolchain()
        modules = await Packages(app.project, node, lambda _: None).ensure()
        if self._production is None:
            store = ArtefactStore(self._folder)
            self._production = Production(node, tools, config.cache_folder() / "bundles", store, processes=1)
        store = self._production.store
        artefact = await self._production.build(root, modules, app=app.project.id)
        await asyncio.to_thread(store.collect, {artefact.id}, grace=KEPT_SECONDS)
        return artefact, store

    def _alone(self, project: Project, module: str, export: str, styles: list[str], request: BuildTrial) -> Path:
        """A copy of the app whose page shows one component. The builder knows it by its folder: that stays the same."""
        if self._scratch is None:
            self._scratch = tempfile.TemporaryDirectory(prefix="overskill-trial-", ignore_cleanup_errors=True)
        root = Path(self._scratch.name) / project.id
        there = set(project.files())
        for path in set(Project(root).files()) - there if root.is_dir() else ():
            (root / path).unlink(missing_ok=True)
        for path in there:
            _copy(project.root / path, root / path)
        imports = "".join(f"import {json.dumps(_from_entry(style))};\n" for style in styles)
        script = SCRIPT.format(
            styles=imports,
            module=json.dumps(_from_entry(module)),
            export=json.dumps(export or "default"),
            props=json.dumps(request.props),
            functions=json.dumps(_function_props(request.functions)),
        )
        _write(root / ENTRY, script)
        _write(root / "index.html", PAGE.format(title=project.name, entry=ENTRY))
        return root

    async def close(self) -> None:
        """End what was started."""
        if self._production is not None:
            await self._production.close()
        if self._scratch is not None:
            await asyncio.to_thread(self._scratch.cleanup)


async def _render(app: LiveApp, request: RenderOnce) -> Rendered:
    answers = {"$": "function", "value": {"$": "promise"}}
    props = {**request.props, **dict.fromkeys(_function_props(request.functions), answers)}
    answer = await app.ask(
        "check",
        files=[],
        target=request.target or APP,
        bare=True,
        mend=False,
        render=True,
        poke=False,
        whole=True,
        props=props,
    )
    found = _checked(answer)
    return Rendered(
        module=found.module,
        export=found.export,
        text=found.text,
        console=found.console,
        diagnostics=found.diagnostics,
    )


def _function_props(names: Sequence[str]) -> list[str]:
    """For ``submit`` also ``onSubmit``, as in a live preview: ``js/src/runtime/props.ts``."""
    aliases = [f"on{name[:1].upper()}{name[1:]}" for name in names if not re.match(r"on[A-Z]", name)]
    return list(dict.fromkeys([*names, *aliases]))


def _from_entry(module: str) -> str:
    """A module of the app as the entry imports it."""
    if module.startswith("npm:"):
        return module.removeprefix("npm:")
    path = posixpath.relpath(module, posixpath.dirname(ENTRY))
    return path if path.startswith(".") else f"./{path}"


def _copy(source: Path, target: Path) -> None:
    """Nothing where it is there already: the builder goes by time and size."""
    try:
        stat = source.stat()
        if target.is_file():
            known = target.stat()
            if (known.st_mtime_ns, known.st_size) == (stat.st_mtime_ns, stat.st_size):
                return
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        os.utime(target, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    except FileNotFoundError:
        target.unlink(missing_ok=True)  # it went meanwhile


def _write(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.is_file() or target.read_text("utf-8") != text:
        target.write_text(text, "utf-8")


__all__ = ["KINDS", "Trials"]
