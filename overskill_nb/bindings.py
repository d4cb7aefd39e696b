"""What an app is given at run time, by environment: public values and secrets. Neither is part of what is built."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from . import protocol_deployments as wire
from .deployment import ENVIRONMENTS, checked_environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from .session import Session

T = TypeVar("T")


class ByEnvironment(Mapping[str, T], Generic[T]):
    """One thing for each environment, by its name."""

    def __init__(self, make: Callable[[wire.Environment], T]) -> None:
        self._make = make

    def __getitem__(self, environment: str) -> T:
        return self._make(checked_environment(environment))

    def __iter__(self) -> Iterator[str]:
        return iter(ENVIRONMENTS)

    def __len__(self) -> int:
        return len(ENVIRONMENTS)

    def __repr__(self) -> str:
        return "\n".join(f"{environment}: {self[environment]!r}" for environment in self)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)


class Variables(MutableMapping[str, str]):
    """The public values of one environment: what the app reads as ``import.meta.env.NAME`` there.

    A change takes effect with the next deployment to the environment. Anybody who opens the app can read them.
    """

    def __init__(self, session: Session, app: str, environment: wire.Environment) -> None:
        self._session = session
        self._app = app
        self._environment = environment

    def _values(self) -> dict[str, str]:
        return self._session.call(
            wire.GetVariables(app=self._app, environment=self._environment), wire.Variables
        ).values

    def _set(self, values: dict[str, str | None]) -> None:
        request = wire.SetVariables(app=self._app, environment=self._environment, values=values)
        self._session.call(request, wire.Variables)

    def __getitem__(self, name: str) -> str:
        return self._values()[name]

    def __setitem__(self, name: str, value: str) -> None:
        self.update({name: value})

    def __delitem__(self, name: str) -> None:
        if name not in self._values():
            raise KeyError(name)
        self._set({name: None})

    def update(self, *others: Any, **more: str) -> None:
        """Set several at once."""
        values: dict[str, str] = dict(*others, **more)
        for name, value in values.items():
            if not isinstance(value, str):
                raise TypeError(f"the value of '{name}' is a {type(value).__name__}, not a str")
        self._set(dict(values))

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._values()))

    def __len__(self) -> int:
        return len(self._values())

    def __repr__(self) -> str:
        return repr(dict(sorted(self._values().items())))

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)


class Secrets(Collection[str]):
    """The secrets of one environment, which only the app's own Worker code sees. They can be set, not read."""

    def __init__(self, session: Session, app: str, environment: wire.Environment) -> None:
        self._session = session
        self._app = app
        self._environment = environment

    def set(self, name: str, value: str | None = None) -> None:
        """Hand in a secret, in effect at once. Without a value it is asked for, so that no notebook holds it."""
        if value is None:
            from getpass import getpass

            value = getpass(f"{name} for {self._environment}: ")
        if not isinstance(value, str):
            raise TypeError(f"the value of '{name}' is a {type(value).__name__}, not a str")
        request = wire.SetSecret(app=self._app, environment=self._environment, name=name, value=value)
        self._session.call(request, wire.Secrets)

    def delete(self, name: str) -> None:
        """Take a secret away. Raises KeyError where there is none of that name."""
        if name not in self:
            raise KeyError(name)
        request = wire.DeleteSecret(app=self._app, environment=self._environment, name=name)
        self._session.call(request, wire.Secrets)

    def _names(self) -> list[str]:
        return self._session.call(wire.ListSecrets(app=self._app, environment=self._environment), wire.Secrets).names

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._names()))

    def __len__(self) -> int:
        return len(self._names())

    def __contains__(self, name: object) -> bool:
        return name in self._names()

    def __repr__(self) -> str:
        return ", ".join(self) or "(no secrets)"


__all__ = ["ByEnvironment", "Secrets", "Variables"]
