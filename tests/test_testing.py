"""Notebooks as tests: ``pytest --nbval`` with the network cut, on a machine that has the tools and packages already."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
CUT = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
"""Runs a program in a network of its own, with nothing but itself in it."""


def cut_off() -> bool:
    if not (shutil.which("unshare") and shutil.which("ip")):
        return False
    return subprocess.run([*CUT, "true"], capture_output=True, check=False).returncode == 0


def nbval(notebook: Path, *options: str, cut: bool = True) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OVERSKILL_", "JPY_"))}
    environment["OVERSKILL_NB_CACHE"] = os.environ.get("OVERSKILL_NB_CACHE", "")
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *options]
    return subprocess.run(
        [*(CUT if cut else []), *command, str(notebook)],
        cwd=notebook.parent,
        env={name: value for name, value in environment.items() if value},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A copy of the notebooks, so that nothing is left beside them."""
    folder = tmp_path / "course"
    shutil.copytree(ROOT / "notebooks/recordings", folder / "recordings")
    for file in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copyfile(file, folder / file.name)
    return folder


@pytest.mark.slow
@pytest.mark.skipif(not cut_off(), reason="no network can be made here that is cut off")
@pytest.mark.usefixtures("tools")
def test_what_models_wrote_is_replayed_with_the_network_cut(course: Path) -> None:
    before = (course / "recordings/02-generate.yaml").read_bytes()
    done = nbval(course / "02-generate.ipynb")
    assert done.returncode == 0, done.stdout[-6000:]
    assert (course / "recordings/02-generate.yaml").read_bytes() == before
    assert not (course / "studio").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("tools")
def test_a_prompt_that_is_not_recorded_fails_with_what_to_do(course: Path) -> None:
    file = course / "02-generate.ipynb"
    notebook = nbformat.read(file, as_version=4)
    cell = next(cell for cell in notebook.cells if cell.source.startswith("%%generate"))
    cell.source += "\nAnd something else."
    nbformat.write(notebook, file)
    done = nbval(file, "-x", cut=False)
    assert done.returncode == 1
    assert "RecordingMissing" in done.stdout
    assert "OVERSKILL_MODE=record" in done.stdout
