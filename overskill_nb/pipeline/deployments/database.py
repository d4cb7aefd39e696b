"""The database: opened, brought up to date, and its faults said in one sentence."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ...errors import DeploymentError, OverskillError
from .models import SCHEMA

LOCK_SECONDS = 30.0
OPEN_SECONDS = 5.0
"""Waiting for another program's lock: while deploying, and when the database is opened."""


def url_of(folder: Path, database_url: str) -> str:
    """The address of our tables: the one given, else a file in the folder."""
    if not database_url:
        return f"sqlite:///{folder / 'overskill.db'}"
    try:
        url = sa.make_url(database_url)
    except SQLAlchemyError as error:
        raise DeploymentError(
            "OVERSKILL_DATABASE_URL is no address of a database; give one such as postgresql://user@host/overskill."
        ) from error
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        raise DeploymentError(
            f"Deployments are kept in SQLite or Postgres, and OVERSKILL_DATABASE_URL names {url.get_backend_name()}; "
            "give an address such as postgresql://user@host/overskill, or none."
        )
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def shown(url: str) -> str:
    """A database as an error names it: a file's path, or an address without its password."""
    parsed = sa.make_url(url)
    return str(parsed.database) if parsed.get_backend_name() == "sqlite" else parsed.render_as_string()


def sqlite_engine(url: str, *, synchronous: str, begin: bool, seconds: float = LOCK_SECONDS) -> sa.Engine:
    """An engine on a SQLite file in WAL. ``begin``: transactions take the write lock at once, so that none fails late.

    FULL survives a power failure; NORMAL may lose what was written in the last moment, never more.
    """
    engine = sa.create_engine(url, connect_args={"timeout": seconds, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None if begin else "IMMEDIATE"
        connection.execute(f"PRAGMA busy_timeout={int(seconds * 1000)}")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA synchronous={synchronous}")

    if begin:

        @event.listens_for(engine, "begin")
        def began(connection: sa.Connection) -> None:
            reads = connection.get_execution_options().get("overskill_reads", False)
            connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def use_wal(file: Path, seconds: float = OPEN_SECONDS) -> None:
    """Put a SQLite file into WAL, and read it. Raises sqlite3's errors."""
    connection = sqlite3.connect(file, timeout=seconds, isolation_level=None)
    try:
        (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
        if mode != "wal":
            raise sqlite3.OperationalError("attempt to write a readonly database")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        # The lock that writing takes: a database that may only be read says so here, not in the middle of a run.
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    finally:
        connection.close()


def open_database(folder: Path, database_url: str = "") -> sa.Engine:
    """The engine on our tables, which are made or brought up to date. Raises DeploymentError."""
    url = url_of(folder, database_url)
    engine: sa.Engine | None = None
    with explained(shown(url)):
        try:
            if not database_url:
                folder.mkdir(parents=True, exist_ok=True)
                _ignore_in_git(folder)
                use_wal(folder / "overskill.db")
                engine = sqlite_engine(url, synchronous="FULL", begin=True)
                engine = engine.execution_options(schema_translate_map={SCHEMA: None})
            else:
                engine = sa.create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})
            _migrate(engine)
        except BaseException:
            if engine is not None:
                engine.dispose()
            raise
    return engine


def _ignore_in_git(folder: Path) -> None:
    ignored = folder / ".gitignore"
    if not ignored.exists():
        ignored.write_text("*\n", "utf-8")


def _migrate(engine: sa.Engine) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", str(Path(__file__).parent / "migrations/versions").replace("%", "%%"))
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            # One server at a time makes the tables.
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(7308327)"))
            connection.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            if "locate revision" in str(error):
                raise DeploymentError(
                    f"The database of deployments at {shown(str(engine.url))} was written by a newer version of "
                    "overskill_nb; upgrade this one (`pip install -U overskill-nb`)."
                ) from error
            raise
        connection.commit()


@contextlib.contextmanager
def explained(where: str) -> Iterator[None]:
    """Turn a database's fault into one sentence."""
    try:
        yield
    except OverskillError:
        raise
    except (sqlite3.Error, DBAPIError, OSError) as error:
        raise DeploymentError(sentence(error, where)) from error


def sentence(error: BaseException, where: str) -> str:
    """What a fault of the database at ``where`` means, and what to do."""
    text = str(getattr(error, "orig", None) or error).strip()
    low = text.lower()
    if "locked" in low or "busy" in low:
        return f"The database of deployments at {where} is locked by another program; close that, and try again."
    if "readonly" in low or "read-only" in low or isinstance(error, PermissionError):
        return f"The database of deployments at {where} cannot be written; give this user the right to write there."
    if "malformed" in low or "not a database" in low or "disk image" in low:
        return (
            f"The database of deployments at {where} is damaged; move it away, and deploy again "
            "(what is deployed stays live)."
        )
    if "full" in low:
        return (
            f"There is no room left on the disk for the database of deployments at {where}; free some, and try again."
        )
    if "unable to open" in low:
        return f"The database of deployments at {where} cannot be opened; give this user the right to write there."
    first = text.splitlines()[0] if text else type(error).__name__
    return f"The database of deployments at {where} cannot be used: {first}."
