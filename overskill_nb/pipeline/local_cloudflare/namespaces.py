"""The calls on dispatch namespaces."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from .address import ACCOUNT
from .api import Handler
from .database import Namespace
from .envelope import ApiError


class Namespaces(Handler):
    """All of them."""

    def get(self, account: str) -> None:
        del account
        found = [shown(known, self) for known in self.state.database.namespaces()]
        self.answer(found, count=len(found), page=1, per_page=len(found), total_count=len(found))

    def post(self, account: str) -> None:
        del account
        name = checked(self.fields().get("name"))
        try:
            made = self.state.database.add_namespace(name)
        except sqlite3.IntegrityError as error:
            raise ApiError(409, 100117, f"A dispatch namespace '{name}' exists already.") from error
        self.answer(shown(made, self))


class OneNamespace(Handler):
    """One of them."""

    def get(self, account: str, namespace: str) -> None:
        del account
        self.answer(shown(self.state.database.namespace(namespace), self))

    def put(self, account: str, namespace: str) -> None:
        del account
        known = self.state.database.namespace(namespace)
        name = checked(self.fields().get("name"))
        try:
            self.answer(shown(self.state.database.rename_namespace(known.name, name), self))
        except sqlite3.IntegrityError as error:
            raise ApiError(409, 100117, f"A dispatch namespace '{name}' exists already.") from error

    patch = put

    def delete(self, account: str, namespace: str) -> None:
        del account
        self.state.database.delete_namespace(self.state.database.namespace(namespace).name)
        self.answer(None)


def checked(name: object) -> str:
    if not isinstance(name, str) or not re.match(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$", name):
        raise ApiError(400, 100118, "A namespace's name has letters, digits, '-' and '_' and at most 63 characters.")
    return name


def shown(namespace: Namespace, handler: Handler) -> dict[str, Any]:
    return {
        "namespace_id": namespace.id,
        "namespace_name": namespace.name,
        "created_on": namespace.created_on,
        "created_by": ACCOUNT,
        "modified_on": namespace.modified_on,
        "modified_by": ACCOUNT,
        "script_count": len(handler.state.database.scripts(namespace.name)),
        "trusted_workers": False,
    }
