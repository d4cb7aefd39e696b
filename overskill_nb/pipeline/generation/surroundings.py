"""What an app has that a model should use, as the worker finds it."""

from __future__ import annotations

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
