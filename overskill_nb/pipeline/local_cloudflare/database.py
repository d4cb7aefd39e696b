"""What the local Cloudflare remembers: one SQLite file that survives a kill at any moment."""

from __future__ import annotations

import datetime
import sqlite3
import time
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from .envelope import no_namespace, no_script
from .versions import Version

_SCRIPTS = "SELECT namespace, name, tags, version, code, id, created_on, modified_on FROM scripts"
MAX_LINES = 1000
"""Kept of a script's log."""
MAX_TEXT = 8192
_SCHEMA = """
CREATE TABLE IF NOT EXISTS namespaces (
  name TEXT PRIMARY KEY, id TEXT NOT NULL, created_on TEXT NOT NULL, modified_on TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS scripts (
  namespace TEXT NOT NULL REFERENCES namespaces(name) ON UPDATE CASCADE ON DELETE CASCADE,
  name TEXT NOT NULL, tags TEXT NOT NULL, version TEXT NOT NULL, code INTEGER NOT NULL, id TEXT NOT NULL,
  created_on TEXT NOT NULL, modified_on TEXT NOT NULL, PRIMARY KEY (namespace, name));
CREATE TABLE IF NOT EXISTS versions (
  id TEXT PRIMARY KEY, namespace TEXT NOT NULL, script TEXT NOT NULL, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS assets (
  namespace TEXT NOT NULL REFERENCES namespaces(name) ON UPDATE CASCADE ON DELETE CASCADE,
  hash TEXT NOT NULL, blob TEXT NOT NULL, content_type TEXT NOT NULL, used REAL NOT NULL,
  PRIMARY KEY (namespace, hash));
CREATE TABLE IF NOT EXISTS sessions (
  id TEXT PRIMARY KEY, namespace TEXT NOT NULL, script TEXT NOT NULL, manifest BLOB NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS logs (
  namespace TEXT NOT NULL, script TEXT NOT NULL, version TEXT NOT NULL, at REAL NOT NULL, level TEXT NOT NULL,
  text TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS logs_by_script ON logs (namespace, script, at);
CREATE TABLE IF NOT EXISTS quarantine (version TEXT PRIMARY KEY, reason TEXT NOT NULL);
"""
SESSION_SECONDS = 3600


def _script(row: tuple[Any, ...]) -> Script:
    namespace, name, tags, version, code, *rest = row
    return Script(namespace, name, msgspec.json.decode(tags, type=list[str]), version, bool(code), *rest)


def now() -> str:
    """The time as Cloudflare writes it."""
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Namespace(msgspec.Struct):
    name: str
    id: str
    created_on: str
    modified_on: str


class Script(msgspec.Struct):
    namespace: str
    name: str
    tags: list[str]
    version: str
    code: bool
    """Whether it has code of its own, not assets only."""
    id: str
    created_on: str
    modified_on: str


class LogLine(msgspec.Struct):
    at: float
    """Unix milliseconds."""
    level: str
    text: str


