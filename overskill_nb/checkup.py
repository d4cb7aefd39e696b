"""Which engine this process talks to, why, and what is missing."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import os

from . import config, generation, session
from .protocol import EngineInfo, Inspect
from .widgets import bundle

_PACKAGES = ("jupyterlab", "notebook", "jupyter-server", "anywidget", "ipywidgets", "ipykernel")
_LATER = "not here yet; the first app that is opened installs it, or `overskill setup`"


@dataclasses.dataclass(frozen=True)
class Report:
    """What ``doctor()`` found. Prints as a few lines; the fields are for programs."""

    engine: str
    """``server`` or ``kernel``."""
    reason: str
    transport: str
    info: EngineInfo
    packages: dict[str, str]
    problems: list[str]
    model: str = ""
    """The one that requests without a name ask; empty where none is named here. The engine may know one."""
    mode: str = "auto"

    @property
    def healthy(self) -> bool:
        """Whether nothing is missing."""
        return not self.problems

    def __repr__(self) -> str:
        where = "the Jupyter server" if self.engine == "server" else "this kernel"
        node = f"{self.info.node}, {self.info.node_source}" if self.info.node else _LATER
        apps = ", ".join(f"{name} ({count} previews)" for name, count in self.info.apps.items())
        lines = [
            f"engine     in {where}, because {self.reason}",
            f"transport  {self.transport}",
            f"workspace  {self.info.workspace}",
            f"version    overskill-nb {self.info.version}, Python {self.info.python}",
            f"node       {node}",
            f"tools      {self.info.tools or _LATER}",
            f"packages   {', '.join(f'{name} {version}' for name, version in self.packages.items())}",
            f"apps       {apps or 'none open'}",
            f"models     {self.model or f'none named in {config.MODEL}'}; mode {self.mode}",
        ]
        lines += [f"missing    {problem}" for problem in self.problems] or ["missing    nothing"]
        return "\n".join(lines)


def doctor() -> Report:
    """Look at this process's session, its engine and the packages around them."""
    chosen = session.current()
    info = chosen.call(Inspect(), EngineInfo)
    problems = list(info.problems)
    if not bundle.PREVIEW.is_file():
        problems.append("The package was installed without its JavaScript; reinstall overskill-nb.")
    packages = {}
    for name in _PACKAGES:
        try:
            packages[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    transport = (
        "WebSocket to the server extension, comm messages where a page cannot open one"
        if chosen.host == "server"
        else "comm messages: no Jupyter server with overskill_nb is within reach"
    )
    named = os.environ.get(config.MODEL, "")
    return Report(chosen.host, chosen.reason, transport, info, packages, problems, named, generation.mode() or "auto")
