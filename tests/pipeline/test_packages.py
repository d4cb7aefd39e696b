from __future__ import annotations

import asyncio
import http.server
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from overskill_nb import config
from overskill_nb.errors import PackageError
from overskill_nb.pipeline.node import Node
from overskill_nb.pipeline.packages import Packages, is_package_name
from overskill_nb.pipeline.project import Project


def packages(project: Project, node: Node, said: list[str] | None = None) -> Packages:
    return Packages(project, node, (said if said is not None else []).append)


def app(folder: Path, **fields: Any) -> Project:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text(json.dumps({"name": "app", "private": True, **fields}, indent=2) + "\n")
    return Project.open(folder)


def everything(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not file.is_symlink()
    }


# -------------------------------------------------------------------------------------------------------------- names


@pytest.mark.parametrize("name", ["react", "@radix-ui/react-slot", "lodash.debounce", "a", "JSONStream", "x-1"])
def test_names_that_npm_could_have(name: str) -> None:
    assert is_package_name(name)


NO_NAMES = ["", "--global", "-g", "../x", "a b", "a;b", "a/b/c", "/etc", "http://x", "git+ssh://x", "a@1", "@a"]


@pytest.mark.parametrize("name", [*NO_NAMES, ".bin", "_x", "file:..", "a\nb", "a\n", "@/a", "@-x/y", "ü", "x" * 215])
def test_names_that_npm_could_not_have(name: str) -> None:
    assert not is_package_name(name)


@pytest.mark.parametrize("name", ["--global", "../x", "a;b", "git+ssh://x/y"])
async def test_what_is_no_name_never_reaches_npm(tmp_path: Path, name: str) -> None:
    broken = Node(Path("/nonexistent/node"), ("/nonexistent/npm",), "20.0.0", "nowhere")
    with pytest.raises(PackageError, match="cannot be the name"):
        await packages(app(tmp_path / "a"), broken).add([name])


# ------------------------------------------------------------------------------------------------------ package.json


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", r"package\.json is not JSON: .* \(line 1, column 2\)"),
        ("[]", "is not a JSON object"),
        ('{"dependencies": ["react"]}', "'dependencies' in package.json is not an object"),
        ('{"dependencies": {"react": "^19"}, "devDependencies": "x"}', "'devDependencies'"),
        (b'{"name": "\xff"}', "cannot be read"),
    ],
)
async def test_a_package_json_that_cannot_be_used_is_an_error(
    tmp_path: Path, node: Node, text: str | bytes, says: str
) -> None:
    project = app(tmp_path / "a")
    (project.root / "package.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(PackageError, match=says):
        await packages(project, node).ensure()


async def test_an_app_with_its_own_packages_uses_those_and_installs_nothing(tmp_path: Path) -> None:
    project = app(
        tmp_path / "a", dependencies={"react": "^18", "clsx": "1"}, devDependencies={"vite": "^8", "eslint-x": "1"}
    )
    for name in ("react", "react-dom", "clsx"):
        (project.root / "node_modules" / name).mkdir(parents=True)
        (project.root / "node_modules" / name / "package.json").write_text('{"version": "1.0.0"}')
    broken = Node(Path("/nonexistent/node"), ("/nonexistent/npm",), "20.0.0", "nowhere")
    assert await packages(project, broken).ensure() == project.root


# --------------------------------------------------------------------------------------------------------- registry


class Registry(http.server.BaseHTTPRequestHandler):
    """Knows no package."""

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("Authorization", "")))  # type: ignore[attr-defined]
        self.send_response(404)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b'{"error": "Not found"}')

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def registry(own_cache: Path) -> Iterator[http.server.ThreadingHTTPServer]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    server.asked = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user whose npm has no settings yet."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    for name in [name for name in os.environ if name.lower().startswith("npm_config_")]:
        monkeypatch.delenv(name)
    return folder