class Database:
    """Every row, and every change of one."""

    def __init__(self, file: Path) -> None:
        self._rows = sqlite3.connect(file, isolation_level=None)
        self._rows.execute("PRAGMA journal_mode=WAL")
        self._rows.execute("PRAGMA synchronous=NORMAL")
        self._rows.execute("PRAGMA foreign_keys=ON")
        self._rows.executescript(_SCHEMA)

    def close(self) -> None:
        self._rows.close()

    # namespaces

    def namespaces(self) -> list[Namespace]:
        found = self._rows.execute("SELECT name, id, created_on, modified_on FROM namespaces ORDER BY created_on")
        return [Namespace(*row) for row in found]

    def namespace(self, name: str) -> Namespace:
        found = [known for known in self.namespaces() if name in {known.name, known.id}]
        if not found:
            raise no_namespace(name)
        return found[0]

    def add_namespace(self, name: str) -> Namespace:
        at = now()
        self._rows.execute("INSERT INTO namespaces VALUES (?, ?, ?, ?)", (name, str(uuid.uuid4()), at, at))
        return self.namespace(name)

    def rename_namespace(self, name: str, to: str) -> Namespace:
        with self._rows:
            self._rows.execute("BEGIN IMMEDIATE")
            self._rows.execute("UPDATE namespaces SET name = ?, modified_on = ? WHERE name = ?", (to, now(), name))
            self._rows.execute("UPDATE logs SET namespace = ? WHERE namespace = ?", (to, name))
            self._rows.execute("UPDATE versions SET namespace = ? WHERE namespace = ?", (to, name))
        return self.namespace(to)

    def delete_namespace(self, name: str) -> None:
        with self._rows:
            self._rows.execute("BEGIN IMMEDIATE")
            self._rows.execute("DELETE FROM namespaces WHERE name = ?", (name,))
            self._rows.execute("DELETE FROM logs WHERE namespace = ?", (name,))

    # scripts

    def scripts(self, namespace: str) -> list[Script]:
        found = self._rows.execute(f"{_SCRIPTS} WHERE namespace = ? ORDER BY name", (namespace,))
        return [_script(row) for row in found]

    def find_script(self, namespace: str, name: str) -> Script | None:
        row = self._rows.execute(f"{_SCRIPTS} WHERE namespace = ? AND name = ?", (namespace, name)).fetchone()
        return _script(row) if row else None

    def script(self, namespace: str, name: str) -> Script:
        found = self.find_script(namespace, name)
        if found is None:
            raise no_script(name)
        return found

    def put_script(self, version: Version, tags: list[str]) -> Script:
        """Make a version the script's current one."""
        at = now()
        with self._rows:
            self._rows.execute("BEGIN IMMEDIATE")
            self._rows.execute(
                "INSERT INTO versions VALUES (?, ?, ?, ?)",
                (version.id, version.namespace, version.script, msgspec.json.encode(version)),
            )
            self._rows.execute(
                "INSERT INTO scripts VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (namespace, name) DO UPDATE SET "
                "tags = excluded.tags, version = excluded.version, code = excluded.code, "
                "modified_on = excluded.modified_on",
                (
                    version.namespace,
                    version.script,
                    msgspec.json.encode(tags),
                    version.id,
                    bool(version.main),
                    uuid.uuid4().hex,
                    at,
                    at,
                ),
            )
        return self.script(version.namespace, version.script)

    def set_tags(self, namespace: str, name: str, tags: list[str]) -> None:
        self._rows.execute(
            "UPDATE scripts SET tags = ? WHERE namespace = ? AND name = ?",
            (msgspec.json.encode(tags), namespace, name),
        )

    def delete_script(self, namespace: str, name: str) -> None:
        with self._rows:
            self._rows.execute("BEGIN IMMEDIATE")
            self._rows.execute("DELETE FROM scripts WHERE namespace = ? AND name = ?", (namespace, name))
            self._rows.execute("DELETE FROM logs WHERE namespace = ? AND script = ?", (namespace, name))

    def version(self, version: str) -> Version | None:
        row = self._rows.execute("SELECT content FROM versions WHERE id = ?", (version,)).fetchone()
        return msgspec.json.decode(row[0], type=Version) if row else None

    def collect(self) -> set[str]:
        """Forget what no script has: versions, and old sessions and assets. The contents that are still named."""
        before = time.time() - SESSION_SECONDS
        with self._rows:
            self._rows.execute("BEGIN IMMEDIATE")
            self._rows.execute("DELETE FROM versions WHERE id NOT IN (SELECT version FROM scripts)")
            self._rows.execute("DELETE FROM quarantine WHERE version NOT IN (SELECT version FROM scripts)")
            self._rows.execute("DELETE FROM sessions WHERE at < ?", (before,))
            named: set[str] = set()
            used: set[tuple[str, str]] = set()
            for (content,) in self._rows.execute("SELECT content FROM versions").fetchall():
                version = msgspec.json.decode(content, type=Version)
                named |= version.blobs()
                files = version.assets.files.values() if version.assets else ()
                used.update((version.namespace, file.hash) for file in files)
            old = self._rows.execute("SELECT namespace, hash FROM assets WHERE used < ?", (before,)).fetchall()
            self._rows.executemany("DELETE FROM assets WHERE namespace = ? AND hash = ?", set(old) - used)
            named.update(row[0] for row in self._rows.execute("SELECT blob FROM assets"))
        return named

    def stop_version(self, version: str, why: str) -> None:
        """Remember that a version is not run any more."""
        self._rows.execute("INSERT OR REPLACE INTO quarantine VALUES (?, ?)", (version, why))

    def stopped_versions(self) -> dict[str, str]:
        return dict(self._rows.execute("SELECT version, reason FROM quarantine").fetchall())

    # logs

    def add_lines(self, version: str, lines: list[LogLine]) -> None:
        """Add to the log of the version's script; the oldest lines go."""
        row = self._rows.execute("SELECT namespace, script FROM versions WHERE id = ?", (version,)).fetchone()
        if row is None:
            return
        added = [(*row, version, line.at, line.level, line.text[:MAX_TEXT]) for line in lines[-MAX_LINES:]]
        with self._rows:
            self._rows.execute("BEGIN IMMEDIATE")
            self._rows.executemany("INSERT INTO logs VALUES (?, ?, ?, ?, ?, ?)", added)
            self._rows.execute(
                "DELETE FROM logs WHERE namespace = ? AND script = ? AND rowid <= (SELECT rowid FROM logs "
                "WHERE namespace = ? AND script = ? ORDER BY rowid DESC LIMIT 1 OFFSET ?)",
                (*row, *row, MAX_LINES),
            )

    def lines(self, namespace: str, script: str, since: float, until: float, limit: int) -> list[LogLine]:
        """The newest lines of that time (Unix milliseconds), oldest first."""
        found = self._rows.execute(
            "SELECT at, level, text FROM logs WHERE namespace = ? AND script = ? AND at >= ? AND at <= ? "
            "ORDER BY at DESC, rowid DESC LIMIT ?",
            (namespace, script, since, until, limit),
        )
        return [LogLine(*row) for row in found][::-1]

    # assets

    def assets(self, namespace: str, hashes: Iterable[str]) -> dict[str, tuple[str, str]]:
        """hash -> (blob, content type) of those that are there."""
        found: dict[str, tuple[str, str]] = {}
        wanted = list(hashes)
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            marks = ",".join("?" * len(part))
            rows = self._rows.execute(
                f"SELECT hash, blob, content_type FROM assets WHERE namespace = ? AND hash IN ({marks})",  # noqa: S608
                (namespace, *part),
            )
            found.update({row[0]: (row[1], row[2]) for row in rows})
        return found

    def put_assets(self, namespace: str, files: Iterable[tuple[str, str, str]]) -> None:
        """Keep (hash, blob, content type)."""
        with self._rows:
            self._rows.execute("BEGIN IMMEDIATE")
            self._rows.executemany(
                "INSERT OR REPLACE INTO assets VALUES (?, ?, ?, ?, ?)",
                [(namespace, *file, time.time()) for file in files],
            )

    def add_session(self, namespace: str, script: str, manifest: dict[str, str]) -> str:
        """An upload of the files of ``manifest`` (path -> hash)."""
        session = uuid.uuid4().hex
        row = (session, namespace, script, msgspec.json.encode(manifest), time.time())
        self._rows.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?)", row)
        return session

    def session(self, session: str) -> tuple[str, str, dict[str, str]] | None:
        """(namespace, script, manifest)."""
        row = self._rows.execute("SELECT namespace, script, manifest FROM sessions WHERE id = ?", (session,)).fetchone()
        return (row[0], row[1], msgspec.json.decode(row[2], type=dict[str, str])) if row else None
