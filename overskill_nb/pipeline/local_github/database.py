"""What the local GitHub remembers besides git's objects: one SQLite file that survives a kill at any moment."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS repositories (
  id INTEGER PRIMARY KEY AUTOINCREMENT, owner TEXT NOT NULL COLLATE NOCASE, name TEXT NOT NULL COLLATE NOCASE,
  private INTEGER NOT NULL, description TEXT, homepage TEXT, default_branch TEXT NOT NULL, archived INTEGER NOT NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL, pushed_at TEXT NOT NULL, numbers INTEGER NOT NULL DEFAULT 0,
  runs INTEGER NOT NULL DEFAULT 0, UNIQUE (owner, name));
CREATE TABLE IF NOT EXISTS protections (
  repository INTEGER NOT NULL REFERENCES repositories(id) ON DELETE CASCADE, branch TEXT NOT NULL,
  content TEXT NOT NULL, PRIMARY KEY (repository, branch));
CREATE TABLE IF NOT EXISTS secrets (
  repository INTEGER NOT NULL REFERENCES repositories(id) ON DELETE CASCADE, name TEXT NOT NULL, value TEXT NOT NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL, PRIMARY KEY (repository, name));
CREATE TABLE IF NOT EXISTS variables (
  repository INTEGER NOT NULL REFERENCES repositories(id) ON DELETE CASCADE, name TEXT NOT NULL, value TEXT NOT NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL, PRIMARY KEY (repository, name));
CREATE TABLE IF NOT EXISTS workflows (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repository INTEGER NOT NULL REFERENCES repositories(id) ON DELETE CASCADE,
  path TEXT NOT NULL, created_at TEXT NOT NULL, disabled INTEGER NOT NULL DEFAULT 0, UNIQUE (repository, path));
CREATE TABLE IF NOT EXISTS runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repository INTEGER NOT NULL REFERENCES repositories(id) ON DELETE CASCADE,
  workflow INTEGER NOT NULL REFERENCES workflows(id) ON DELETE CASCADE, number INTEGER NOT NULL,
  attempt INTEGER NOT NULL, content TEXT NOT NULL, status TEXT NOT NULL, conclusion TEXT, created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL, started_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS runs_by_repository ON runs (repository, id);
CREATE TABLE IF NOT EXISTS jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
  attempt INTEGER NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL, conclusion TEXT, created_at TEXT NOT NULL,
  started_at TEXT NOT NULL, completed_at TEXT);
CREATE INDEX IF NOT EXISTS jobs_by_run ON jobs (run, id);
CREATE TABLE IF NOT EXISTS steps (
  job INTEGER NOT NULL REFERENCES jobs(id) ON DELETE CASCADE, number INTEGER NOT NULL, name TEXT NOT NULL,
  status TEXT NOT NULL, conclusion TEXT, started_at TEXT, completed_at TEXT, PRIMARY KEY (job, number));
CREATE TABLE IF NOT EXISTS lines (
  job INTEGER NOT NULL REFERENCES jobs(id) ON DELETE CASCADE, step INTEGER NOT NULL, at TEXT NOT NULL,
  text TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS lines_by_job ON lines (job);
CREATE TABLE IF NOT EXISTS remarks (
  job INTEGER NOT NULL REFERENCES jobs(id) ON DELETE CASCADE, step INTEGER NOT NULL, level TEXT NOT NULL,
  message TEXT NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS pulls (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repository INTEGER NOT NULL REFERENCES repositories(id) ON DELETE CASCADE,
  number INTEGER NOT NULL, title TEXT NOT NULL, body TEXT, state TEXT NOT NULL, draft INTEGER NOT NULL,
  head TEXT NOT NULL, head_sha TEXT NOT NULL, base TEXT NOT NULL, base_sha TEXT NOT NULL, merge_sha TEXT,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL, closed_at TEXT, merged_at TEXT, UNIQUE (repository, number));
CREATE TABLE IF NOT EXISTS comments (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repository INTEGER NOT NULL REFERENCES repositories(id) ON DELETE CASCADE,
  number INTEGER NOT NULL, body TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
"""


def now() -> str:
    """The time as GitHub writes it."""
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Database:
    """The file's one connection, used by the server's own thread alone."""

    def __init__(self, file: Path) -> None:
        self._rows = sqlite3.connect(file, isolation_level=None)
        self._rows.row_factory = sqlite3.Row
        self._rows.execute("PRAGMA journal_mode=WAL")
        self._rows.execute("PRAGMA synchronous=NORMAL")
        self._rows.execute("PRAGMA foreign_keys=ON")
        self._rows.executescript(_SCHEMA)

    def close(self) -> None:
        self._rows.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it, or nothing."""
        with self._rows:
            self._rows.execute("BEGIN IMMEDIATE")
            yield

    def run(self, statement: str, *values: Any) -> sqlite3.Cursor:
        return self._rows.execute(statement, values)

    def all(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        return self._rows.execute(statement, values).fetchall()

    def one(self, statement: str, *values: Any) -> sqlite3.Row | None:
        found = self._rows.execute(statement, values).fetchone()
        assert found is None or isinstance(found, sqlite3.Row)
        return found

    def insert(self, table: str, **values: Any) -> int:
        """Add a row. Gives its id."""
        marks = ", ".join("?" * len(values))
        made = self.run(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", *values.values())  # noqa: S608
        assert made.lastrowid is not None
        return made.lastrowid

    def update(self, table: str, id: int, **values: Any) -> None:  # noqa: A002
        """Change a row's values."""
        changes = ", ".join(f"{name} = ?" for name in values)
        self.run(f"UPDATE {table} SET {changes} WHERE id = ?", *values.values(), id)  # noqa: S608
