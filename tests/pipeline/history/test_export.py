"""An app as a zip file that builds on a machine that has nothing of ours."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from client import Client
from history_files import write

from overskill_nb.errors import FileError, PackageError
from overskill_nb.pipeline import Engine
from overskill_nb.pipeline.history.export import write_zip
from overskill_nb.pipeline.history.history import History
from overskill_nb.pipeline.history.lockfile import _complete, _portable, lockfile
from overskill_nb.pipeline.history.runs import Run
from overskill_nb.pipeline.node import Node
from overskill_nb.pipeline.project import Project
from overskill_nb.protocol import AppInfo, OpenApp
from overskill_nb.protocol_history import ExportApp, Exported


def ignore(_: str) -> None: ...


@pytest_asyncio.fixture
async def client(tmp_path: Path, tools: Path) -> AsyncIterator[Client]:
    (tmp_path / "work").mkdir()
    engine = Engine(tmp_path / "work")
    yield Client.of(engine)
    await engine.close()


def test_a_zip_holds_what_is_tracked_and_is_the_same_each_time(history: History, root: Path, tmp_path: Path) -> None:
    write(root, "run.sh", "#!/bin/sh\n")
    (root / "run.sh").chmod(0o755)
    (root / "link").symlink_to("src/App.tsx")
    history.checkpoint("file")
    made = []
    for name in ("a.zip", "b.zip"):
        count = write_zip(history, history.head(), b"{}", tmp_path / name)
        made.append((tmp_path / name).read_bytes())
        os.utime(root / "src/App.tsx")
    assert made[0] == made[1]
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        names = archive.namelist()
        assert names == sorted(names)
        assert len(names) == count
        assert ".env" not in names
        assert ".env.example" in names
        assert "package-lock.json" in names
        assert not [name for name in names if name.startswith(("node_modules", "dist", ".git/"))]
        assert archive.getinfo("run.sh").external_attr >> 16 == 0o100755
        assert stat.S_ISLNK(archive.getinfo("link").external_attr >> 16)
        assert archive.read("src/App.tsx") == (root / "src/App.tsx").read_bytes()


def test_what_is_secret_is_left_out_although_git_has_it(history: History, root: Path, tmp_path: Path) -> None:
    history.checkpoint("file")
    history.record([Run("file")], also=[".env"])
    assert ".env" in history.tree_files(history.head())
    write_zip(history, history.head(), None, tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert ".env" not in archive.namelist()


async def test_a_place_that_cannot_be_written_is_an_error(client: Client, tmp_path: Path) -> None:
    app = await client.ask(OpenApp(folder="tips", create=True), AppInfo)
    for wrong in ("tips.zip", str(tmp_path), str(tmp_path / "nope/tips.zip")):
        with pytest.raises(FileError, match="cannot be written"):
            await client.ask(ExportApp(app=app.app, file=wrong), Exported)


async def test_a_lockfile_is_made_where_it_is_missing_or_does_not_fit(tmp_path: Path, node: Node) -> None:
    project = Project.create(tmp_path / "tips")
    made = await lockfile(project, node, ignore)
    assert made is not None
    read = json.loads(made)
    assert read["lockfileVersion"] == 3
    assert "node_modules/react" in read["packages"]
    hosts = {package["resolved"].split("/")[2] for package in read["packages"].values() if "resolved" in package}
    assert hosts <= {"registry.npmjs.org"}
    assert sorted(path.name for path in project.root.iterdir() if "lock" in path.name or "modules" in path.name) == []
    # Made once.
    assert await lockfile(project, Node(Path("/nowhere"), ("/nowhere",), node.version, ""), ignore) == made
    (project.root / "package-lock.json").write_bytes(made)
    assert await lockfile(project, node, ignore) is None
    manifest = json.loads((project.root / "package.json").read_text())
    manifest["dependencies"]["clsx"] = "^2.0.0"
    (project.root / "package.json").write_text(json.dumps(manifest))
    again = await lockfile(project, node, ignore)
    assert again is not None
    assert "node_modules/clsx" in json.loads(again)["packages"]
    manifest["dependencies"]["this-package-is-nowhere-9f2c"] = "1"
    (project.root / "package.json").write_text(json.dumps(manifest))
    with pytest.raises(PackageError, match="no such package"):
        await lockfile(project, node, ignore)


def test_a_mirror_of_the_registry_is_not_named_to_other_machines() -> None:
    lock = {
        "packages": {
            "": {"name": "tips"},
            "node_modules/a": {"resolved": "https://mirror.example/npm/proxy/a/-/a-1.0.0.tgz?x=1"},
            "node_modules/@b/c": {"resolved": "https://mirror.example/npm/proxy/@b/c/-/c-1.0.0.tgz"},
            "node_modules/d": {"resolved": "git+ssh://git@github.com/d/d.git#1"},
        }
    }
    made = json.loads(_portable(json.dumps(lock).encode(), "https://user:pass@mirror.example/npm/proxy/"))
    assert [package.get("resolved") for package in made["packages"].values()] == [
        None,
        "https://registry.npmjs.org/a/-/a-1.0.0.tgz",
        "https://registry.npmjs.org/@b/c/-/c-1.0.0.tgz",
        "git+ssh://git@github.com/d/d.git#1",
    ]


def test_an_optional_package_that_the_registry_does_not_have_is_not_asked_for() -> None:
    lock = {
        "packages": {
            "": {"name": "tips"},
            "node_modules/a": {"optionalDependencies": {"b": "1", "@c/d": "1", "nowhere": "1"}},
            "node_modules/b": {},
            "node_modules/a/node_modules/@c/d": {"optionalDependencies": {"b": "1", "a": "1", "e": "1"}},
        }
    }
    made = json.loads(_complete(json.dumps(lock).encode()))["packages"]
    assert made["node_modules/a"]["optionalDependencies"] == {"b": "1", "@c/d": "1"}
    assert made["node_modules/a/node_modules/@c/d"]["optionalDependencies"] == {"b": "1", "a": "1"}


@pytest.mark.slow
async def test_an_exported_app_builds_on_a_fresh_machine(client: Client, tmp_path: Path, node: Node) -> None:
    app = await client.ask(OpenApp(folder="tips", create=True), AppInfo)
    write(Path(app.folder), ".env", "SECRET=planted")
    made = await client.ask(ExportApp(app=app.app, file=str(tmp_path / "tips.zip")), Exported)
    assert made.bytes == (tmp_path / "tips.zip").stat().st_size
    fresh = tmp_path / "fresh"
    with zipfile.ZipFile(tmp_path / "tips.zip") as archive:
        assert len(archive.namelist()) == made.files
        archive.extractall(fresh)
    environment = {
        "PATH": node.environment["PATH"],
        "HOME": os.environ.get("HOME", str(tmp_path)),
        **{name: os.environ[name] for name in os.environ if name.lower().startswith("npm_config_")},
        "npm_config_cache": str(tmp_path / "npm-cache"),
    }
    for command in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
        done = subprocess.run(
            [*node.npm, *command], cwd=fresh, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert (fresh / "dist/index.html").is_file()
    built = b"".join(file.read_bytes() for file in (fresh / "dist").rglob("*") if file.is_file())
    assert b"planted" not in built
