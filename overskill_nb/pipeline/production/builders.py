"""Several builders, so that an app whose build does not end keeps no other from being built."""

from __future__ import annotations

from collections.abc import Callable

from .builder import Builder


class Builders:
    """Each app goes to the builder that knows it, unless that one is busy with another app."""

    def __init__(self, make: Callable[[], Builder], count: int) -> None:
        self.all = [make() for _ in range(count)]
        self._known: dict[str, Builder] = {}

    def of(self, root: str) -> Builder:
        """The builder to ask for this app."""
        known = self._known.get(root)
        if known is None or (known.waiting and known.root != root):
            # A process that runs before one that is to be started.
            known = min(self.all, key=lambda builder: (builder.waiting, builder.pid is None, builder is not known))
            self._known[root] = known
        return known

    async def close(self) -> None:
        """End them all."""
        for builder in self.all:
            await builder.close()
