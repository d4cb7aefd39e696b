"""What the worker built, and what previews were given of it: nothing may get lost between the two."""

from __future__ import annotations

import msgspec

from ..protocol import Diagnostic, Location
from .chunk import Chunk

ENVIRONMENT = "virtual:env"
NOTHING = msgspec.Raw(b"[]")
NO_PAGE = msgspec.Raw(b"null")


class Missing(msgspec.Struct):
    """A package that the sources import and the app lacks."""

    package: str
    specifier: str = ""
    location: Location | None = None


class Built(msgspec.Struct):
    """The worker's answer to ``build``: what changed. Modules and pages stay as the worker encoded them."""

    modules: msgspec.Raw = NOTHING
    removed: list[str] = []
    vendor: msgspec.Raw = NOTHING
    globals: list[str] | None = None
    page: msgspec.Raw = NO_PAGE
    reload: str = ""
    diagnostics: list[Diagnostic] = []
    missing: list[Missing] = []

    @property
    def empty(self) -> bool:
        """Whether it changes nothing in a preview."""
        return (
            bytes(self.modules) == bytes(NOTHING)
            and not self.removed
            and bytes(self.vendor) == bytes(NOTHING)
            and self.globals is None
            and bytes(self.page) == bytes(NO_PAGE)
            and not self.reload
        )

    def then(self, later: Built) -> Built:
        """This and what was built after it, as one."""
        if self.empty:
            return later
        again = {tag.id for tag in _tags(later.modules)}
        return Built(
            modules=_joined([raw for raw in _list(self.modules) if _tag(raw).id not in again], later.modules),
            removed=[*(module for module in self.removed if module not in again), *later.removed],
            vendor=_joined(_list(self.vendor), later.vendor),
            globals=self.globals if later.globals is None else later.globals,
            page=self.page if bytes(later.page) == bytes(NO_PAGE) else later.page,
            reload=later.reload or self.reload,
            diagnostics=later.diagnostics,
            missing=later.missing,
        )


class Resolved(msgspec.Struct):
    """The worker's answer to ``resolve``: where a component is."""

    module: str
    export: str
    diagnostics: list[Diagnostic]


class Kept(msgspec.Struct):
    """The worker's answer to ``snapshot``: the last good state."""

    page: msgspec.Raw
    entries: list[str]
    globals: list[str]
    modules: msgspec.Raw
    vendor: list[Chunk]
    diagnostics: list[Diagnostic]


class Shown:
    """What previews were given so far."""

    def __init__(self) -> None:
        self._modules: dict[str, str] = {}
        self._chunks: set[str] = set()
        self._globals: list[str] = []
        self._page = b""

    def note(self, built: Built) -> None:
        """An update was sent."""
        self._modules.update((tag.id, tag.hash) for tag in _tags(built.modules))
        for module in built.removed:
            self._modules.pop(module, None)
        chunks = {tag.id for tag in _tags(built.vendor)}
        self._chunks = chunks if chunks and built.reload else self._chunks | chunks
        if built.globals is not None:
            self._globals = built.globals
        if bytes(built.page) != bytes(NO_PAGE):
            self._page = bytes(built.page)

    def note_snapshot(self, kept: Kept) -> None:
        """A snapshot was sent."""
        self._modules = {tag.id: tag.hash for tag in _tags(kept.modules)}
        self._chunks = {chunk.id for chunk in kept.vendor}
        self._globals = kept.globals
        self._page = bytes(kept.page)

    def missed(self, kept: Kept) -> Built:
        """What previews lack of the worker's state: after its restart, or where its answer was not waited for."""
        there = _list(kept.modules)
        tags = [_tag(raw) for raw in there]
        changed = [tag.id for tag in tags if self._modules.get(tag.id) != tag.hash]
        known = bool(self._page)  # no preview before the first snapshot
        chunks = [chunk for chunk in kept.vendor if chunk.id not in self._chunks]
        reload = ""
        if known and (chunks or ENVIRONMENT in changed):
            reload = "The app was compiled anew."
        return Built(
            modules=_joined([raw for raw, tag in zip(there, tags, strict=True) if tag.id in changed], NOTHING),
            removed=sorted(self._modules.keys() - {tag.id for tag in tags}),
            vendor=msgspec.Raw(msgspec.json.encode(chunks)),
            globals=kept.globals if kept.globals != self._globals else None,
            page=kept.page if known and bytes(kept.page) != self._page else NO_PAGE,
            reload=reload,
            diagnostics=kept.diagnostics,
        )


class _Tag(msgspec.Struct):
    id: str
    hash: str = ""


_tags = msgspec.json.Decoder(list[_Tag]).decode
_tag = msgspec.json.Decoder(_Tag).decode
_list = msgspec.json.Decoder(list[msgspec.Raw]).decode


def _joined(items: list[msgspec.Raw], more: msgspec.Raw) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode([*items, *_list(more)])) if items else more
