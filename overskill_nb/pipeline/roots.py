"""What an app is compiled from: the targets of previews, and what its visual editor may show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..protocol import Origin

CANVAS = "?canvas"
"""What follows a page's path in the module that its editor shows."""


class Roots:
    """Modules that are compiled with all they reach, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._offered: dict[str, bool] = {}
        """Module to whether nobody but the editor asked for it."""

    def __iter__(self) -> Iterator[str]:
        return iter(self._offered)

    def __len__(self) -> int:
        return len(self._offered)

    def __contains__(self, module: str) -> bool:
        return module in self._offered

    @property
    def has_canvas(self) -> bool:
        """Whether an editor shows a page."""
        return any(module.endswith(CANVAS) for module in self._offered)

    def new(self, modules: Iterable[str]) -> list[str]:
        """Those that are none yet."""
        return [module for module in dict.fromkeys(modules) if module not in self._offered]

    def add(self, modules: Iterable[str], offered: bool) -> None:
        """What somebody asked for stays, whatever the editor does with it. A canvas is only the editor's."""
        for module in modules:
            self._offered[module] = module.endswith(CANVAS) or (offered and self._offered.get(module, True))

    def forget(self, files: Iterable[Mapping[str, Any]], origin: Origin) -> list[str]:
        """Drop what lies in files that a build is told are gone, where that is no error of the app; gives the modules.

        It is none of what the editor only offers, nor of components that were tried by prompt and taken back.
        """
        gone = {item["path"] for item in files if item.get("content", "") is None}
        dropped = [
            module
            for module, offered in self._offered.items()
            if module.partition("?")[0] in gone and (offered or origin == "prompt")
        ]
        for module in dropped:
            del self._offered[module]
        return dropped
