"""The files that connecting writes: the workflow against GitHub's published schema, and its scripts."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from overskill_nb.pipeline.artefacts import COMPATIBILITY_DATE
from overskill_nb.pipeline.github import workflow
from overskill_nb.pipeline.local_github.actions.workflow import parse
from overskill_nb.pipeline.node import Node


def test_the_workflow_is_valid_by_the_published_schema(tmp_path: Path) -> None:
    file = tmp_path / "deploy.yml"
    file.write_text(workflow.files("tips", "worker/index.ts")[workflow.WORKFLOW])
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    done = subprocess.run([*check, file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    file.write_text(file.read_text().replace("runs-on", "runs-upon"))
    assert subprocess.run([*check, file], capture_output=True, check=False).returncode == 1


def test_no_input_reaches_a_shells_text_and_secrets_only_the_last_step() -> None:
    text = workflow.files("tips")[workflow.WORKFLOW]
    (job,) = parse(text).jobs.values()
    for step in job.steps:
        assert "${{" not in step.run
        secret = [name for name, value in step.env.items() if "secrets." in str(value)]
        assert secret == (["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID"] if step.name == "Deploy" else [])
    assert not job.env
    read: dict[str, Any] = yaml.safe_load(text)
    assert read["permissions"] == {"contents": "read"}
    assert read["concurrency"] == {"group": "overskill-${{ inputs.environment }}", "cancel-in-progress": False}
    assert text.count("secrets.") == 2
    assert "wrangler@4 " in text


@pytest.mark.parametrize(("name", "becomes"), [("Tips & Tricks!", "tips-tricks"), ("--", "app"), ("a" * 80, "a" * 54)])
def test_the_configuration_is_wranglers(name: str, becomes: str) -> None:
    assets = configuration(workflow.files(name))
    assert assets["name"] == becomes
    assert assets["compatibility_date"] == COMPATIBILITY_DATE
    assert "main" not in assets
    assert assets["assets"]["not_found_handling"] == "single-page-application"
    with_worker = configuration(workflow.files(name, "worker/index.js"))
    assert with_worker["main"] == "./worker/index.js"
    assert with_worker["assets"]["run_worker_first"] == ["/api/*"]
    assert configuration(workflow.files(name, "worker/index.ts"))["main"] == "./worker/index.ts"


def configuration(files: dict[str, str]) -> dict[str, Any]:
    text = files[workflow.CONFIGURATION]
    read: dict[str, Any] = json.loads("\n".join(line for line in text.splitlines() if not line.startswith("//")))
    return read


class App:
    """A folder with the scripts in it."""

    def __init__(self, root: Path, node: Node) -> None:
        self.root = root
        self._node = node
        for path, text in workflow.files("tips").items():
            self.write(path, text)

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    async def run(self, script: str, **env: str) -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            self._node.executable,
            f".github/overskill/{script}.mjs",
            cwd=self.root,
            env={"GITHUB_ENV": str(self.root / "env"), "RUNNER_TEMP": str(self.root), **env},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await process.communicate()
        return process.returncode or 0, out.decode()


@pytest.fixture
def app(tmp_path: Path, node: Node) -> App:
    return App(tmp_path, node)


async def test_a_build_is_named_by_the_hash_of_what_is_served(app: App) -> None:
    app.write("dist/index.html", "<p>one")
    app.write("dist/assets/main.js", "1")
    app.write("dist/_headers", "/*\n  X: 1\n")
    code, said = await app.run("name-build", DEPLOYMENT="d1", COMMIT="c1")
    assert code == 0
    text = (app.root / "dist/_overskill/build.json").read_bytes()
    assert said.splitlines()[-1] == f"overskill-build {hashlib.sha256(text).hexdigest()}"
    listed = json.loads(text)
    assert (listed["deployment"], listed["commit"], listed["worker"]) == ("d1", "c1", False)
    assert (listed["headers"], listed["redirects"]) == ("/*\n  X: 1\n", "")
    assert [(file["path"], file["size"], file["sha256"]) for file in listed["files"]] == [
        ("/assets/main.js", 1, hashlib.sha256(b"1").hexdigest()),
        ("/index.html", 6, hashlib.sha256(b"<p>one").hexdigest()),
    ]
    assert (await app.run("name-build", DEPLOYMENT="d1", COMMIT="c1")) == (0, said)
    app.write("dist/assets/main.js", "2")
    assert (await app.run("name-build", DEPLOYMENT="d1", COMMIT="c1"))[1] != said
    app.write("worker/index.js", "export default {}")
    await app.run("name-build")
    assert json.loads((app.root / "dist/_overskill/build.json").read_text())["worker"]


async def test_a_build_elsewhere_than_in_dist_is_named(app: App) -> None:
    code, said = await app.run("name-build")
    assert code == 1
    assert said.startswith("::error::The build left no dist/index.html")


async def test_values_reach_the_build_and_the_worker_as_they_are(app: App) -> None:
    app.write("worker/index.ts", "")
    value = "a 'b' \"c\" $(d)\nEND\nNODE_OPTIONS=x"
    code, _ = await app.run("take-values", VALUES=json.dumps({"VITE_A": value, "OTHER": "o:1"}))
    assert code == 0
    written = (app.root / "env").read_text()
    assert re.fullmatch(rf"VITE_A<<(\S+)\n{re.escape(value)}\n\1\n", written)
    words = (app.root / "overskill-values").read_text().split("\0")
    assert words == ["--var", f"VITE_A:{value}", "--var", "OTHER:o:1", ""]


@pytest.mark.parametrize(
    "values", ["[", "[]", "null", '{"a b": "c"}', '{"A": 1}', '{"A\\nB": "x"}', '{"A": "\\u0000"}']
)
async def test_values_that_are_none_are_refused(app: App, values: str) -> None:
    code, said = await app.run("take-values", VALUES=values)
    assert (code, said[:9]) == (1, "::error::")