async def test_the_registry_and_login_of_the_users_npmrc_are_used(
    tmp_path: Path, node: Node, home: Path, registry: Any
) -> None:
    address = f"127.0.0.1:{registry.server_address[1]}"
    (home / ".npmrc").write_text(f"registry=http://{address}/\n//{address}/:_authToken=mine\n")
    project = app(tmp_path / "a", dependencies={"left-of-here": "1.0.0"})
    with pytest.raises(PackageError, match="There is no npm package"):
        await packages(project, node).ensure()
    assert ("/left-of-here", "Bearer mine") in registry.asked


async def test_the_npmrc_of_the_app_goes_before_the_users(
    tmp_path: Path, node: Node, home: Path, registry: Any
) -> None:
    (home / ".npmrc").write_text("registry=http://127.0.0.1:9/\nfetch-retries=0\n")
    project = app(tmp_path / "a", dependencies={"left-of-here": "1.0.0"})
    (project.root / ".npmrc").write_text(f"registry=http://127.0.0.1:{registry.server_address[1]}/\n")
    with pytest.raises(PackageError, match="There is no npm package"):
        await packages(project, node).ensure()
    assert registry.asked


async def test_a_registry_out_of_reach_is_said_to_be_so(
    tmp_path: Path, node: Node, home: Path, own_cache: Path
) -> None:
    (home / ".npmrc").write_text("registry=http://127.0.0.1:9/\nfetch-retries=0\n")
    with pytest.raises(PackageError, match="registry cannot be reached") as refused:
        await packages(app(tmp_path / "a"), node).ensure()
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("names", [["no-such-one"], ["no-such-one", "another"], ["@scope/no-such-one"]])
async def test_a_package_that_does_not_exist_is_one_clear_error_and_changes_nothing(
    tmp_path: Path, node: Node, home: Path, registry: Any, own_cache: Path, names: list[str]
) -> None:
    (home / ".npmrc").write_text(f"registry=http://127.0.0.1:{registry.server_address[1]}/\n")
    project = app(tmp_path / "a")
    before = everything(project.root)
    of_app = packages(project, node)
    of_app.folder = own_cache / "packages" / "some-set"
    with pytest.raises(PackageError, match=f"There is no npm package '({'|'.join(names)})'") as refused:
        await of_app.add(names)
    assert "\n" not in str(refused.value)
    assert everything(project.root) == before
    assert os.listdir(own_cache / "packages") == []


async def test_the_same_in_an_app_with_its_own_node_modules_changes_nothing_either(
    tmp_path: Path, node: Node, home: Path, registry: Any
) -> None:
    (home / ".npmrc").write_text(f"registry=http://127.0.0.1:{registry.server_address[1]}/\n")
    project = app(tmp_path / "a", dependencies={"react": "^19"})
    for name in ("react", "react-dom"):
        (project.root / "node_modules" / name).mkdir(parents=True)
        (project.root / "node_modules" / name / "package.json").write_text(
            json.dumps({"name": name, "version": "19.0.0"})
        )
    of_app = packages(project, node)
    assert await of_app.ensure() == project.root
    before = everything(project.root)
    with pytest.raises(PackageError, match="There is no npm package 'no-such-one'"):
        await of_app.add(["no-such-one"])
    assert everything(project.root) == before


async def test_an_installation_that_is_cancelled_leaves_nothing(
    tmp_path: Path, node: Node, home: Path, own_cache: Path
) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry) as silent:  # accepts and never answers
        (home / ".npmrc").write_text(f"registry=http://127.0.0.1:{silent.server_address[1]}/\n")
        project = app(tmp_path / "a")
        before = everything(project.root)
        installing = asyncio.create_task(packages(project, node).ensure())
        silent.socket.settimeout(150)
        asking, _ = await asyncio.to_thread(silent.get_request)
        with asking:
            installing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await installing
    assert everything(project.root) == before
    assert os.listdir(own_cache / "packages") == []


# --------------------------------------------------------------------------------------------- the configured registry


