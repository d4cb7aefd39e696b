"""An app from the template builds elsewhere, with nothing of ours."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from overskill_nb.pipeline import node
from overskill_nb.pipeline.project import Project


@pytest.mark.slow
def test_a_new_app_builds_with_npm_alone(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "My Tips")
    assert json.loads((project.root / "package.json").read_text())["name"] == "my-tips"
    (project.root / "src/components").mkdir()
    (project.root / "src/components/Tip.tsx").write_text(
        "export default function Tip({ bill }: { bill: number }) { return <b className='p-7'>{bill}</b>; }\n"
    )
    app = project.root / "src/App.tsx"
    app.write_text('import Tip from "@/components/Tip";\nexport default function App() { return <Tip bill={1} />; }\n')
    found = node.find()
    assert found is not None
    environment = {**os.environ, **found.environment}
    for command in (["install", "--no-audit", "--no-fund", "--loglevel=error"], ["run", "build"]):
        done = subprocess.run(
            [*found.npm, *command], cwd=project.root, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    built = project.root / "dist"
    assert (built / "index.html").is_file()
    assert ".p-7" in "".join(file.read_text() for file in built.glob("assets/*.css"))
