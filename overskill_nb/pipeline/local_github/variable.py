"""Variables of Actions: values that everybody who sees the repository may read."""

from __future__ import annotations

from typing import Any

from .api import OfRepository
from .database import now
from .refusal import ApiError, not_found
from .repositories import Repository
from .secret import MAX_BYTES, check_name
from .state import State


def of_run(state: State, repository: Repository) -> dict[str, str]:
    """A repository's variables."""
    rows = state.database.all("SELECT name, value FROM variables WHERE repository = ? ORDER BY name", repository.id)
    return {row["name"]: row["value"] for row in rows}


class OfVariables(OfRepository):
    def find(self, name: str) -> Any:
        return self.state.database.one(
            "SELECT * FROM variables WHERE repository = ? AND name = ?", self.repository.id, name.upper()
        )

    def value(self, given: dict[str, Any]) -> str:
        value = given.get("value")
        if not isinstance(value, str):
            raise ApiError(422, 'Invalid request.\n\n"value" wasn\'t supplied.')
        if len(value.encode()) > MAX_BYTES:
            raise ApiError(422, "Variable value is too large")
        return value


class Variables(OfVariables):
    def get(self, **_: str) -> None:
        rows = self.state.database.all("SELECT * FROM variables WHERE repository = ? ORDER BY name", self.repository.id)
        self.answer({"total_count": len(rows), "variables": [_shown(row) for row in self.page(rows)]})

    def post(self, **_: str) -> None:
        given = self.fields()
        name, value, at = check_name(str(given.get("name", "")), "Variable"), self.value(given), now()
        if self.find(name):
            raise ApiError(409, "Already exists - Variable already exists")
        self.state.database.run("INSERT INTO variables VALUES (?, ?, ?, ?, ?)", self.repository.id, name, value, at, at)
        self.answer({}, 201)


class OneVariable(OfVariables):
    def get(self, name: str, **_: str) -> None:
        self.answer(_shown(self._known(name)))

    def patch(self, name: str, **_: str) -> None:
        row, given = self._known(name), self.fields()
        value = self.value(given) if "value" in given else row["value"]
        to = check_name(str(given["name"]), "Variable") if "name" in given else row["name"]
        if to != row["name"] and self.find(to):
            raise ApiError(409, "Already exists - Variable already exists")
        self.state.database.run(
            "UPDATE variables SET name = ?, value = ?, updated_at = ? WHERE repository = ? AND name = ?",
            to,
            value,
            now(),
            self.repository.id,
            row["name"],
        )
        self.nothing()

    def delete(self, name: str, **_: str) -> None:
        row = self._known(name)
        self.state.database.run(
            "DELETE FROM variables WHERE repository = ? AND name = ?", self.repository.id, row["name"]
        )
        self.nothing()

    def _known(self, name: str) -> Any:
        row = self.find(name)
        if row is None:
            raise not_found()
        return row


def _shown(row: Any) -> dict[str, Any]:
    return {name: row[name] for name in ("name", "value", "created_at", "updated_at")}
