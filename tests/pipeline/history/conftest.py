from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from history_files import Git, write

from overskill_nb.pipeline.history import History


@pytest.fixture(autouse=True)
def identity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's git configuration, and nobody's name."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home/.config"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    (tmp_path / "home").mkdir()


@pytest.fixture
def git() -> Git:
    """git itself: ``git(folder, "status")`` gives what it printed."""
    found = shutil.which("git")
    if found is None:
        pytest.skip("git is not installed")

    def run(folder: Path, *arguments: str, check: bool = True) -> str:
        named = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "init.defaultBranch=main"]
        done = subprocess.run(
            [found, *named, *arguments], cwd=folder, capture_output=True, text=True, check=False, errors="replace"
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done.stdout if check else done.stdout + done.stderr

    return run


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An app's folder, with what an app has and git should not."""
    folder = tmp_path / "work/tips"
    write(folder, "src/App.tsx", "export default () => <p>1</p>;\n")
    write(folder, "src/components/Tip.tsx", "export default () => <b>tip</b>;\n")
    write(folder, "package.json", '{"name": "tips"}\n')
    write(folder, ".gitignore", "node_modules\ndist\n*.local\n")
    write(folder, "node_modules/react/index.js", "not ours")
    write(folder, "dist/index.html", "built")
    write(folder, ".env", "SECRET=1")
    write(folder, ".env.production", "SECRET=2")
    write(folder, ".env.example", "SECRET=")
    write(folder, "notes.local", "mine")
    return folder


@pytest.fixture
def history(root: Path) -> History:
    return History(root, root.parent / ".overskill")
