"""The database of deployments: made, kept up to date, and what is wrong with it said in one sentence."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.orm import Session

from overskill_nb.errors import DeploymentError
from overskill_nb.pipeline.deployments import database, ledger
from overskill_nb.pipeline.deployments.database import open_database, url_of
from overskill_nb.pipeline.deployments.models import SCHEMA, Base


def test_the_migrations_make_the_tables_of_the_models(tmp_path: Path, database_url: str) -> None:
    engine = open_database(tmp_path, database_url)

    def include(_: object, name: str, kind: str, reflected: bool, compared: object) -> bool:
        return not (kind == "table" and reflected and compared is None and name == "overskill_version")

    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_schemas": bool(database_url), "include_object": include}
        )
        if database_url:
            assert compare_metadata(context, Base.metadata) == []
        names = sa.inspect(connection).get_table_names(SCHEMA if database_url else None)
        columns = {
            table.name: {
                column["name"]
                for column in sa.inspect(connection).get_columns(table.name, table.schema if database_url else None)
            }
            for table in Base.metadata.tables.values()
        }
    assert {table.name for table in Base.metadata.tables.values()} <= set(names)
    assert columns == {table.name: set(table.columns.keys()) for table in Base.metadata.tables.values()}
    engine.dispose()
    open_database(tmp_path, database_url).dispose()


def test_the_file_is_in_wal_and_out_of_git(tmp_path: Path) -> None:
    open_database(tmp_path / ".overskill").dispose()
    with sqlite3.connect(tmp_path / ".overskill/overskill.db") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert (tmp_path / ".overskill/.gitignore").read_text() == "*\n"


def refused(tmp_path: Path, url: str = "") -> str:
    with pytest.raises(DeploymentError) as caught:
        open_database(tmp_path, url)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    open_database(tmp_path).dispose()
    with sqlite3.connect(tmp_path / "overskill.db") as connection:
        connection.execute("UPDATE overskill_version SET version_num = '9999'")
    assert "was written by a newer version of overskill_nb; upgrade this one" in refused(tmp_path)


def as_it_was(monkeypatch: pytest.MonkeyPatch, folder: Path, newest: str) -> None:
    """Let the migrations end with this one, as they did in an earlier version."""
    there = Path(database.__file__).parent / "migrations"
    shutil.copytree(there, folder / "migrations")
    for file in (folder / "migrations/versions").glob("v*.py"):
        if file.stem[1:5] > newest:
            file.unlink()
    monkeypatch.setattr(database, "__file__", str(folder / "database.py"))


def test_a_database_of_the_version_before_is_brought_up_to_date_and_keeps_what_it_has(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        as_it_was(earlier, tmp_path / "earlier", "0001")
        open_database(tmp_path, database_url).dispose()
    columns = (
        "id, app, name, environment, kind, status, root, run, url, target, artefact, source, superseded_by, cancel, "
        "waits_until, created, updated, timings, first_load_gzip, files, warnings, error, hint, log"
    )
    values = (
        "'d1', 'tips-0a1b', 'tips', 'preview', 'deploy', 'deployed', '', 'd1', '', 'local', 'a', '', '', false, "
        "0, 1, 1, '{}', 0, 2, '[]', '', '', '[]'"
    )
    url = url_of(tmp_path, database_url)
    before = sa.create_engine(url)
    with before.begin() as connection:
        table = "overskill.deployments" if database_url else "deployments"
        connection.execute(sa.text(f"INSERT INTO {table} ({columns}) VALUES ({values})"))
    before.dispose()
    engine = open_database(tmp_path, database_url)
    with Session(engine) as session, session.begin():
        (deployment,) = ledger.newest(session, "", 10)
        assert (deployment.id, deployment.files, deployment.commit, deployment.sync) == ("d1", 2, "", None)
        made = ledger.submit(session, app="tips-0a1b", name="tips", environment="preview", kind="deploy", commit="c")[0]
        ledger.row(session, made).workflow_run = 17_000_000_000
    with Session(engine) as session:
        assert ledger.row(session, made).workflow_run == 17_000_000_000
    engine.dispose()
    open_database(tmp_path, database_url).dispose()


def test_the_version_before_leaves_this_ones_database_alone(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_database(tmp_path, database_url).dispose()
    as_it_was(monkeypatch, tmp_path / "earlier", "0001")
    assert "was written by a newer version of overskill_nb; upgrade this one" in refused(tmp_path, database_url)


def test_a_damaged_database_is_named(tmp_path: Path) -> None:
    open_database(tmp_path).dispose()
    (tmp_path / "overskill.db").write_bytes(b"nonsense" * 1000)
    assert f"at {tmp_path}/overskill.db is damaged; move it away" in refused(tmp_path)


def test_a_locked_database_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_database(tmp_path).dispose()
    holder = sqlite3.connect(tmp_path / "overskill.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr("overskill_nb.pipeline.deployments.database.use_wal.__defaults__", (0.2,))
    try:
        assert "is locked by another program" in refused(tmp_path)
    finally:
        holder.close()


def test_a_database_that_may_only_be_read_is_named(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    open_database(tmp_path).dispose()
    for file in tmp_path.iterdir():
        file.chmod(0o444)
    tmp_path.chmod(0o555)
    try:
        assert "cannot be written" in refused(tmp_path)
    finally:
        tmp_path.chmod(0o755)


def test_a_folder_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "overskill.db").mkdir()
    assert "cannot be opened" in refused(tmp_path)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("nonsense", "is no address of a database"),
        ("mysql://root@localhost/x", "names mysql"),
        ("postgresql://me:s3cret@127.0.0.1:1/x", "cannot be used: "),
    ],
)
def test_an_address_that_does_not_serve_is_named_without_its_password(tmp_path: Path, url: str, why: str) -> None:
    said = refused(tmp_path, url)
    assert why in said
    assert "s3cret" not in said


async def test_runs_that_cannot_be_stored_are_said_to_whoever_deploys(workspace) -> None:
    await workspace.deployments.list()
    (workspace.folder / ".overskill/runs.db").write_bytes(b"nonsense" * 1000)
    with pytest.raises(DeploymentError, match=r"at .*runs.db is damaged"):
        await workspace.deployments.deploy("tips-0a1b", "tips", workspace.write("tips", "one"))
    assert await workspace.deployments.list() == []
    (workspace.folder / ".overskill/runs.db").unlink()
    assert (await workspace.deploy("tips", "one")).status == "deployed"


async def test_deployments_outlive_the_record_of_their_runs(workspace, make_workspace) -> None:
    import asyncio

    workspace.building = asyncio.Event()
    made = await workspace.deployments.deploy("tips-0a1b", "tips", workspace.write("tips", "one"))
    await workspace.began.wait()
    await workspace.close()
    for file in workspace.folder.glob(".overskill/runs.db*"):
        file.unlink()
    again = make_workspace(workspace.folder)
    await again.deployments.start()
    assert (await again.ended(made.id)).status == "deployed"
