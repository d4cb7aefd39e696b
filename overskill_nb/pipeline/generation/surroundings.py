"""What an app has that a model should use, as the worker finds it."""

from __future__ import annotations

import re

import msgspec


class Component(msgspec.Struct):
    """A component of the app."""

    path: str
    name: str
    isDefault: bool  # noqa: N815 - the worker's name
    props: str


class Helper(msgspec.Struct):
    """Something else that a module of the app exports."""

    path: str
    name: str


class Surroundings(msgspec.Struct):
    """What a model is told of an app."""

    components: list[Component] = []
    helpers: list[Helper] = []
    packages: dict[str, str] = {}
    tailwind: int | None = None
    tokens: list[str] = []
    icons: list[str] = []
    iconPackage: str = ""  # noqa: N815
    alias: bool = False
    react: str | None = None

    def mentioned(self, text: str) -> Surroundings:
        """Without the components and helpers that a text does not name, but for the app's own building blocks.

        A small model uses whatever it is told of.
        """

        def named(one: Component | Helper) -> bool:
            words = r"[\s_-]?".join(re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+", one.name))
            return re.search(rf"\b{words}s?\b", text, re.IGNORECASE) is not None

        blocks = [one for one in self.components if "/ui/" in one.path]
        return msgspec.structs.replace(
            self,
            components=[one for one in self.components if named(one) or one in blocks[:12]],
            helpers=[one for one in self.helpers if named(one)],
        )
