"""The workflow that apps get, run whole: npm ci, Vite, wrangler, and the local Cloudflare that serves what came out."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from actions_world import Told, World

from overskill_nb.errors import VerificationError
from overskill_nb.pipeline import local_cloudflare
from overskill_nb.pipeline.artefacts import Artefact, ArtefactStore
from overskill_nb.pipeline.cloudflare import Cloudflare, Target, built_elsewhere
from overskill_nb.pipeline.cloudflare.verification import reachable
from overskill_nb.pipeline.github import workflow
from overskill_nb.pipeline.history.lockfile import lockfile
from overskill_nb.pipeline.local_cloudflare import LocalCloudflare
from overskill_nb.pipeline.node import Node
from overskill_nb.pipeline.project import Project

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

WORKER = """interface Env { VITE_TITLE: string; ASSETS: { fetch(request: Request): Promise<Response> } }
const app = {
  fetch(request: Request, env: Env): Response {
    return new Response(`${env.VITE_TITLE} at ${new URL(request.url).pathname}`);
  },
};
export default app;
"""


@pytest.fixture
async def cloudflare(tmp_path: Path, node: Node, workerd: Path) -> AsyncIterator[LocalCloudflare]:
    del workerd
    started = await local_cloudflare.ensure(tmp_path / "cloudflare", node, lambda _: None)
    yield started
    await started.close()


@pytest.fixture
async def target(cloudflare: LocalCloudflare) -> AsyncIterator[Target]:
    client = Cloudflare(cloudflare.account, cloudflare.token, cloudflare.api_url)
    target = Target.local(client, cloudflare.port)
    await client.ensure_namespace("overskill-production")
    yield target
    await target.close()


@pytest.fixture
def kept(cache: Path) -> Path:
    """npm's cache, which later runs of the tests find as a laptop's second deployment does."""
    return cache / "tools" / "actions"


@pytest.fixture(scope="session")
def lock(tmp_path_factory: pytest.TempPathFactory, node: Node) -> bytes:
    """The lock file of the packages that the template names."""
    made = asyncio.run(lockfile(Project.create(tmp_path_factory.mktemp("locked") / "tips"), node, print))
    assert made
    return made


def app(folder: Path, lock: bytes, **more: str) -> dict[str, str | bytes]:
    """The files of an app that was made from the template and connected."""
    project = Project.create(folder / "tips")
    for path, text in more.items():
        file = project.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    entry = next((path for path in workflow.ENTRIES if path in more), "")
    for path, text in workflow.files("tips", entry).items():
        file = project.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    files: dict[str, str | bytes] = {
        file.relative_to(project.root).as_posix(): file.read_bytes()
        for file in project.root.rglob("*")
        if file.is_file() and "node_modules" not in file.parts and ".git" not in file.parts
    }
    files["package-lock.json"] = lock
    return files


async def deploy(world: World, cloudflare: LocalCloudflare, deployment: str, **env: str) -> tuple[str, Told]:
    conclusion, told = await world.run(
        workflow.files("tips")[workflow.WORKFLOW],
        {
            "deployment": deployment,
            "commit": world.sha,
            "environment": "production",
            "namespace": "overskill-production",
            "script": "tips",
            "env": json.dumps(env),
        },
        secrets={"CLOUDFLARE_API_TOKEN": cloudflare.token, "CLOUDFLARE_ACCOUNT_ID": cloudflare.account},
        variables={"CLOUDFLARE_API_BASE_URL": cloudflare.api_url},
    )
    return conclusion, told


def digest(told: Told) -> str:
    found = re.findall(r"^overskill-build ([0-9a-f]{64})$", told.text(), re.MULTILINE)
    assert len(found) == 1, told.text()
    return str(found[0])


async def test_the_template_and_an_app_with_worker_code_are_built_deployed_verified_and_put_back(
    tmp_path: Path, node: Node, lock: bytes, cloudflare: LocalCloudflare, target: Target, kept: Path
) -> None:
    world = World(tmp_path, node, kept)
    canary = tmp_path / "canary"
    world.commit(app(tmp_path, lock, **{"public/_headers": "/*\n  X-Own: yes\n", "public/about.html": "<p>about"}))
    conclusion, told = await deploy(world, cloudflare, "d1", VITE_TITLE="one", SECOND=f"a b; $(touch {canary})")
    assert conclusion == "success", told.text()
    assert cloudflare.token not in told.text()
    assert not canary.exists()

    store = ArtefactStore(tmp_path / "artefacts")
    url = target.url("tips", "production")
    kept_artefact = await built_elsewhere.capture(url, digest(told), "d1", store, deadline=20)
    paths = [file.path for file in kept_artefact.files]
    assert {"/index.html", "/about.html", "/_overskill/build.json"} < set(paths)
    assert (kept_artefact.headers, kept_artefact.worker) == ("/*\n  X-Own: yes\n", "")
    assert [path.rpartition(".")[2] for path in kept_artefact.first_load] == ["html", "js", "css"]
    assert kept_artefact.first_load_gzip > 10_000
    before = await visited(url, paths)

    # An app with worker code comes in its place.
    world.commit(app(tmp_path / "second", lock, **{"worker/index.ts": WORKER}))
    conclusion, told = await deploy(world, cloudflare, "d2", VITE_TITLE='it\'s "one" $HOME', SECOND="two")
    assert conclusion == "success", told.text()
    said = 'it\'s "one" $HOME at /api/x'
    assert (await visited(url, ["/api/x"]))["/api/x"][0] == said.encode()
    script = target.script("tips", "production")

    async def worker() -> dict[str, bytes]:
        return await target.cloudflare.modules(script)

    with_worker = await built_elsewhere.capture(url, digest(told), "d2", store, deadline=20, worker=worker)
    assert with_worker.worker
    assert with_worker != kept_artefact
    with pytest.raises(VerificationError, match=r"that of deployment d2"):
        await built_elsewhere.capture(url, "0" * 64, "d1", store, deadline=0.2)

    # The first artefact again, and then the second.
    token = await target.upload(script, kept_artefact, store, app="tips-1")
    await target.put(script, kept_artefact, store, token, app="tips-1", deployment="d3")
    await target.verify(url, kept_artefact, deadline=10)
    assert await visited(url, paths) == before
    assert (await built_elsewhere.capture(url, kept_digest(store, kept_artefact), "d1", store, deadline=5)).files == (
        kept_artefact.files
    )

    await target.delete(script)
    token = await target.upload(script, with_worker, store, app="tips-1")
    env = {"VITE_TITLE": 'it\'s "one" $HOME'}
    await target.put(script, with_worker, store, token, app="tips-1", deployment="d4", env=env)
    await target.verify(url, with_worker, deadline=10)
    assert (await visited(url, ["/api/x"]))["/api/x"][0] == said.encode()


async def test_a_build_that_fails_says_why_in_its_steps_log(
    tmp_path: Path, node: Node, lock: bytes, cloudflare: LocalCloudflare, kept: Path
) -> None:
    world = World(tmp_path, node, kept)
    world.commit(app(tmp_path, lock, **{"src/App.tsx": "export default function App() { return <p>{nothing}</p> }"}))
    conclusion, told = await deploy(world, cloudflare, "d1")
    assert conclusion == "failure"
    assert told.steps["Build"] == "failure"
    assert told.steps["Deploy"] == "skipped"
    assert "Cannot find name 'nothing'" in told.text("Build")
    assert ("error", "Process completed with exit code 2.", "", 0) in told.remarks


def test_the_app_builds_without_any_of_it(tmp_path: Path, lock: bytes) -> None:
    files = app(tmp_path, lock)
    with_all = sorted(path for path in files if path.startswith(".github/") or path == "wrangler.jsonc")
    assert with_all == sorted(workflow.files("tips"))
    manifest = json.loads(files["package.json"])
    assert not any("wrangler" in name for name in [*manifest["dependencies"], *manifest["devDependencies"]])


async def visited(url: str, paths: list[str]) -> dict[str, tuple[bytes, str]]:
    """What a visitor gets."""
    found = {}
    async with httpx.AsyncClient(verify=False) as client:
        for path in paths:
            address, headers = reachable(url.rstrip("/") + built_elsewhere.visited(path))
            answer = await client.get(address, headers=headers)
            assert answer.status_code == 200, path
            found[path] = (answer.content, answer.headers["content-type"])
    return found


def kept_digest(store: ArtefactStore, artefact: Artefact) -> str:
    (found,) = [file.sha256 for file in artefact.files if file.path == built_elsewhere.LIST]
    assert store.read(found)
    return found