@pytest.mark.slow
async def test_two_apps_with_the_same_dependencies_share_them(tmp_path: Path, node: Node, own_cache: Path) -> None:
    said: list[str] = []
    one = packages(app(tmp_path / "one", dependencies={"clsx": "2.1.1"}), node, said)
    two = packages(
        app(tmp_path / "two", dependencies={"clsx": "2.1.1"}, devDependencies={"vite": "^8", "@types/react": "*"}),
        node,
        said,
    )
    # At once, as two notebooks may be.
    first, second = await asyncio.gather(one.ensure(), two.ensure())
    assert first == second
    assert {"clsx", "react", "react-dom"} <= {*os.listdir(first / "node_modules")}
    assert "vite" not in os.listdir(first / "node_modules")
    assert os.listdir(own_cache / "packages") == [first.name]
    said.clear()
    three = packages(app(tmp_path / "three", dependencies={"clsx": "2.1.1"}), node, said)
    assert await three.ensure() == first
    assert said == []
    other = packages(app(tmp_path / "other", dependencies={"clsx": "2.1.0"}), node, said)
    assert await other.ensure() != first


@pytest.mark.slow
async def test_a_package_is_added_to_the_app_alone(tmp_path: Path, node: Node, own_cache: Path) -> None:
    one, two = app(tmp_path / "one"), app(tmp_path / "two")
    of_one, of_two = packages(one, node), packages(two, node)
    shared = await of_one.ensure()
    assert await of_two.ensure() == shared
    before, manifest = everything(shared), two.read("package.json")
    added = await of_one.add(["clsx", "@radix-ui/react-slot"])
    assert added == of_one.folder != shared
    assert {"clsx", "@radix-ui", "react"} <= {*os.listdir(added / "node_modules")}
    assert everything(shared) == before
    assert two.read("package.json") == manifest
    listed = json.loads(one.read("package.json"))["dependencies"]
    assert list(listed) == ["@radix-ui/react-slot", "clsx"]
    assert all(version.startswith("^") for version in listed.values())
    # Opened anew, the app finds the set that was made.
    assert await packages(Project.open(one.root), node).ensure() == added


@pytest.mark.slow
async def test_the_real_registry_knows_no_such_package(tmp_path: Path, node: Node, own_cache: Path) -> None:
    project = app(tmp_path / "a")
    of_app = packages(project, node)
    folder = await of_app.ensure()
    before = everything(project.root)
    with pytest.raises(PackageError, match="There is no npm package 'overskill-nb-there-is-no-such-package'"):
        await of_app.add(["clsx", "overskill-nb-there-is-no-such-package"])
    assert everything(project.root) == before
    assert of_app.folder == folder
    assert os.listdir(own_cache / "packages") == [folder.name]


@pytest.mark.slow
async def test_an_app_with_its_own_node_modules_gets_what_it_lacks_there(
    tmp_path: Path, node: Node, own_cache: Path
) -> None:
    project = app(tmp_path / "a", dependencies={"react": "^19.0.0", "react-dom": "^19.0.0"})
    (project.root / "node_modules/.bin").mkdir(parents=True)
    of_app = packages(project, node)
    assert await of_app.ensure() != project.root  # an empty node_modules is nobody's choice
    (project.root / "node_modules/mine").mkdir()
    (project.root / "node_modules/mine/package.json").write_text('{"name": "mine", "version": "1.0.0"}')
    assert await of_app.ensure() == project.root
    assert (project.root / "node_modules/react/package.json").is_file()
    assert await of_app.add(["clsx"]) == project.root
    assert (project.root / "node_modules/clsx/package.json").is_file()
    assert "clsx" in json.loads(project.read("package.json"))["dependencies"]


@pytest.mark.slow
async def test_the_tools_are_installed_once_by_many_at_a_time(
    tmp_path: Path, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    from overskill_nb.pipeline import tools

    monkeypatch.setenv(config.CACHE, str(tmp_path / "fresh"))
    assert not tools.installed()
    said: list[str] = []
    first, second = await asyncio.gather(tools.ensure(node, said.append), tools.ensure(node, said.append))
    assert first == second == tools.folder()
    assert (first / "node_modules/esbuild").is_dir()
    assert os.listdir(first.parent) == [first.name]
    said.clear()
    assert await tools.ensure(node, said.append) == first
    assert said == []
