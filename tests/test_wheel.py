"""What the wheel brings, and that it is enough: in an environment and a home where nothing ever was."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tarfile
import time
import urllib.request
import zipfile
from pathlib import Path

import pytest
from cache_folder import locked

from overskill_nb.cli import demo

ROOT = Path(__file__).parent.parent
PATIENT = 300.0
"""Seconds that an installation may take."""


@pytest.fixture(scope="module")
def built(shared_folder: Path) -> Path:
    """A folder with the sdist, and the wheel that was built from it."""
    folder = shared_folder / "dist"
    with locked(shared_folder / "dist.lock"):
        if not list(folder.glob("*.whl")):
            run([sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT)])
    return folder


def run(command: list[str], env: dict[str, str] | None = None, cwd: Path | None = None) -> str:
    """What a command prints. Fails with it where the command fails."""
    done = subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, check=False, timeout=PATIENT)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@pytest.mark.slow
def test_the_wheel_holds_all_that_a_machine_needs(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    package = [name for name in names if name.startswith("overskill_nb/")]
    for name in (
        "py.typed",
        "lessons/01-first-component.ipynb",
        "lessons/recordings/02-generate.yaml",
        "widgets/static/loader.js",
        "widgets/static/preview.js",
        "widgets/static/editor.js",
        "widgets/static/handover.js",
        "metrics_chart.tsx",
        "widgets/static/axe.js",
        "pipeline/static/worker.mjs",
        "pipeline/toolchain/package-lock.json",
        "pipeline/toolchain/.npmrc",
        "pipeline/type_toolchain/package-lock.json",
        "pipeline/type_toolchain/.npmrc",
        "pipeline/template/gitignore",
        "pipeline/template/src/main.tsx",
        "server_ext/rest-api.yml",
    ):
        assert f"overskill_nb/{name}" in package
    for enabling in ("jupyter_server_config.d/overskill_nb.json", "jupyter_nbconvert_config.py"):
        assert [name for name in names if name.endswith(f"etc/jupyter/{enabling}")]
    assert not [name for name in names if "node_modules" in name or name.startswith(("tests", "js/"))]
    assert wheel.stat().st_size < 2_000_000


@pytest.mark.slow
def test_the_sdist_holds_what_the_wheel_is_made_of_and_nothing_of_this_machine(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"js/build.mjs", "js/package-lock.json", "js/src/protocol.ts", "hatch_build.py", "LICENSE"} <= names
    assert not [name for name in names if "node_modules" in name or name.startswith(("tests", "site/"))]
    assert sdist.stat().st_size < 3_000_000


@pytest.mark.slow
def test_it_previews_and_shows_its_notebooks_where_nothing_else_was_installed(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    env = stranger(tmp_path / "home")
    run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")])
    programs = tmp_path / "venv" / "bin"
    # By the pip of the tests, which is fast; a Python often has an old one to give.
    install = [sys.executable, "-m", "pip", "--python", str(programs / "python"), "install", "--quiet", "--no-compile"]
    run([*install, "pip", str(wheel)], env)
    code = "import overskill_nb as ov; app = ov.App('tips'); print(app.preview('App').errors)"
    assert run([str(programs / "python"), "-c", code], env, tmp_path) == "[]\n"
    told = run([str(programs / "overskill"), "doctor"], env, tmp_path)
    assert told.endswith("missing    nothing\n"), told

    log = tmp_path / "log.txt"
    with log.open("wb") as output:
        command = [str(programs / "overskill"), "demo", "--no-browser", "--port", "18888"]
        process = subprocess.Popen(command, env=env, cwd=tmp_path, stdout=output, stderr=output)
    try:
        address = printed(re.compile(r"http://127\.0\.0\.1:\d+/lab\S*"), log, process)
        assert "/lab/tree/01-first-component.ipynb?token=" in address
        contents = address.replace("/lab/tree/", "/api/contents/")
        status = re.sub("/api/contents/[^?]*", "/overskill-nb/api/status", contents)
        for path in (address, contents, status):
            with urllib.request.urlopen(path, timeout=PATIENT) as response:
                assert response.status == 200
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def stranger(home: Path) -> dict[str, str]:
    """The environment of somebody who has never done anything; the machine's registries are known."""
    home.mkdir()
    own = Path.home()
    known = {
        "PIP_CONFIG_FILE": own / ".config/pip/pip.conf",
        "NPM_CONFIG_USERCONFIG": own / ".npmrc",
    }
    kept = ("PATH", "LANG", "TZ", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
    return {
        **{name: value for name, value in os.environ.items() if name in kept or name.startswith(("PIP_", "SSL_"))},
        **{name: str(file) for name, file in known.items() if name not in os.environ and file.is_file()},
        "PIP_CACHE_DIR": os.environ.get("PIP_CACHE_DIR", str(own / ".cache/pip")),
        "HOME": str(home),
    }


def printed(pattern: re.Pattern[str], log: Path, process: subprocess.Popen[bytes]) -> str:
    """What a process writes to its log, once it does."""
    end = time.monotonic() + PATIENT
    while time.monotonic() < end and process.poll() is None:
        if found := pattern.search(log.read_text()):
            return found[0]
        time.sleep(0.2)
    raise AssertionError(log.read_text()[-3000:])


def test_the_course_is_put_into_a_folder_beside_what_is_there(tmp_path: Path) -> None:
    own = tmp_path / demo.FIRST
    own.write_text("mine")
    demo.copy(tmp_path)
    assert own.read_text() == "mine"
    assert (tmp_path / "00-index.ipynb").is_file()
    assert (tmp_path / "recordings/02-generate.yaml").is_file()


def test_the_loader_stays_small() -> None:
    assert (ROOT / "overskill_nb/widgets/static/loader.js").stat().st_size < 20_000
