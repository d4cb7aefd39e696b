"""Comments on pull requests, which are issues where comments are concerned."""

from __future__ import annotations

import sqlite3
from typing import Any

from .accounts import simple_user
from .address import LOGIN
from .api import OfRepository
from .database import now
from .refusal import ApiError, not_found


class OfComments(OfRepository):
    def shown(self, row: sqlite3.Row) -> dict[str, Any]:
        page = f"{self.html_url}/pull/{row['number']}"
        return {
            "id": row["id"],
            "node_id": f"IC_{row['id']}",
            "url": f"{self.url}/issues/comments/{row['id']}",
            "html_url": f"{page}#issuecomment-{row['id']}",
            "issue_url": f"{self.url}/issues/{row['number']}",
            "user": simple_user(self.state, LOGIN),
            "body": row["body"],
            "created_at": row["created_at"],
            "updated_at": row["updated_at"],
            "author_association": "OWNER",
            "performed_via_github_app": None,
        }


class Comments(OfComments):
    def prepare(self) -> None:
        super().prepare()
        known = self.state.database.one(
            "SELECT id FROM pulls WHERE repository = ? AND number = ?",
            self.repository.id,
            int(self.path_kwargs["number"] or 0),
        )
        if known is None:
            raise not_found()

    def get(self, number: str, **_: str) -> None:
        rows = self.state.database.all(
            "SELECT * FROM comments WHERE repository = ? AND number = ? ORDER BY id", self.repository.id, int(number)
        )
        self.answer([self.shown(row) for row in self.page(rows)])

    def post(self, number: str, **_: str) -> None:
        body = self.fields().get("body")
        if not isinstance(body, str) or not body:
            raise ApiError(422, 'Invalid request.\n\n"body" wasn\'t supplied.')
        at = now()
        made = self.state.database.insert(
            "comments", repository=self.repository.id, number=int(number), body=body, created_at=at, updated_at=at
        )
        row = self.state.database.one("SELECT * FROM comments WHERE id = ?", made)
        assert row is not None
        shown = self.shown(row)
        self.set_header("Location", shown["url"])
        self.answer(shown, 201)
