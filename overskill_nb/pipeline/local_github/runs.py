"""Runs of workflows: their rows, jobs, steps and logs."""

from __future__ import annotations

import datetime
import sqlite3
from typing import Any

import msgspec

from .database import Database, now
from .refusal import not_found


class Content(msgspec.Struct, kw_only=True):
    """What a run is from its beginning on."""

    title: str
    event: str
    ref: str
    """Such as ``refs/heads/main``."""
    sha: str
    path: str
    """The workflow file's."""
    name: str
    """The workflow's."""
    text: str
    """The workflow file."""
    inputs: dict[str, str] = {}
    group: str = ""
    """Runs of one group do not run at the same time."""
    cancels: bool = False
    """Whether it stops the running one of its group."""


class Run(msgspec.Struct, kw_only=True):
    id: int
    repository: int
    workflow: int
    number: int
    attempt: int
    status: str
    conclusion: str | None
    created_at: str
    updated_at: str
    started_at: str
    content: Content

    @property
    def branch(self) -> str:
        return self.content.ref.removeprefix("refs/heads/").removeprefix("refs/tags/")


def _run(row: sqlite3.Row) -> Run:
    values: dict[str, Any] = {**dict(row), "content": msgspec.json.decode(row["content"])}
    return msgspec.convert(values, Run)


class Runs:
    """All of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, repository: int, workflow: int, content: Content) -> Run:
        at = now()
        with self._database.transaction():
            self._database.run("UPDATE repositories SET runs = runs + 1 WHERE id = ?", repository)
            count = self._database.one("SELECT runs FROM repositories WHERE id = ?", repository)
            assert count is not None
            made = self._database.insert(
                "runs",
                repository=repository,
                workflow=workflow,
                number=count["runs"],
                attempt=1,
                content=msgspec.json.encode(content).decode(),
                status="queued",
                created_at=at,
                updated_at=at,
                started_at=at,
            )
        return self.by_id(made)

    def find(self, id: int) -> Run | None:  # noqa: A002
        row = self._database.one("SELECT * FROM runs WHERE id = ?", id)
        return _run(row) if row else None

    def by_id(self, id: int) -> Run:  # noqa: A002
        found = self.find(id)
        if found is None:
            raise not_found()
        return found

    def get(self, repository: int, id: str | int) -> Run:  # noqa: A002
        """A repository's run."""
        found = self.by_id(int(id))
        if found.repository != repository:
            raise not_found()
        return found

    def all(self, repository: int, workflow: int = 0) -> list[Run]:
        """Newest first; of all workflows, or of one."""
        rows = self._database.all(
            "SELECT * FROM runs WHERE repository = ? AND ? IN (0, workflow) ORDER BY id DESC", repository, workflow
        )
        return [_run(row) for row in rows]

    def unfinished(self) -> list[Run]:
        """Oldest first."""
        return [_run(row) for row in self._database.all("SELECT * FROM runs WHERE status != 'completed' ORDER BY id")]

    def set(self, id: int, **values: Any) -> None:  # noqa: A002
        self._database.update("runs", id, **values, updated_at=now())

    def again(self, run: Run) -> None:
        """Another attempt."""
        self.set(run.id, attempt=run.attempt + 1, status="queued", conclusion=None, started_at=now())

    # jobs

    def start_job(self, run: Run, name: str) -> int:
        at = now()
        return self._database.insert(
            "jobs", run=run.id, attempt=run.attempt, name=name, status="in_progress", created_at=at, started_at=at
        )

    def end_job(self, job: int, conclusion: str) -> None:
        """End it, and what of its steps has not ended."""
        at = now()
        self._database.update("jobs", job, status="completed", conclusion=conclusion, completed_at=at)
        self._database.run(
            "UPDATE steps SET status = 'completed', conclusion = ?, completed_at = ? WHERE job = ? AND "
            "status != 'completed'",
            conclusion,
            at,
            job,
        )

    def jobs(self, run: Run, attempt: int = 0) -> list[sqlite3.Row]:
        """An attempt's, the last one's where none is named."""
        return self._database.all(
            "SELECT * FROM jobs WHERE run = ? AND attempt = ? ORDER BY id", run.id, attempt or run.attempt
        )

    def job(self, id: int) -> sqlite3.Row:  # noqa: A002
        row = self._database.one("SELECT * FROM jobs WHERE id = ?", id)
        if row is None:
            raise not_found()
        return row

    # steps

    def start_step(self, job: int, number: int, name: str) -> None:
        self._database.run(
            "INSERT OR REPLACE INTO steps VALUES (?, ?, ?, 'in_progress', NULL, ?, NULL)", job, number, name, now()
        )

    def end_step(self, job: int, number: int, conclusion: str) -> None:
        self._database.run(
            "UPDATE steps SET status = 'completed', conclusion = ?, completed_at = ? WHERE job = ? AND number = ?",
            conclusion,
            now(),
            job,
            number,
        )

    def steps(self, job: int) -> list[sqlite3.Row]:
        return self._database.all("SELECT * FROM steps WHERE job = ? ORDER BY number", job)

    def log(self, job: int, step: int, text: str) -> None:
        at = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
        self._database.run("INSERT INTO lines VALUES (?, ?, ?, ?)", job, step, at, text)

    def lines(self, job: int) -> list[sqlite3.Row]:
        """A job's log, in order."""
        return self._database.all("SELECT step, at, text FROM lines WHERE job = ? ORDER BY rowid", job)

    def remark(self, job: int, step: int, level: str, message: str, file: str, line: int) -> None:
        self._database.run("INSERT INTO remarks VALUES (?, ?, ?, ?, ?, ?)", job, step, level, message, file, line)

    def remarks(self, job: int) -> list[sqlite3.Row]:
        return self._database.all("SELECT * FROM remarks WHERE job = ? ORDER BY rowid", job)
