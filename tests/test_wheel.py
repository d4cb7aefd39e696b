"""What the wheel brings: the JavaScript, the tools' lockfile, the template, what enables the extension."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
def test_the_wheel_holds_all_that_a_machine_needs(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    package = [name for name in names if name.startswith("overskill_nb/")]
    for name in (
        "py.typed",
        "widgets/static/loader.js",
        "widgets/static/preview.js",
        "widgets/static/editor.js",
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
    enabling = "etc/jupyter/jupyter_server_config.d/overskill_nb.json"
    assert [name for name in names if name.endswith(enabling)]
    assert not [name for name in names if "node_modules" in name or name.startswith(("tests", "js/"))]
    assert wheel.stat().st_size < 2_000_000


def test_the_loader_stays_small() -> None:
    assert (ROOT / "overskill_nb/widgets/static/loader.js").stat().st_size < 20_000
