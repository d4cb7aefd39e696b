"""Deployments to the local Cloudflare, called -> verified, beside `vite build` and `wrangler deploy` to the same one.

The app has 60 dependencies. Each sample is an edit of one line, deployed by both contenders in turn; before them the
app is deployed for the first time, with nothing of its packages kept.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import opening
import peers
import quiet
from bars import Bar

from overskill_nb import config
from overskill_nb.pipeline import local_cloudflare, tools

if TYPE_CHECKING:
    import overskill_nb as ov
    from overskill_nb.pipeline.local_cloudflare import LocalCloudflare

ROOT = Path(__file__).resolve().parents[2]
WRANGLER = ROOT / "tests/pipeline/local_cloudflare/wrangler"
PROJECT = opening.Project("dashboard", peers.HERE / "apps/dashboard", "#ready")
LINE = "console.log('edit', {});\n"


def copy(source: Path, folder: Path) -> Path:
    """The project's own files in a folder, with the packages of the original."""
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("node_modules", "dist", config.STATE_FOLDER))
    (folder / "node_modules").symlink_to(source / "node_modules", target_is_directory=True)
    return folder


def edit(folder: Path, number: int) -> None:
    """Another last line of the app's main component, as an editor would save it."""
    file = folder / "src/App.tsx"
    text = file.read_text("utf-8").partition("console.log('edit'")[0]
    file.write_text(text + LINE.format(number), "utf-8")


def ours(app: ov.App) -> tuple[float, dict[str, float]]:
    """Milliseconds of a deployment, and of its steps."""
    started = time.perf_counter()
    made = app.deploy()
    made.wait(300)
    return (time.perf_counter() - started) * 1000, made.timings


class Wrangler:
    """`vite build`, then `wrangler deploy` of what it made, to the same local Cloudflare."""

    def __init__(self, folder: Path, cloudflare: LocalCloudflare, command: list[str], home: Path) -> None:
        self._folder = folder
        self._command = command
        self._environment = {
            **peers.environment(),
            "CLOUDFLARE_API_BASE_URL": cloudflare.api_url,
            "CLOUDFLARE_API_TOKEN": cloudflare.token,
            "WRANGLER_SEND_METRICS": "false",
            "HOME": str(home),
            "CI": "true",
            "NO_PROXY": "127.0.0.1,localhost",
        }
        configuration = {
            "name": "by-wrangler",
            "compatibility_date": "2026-01-01",
            "account_id": cloudflare.account,
            "assets": {"directory": "dist", "not_found_handling": "single-page-application"},
        }
        (folder / "wrangler.json").write_text(json.dumps(configuration), "utf-8")

    def deploy(self) -> tuple[float, float]:
        """Milliseconds of the build, and of the upload."""
        node = str(peers.node().executable)
        started = time.perf_counter()
        self._run([node, "node_modules/vite/bin/vite.js", "build"])
        built = time.perf_counter()
        self._run([node, *self._command, "deploy", "--dispatch-namespace", "overskill-preview"])
        return (built - started) * 1000, (time.perf_counter() - built) * 1000

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(
            command, cwd=self._folder, env=self._environment, check=False, text=True, capture_output=True
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def measure(rounds: int) -> dict[str, Any]:
    """All samples, in milliseconds."""
    source = opening.prepare(PROJECT)
    wrangler = asyncio.run(tools.ensure(peers.node(), print, WRANGLER, "wrangler"))
    with tempfile.TemporaryDirectory(prefix="overskill-deploy-", ignore_cleanup_errors=True) as name:
        scratch = Path(name)
        # Nothing of the app is kept from earlier runs; the tools are installed once per user.
        (scratch / "cache").mkdir()
        (scratch / "cache/tools").symlink_to(tools.folder().parent, target_is_directory=True)
        os.environ |= {
            config.CACHE: str(scratch / "cache"),
            config.ENGINE: "kernel",
            config.WORKSPACE: str(scratch / "work"),
        }
        (scratch / "work").mkdir()
        import overskill_nb as ov
        from overskill_nb import session

        try:
            warmed = ov.App("warm-up")
            ours(warmed)  # the engine, the local Cloudflare and DBOS are up
            app = ov.App.open(copy(source, scratch / "work/dashboard"))
            first, first_steps = ours(app)
            second = ov.App.open(copy(source, scratch / "work/another"))
            edit(second.folder, -1)
            another, _ = ours(second)
            found = asyncio.run(_running(scratch / "work"))
            theirs = copy(source, scratch / "theirs")
            peer = Wrangler(theirs, found, [str(wrangler / "node_modules/wrangler/bin/wrangler.js")], scratch)
            peer.deploy()
            samples: dict[str, list[Any]] = {"ours": [], "steps": [], "vite": [], "wrangler": []}
            for number in range(rounds):
                asyncio.run(quiet.quiet())
                edit(app.folder, number)
                total, steps = ours(app)
                samples["ours"].append(total)
                samples["steps"].append(steps)
                asyncio.run(quiet.quiet())
                edit(theirs, number)
                built, put = peer.deploy()
                samples["vite"].append(built)
                samples["wrangler"].append(put)
        finally:
            session.close()
    return {"first": first, "first steps": first_steps, "another": another, **samples}


async def _running(workspace: Path) -> LocalCloudflare:
    folder = workspace / config.STATE_FOLDER / "cloudflare"
    return await local_cloudflare.ensure(folder, peers.node(), print)


def bars(found: dict[str, Any]) -> Iterator[Bar]:
    """One second, a third of the usual way, and half of the first deployment."""
    own = statistics.median(found["ours"])
    theirs = statistics.median(map(sum, zip(found["vite"], found["wrangler"], strict=True)))
    over = statistics.median(row["total"] - sum(row[step] for step in _EFFECTS) for row in found["steps"])
    yield Bar("deployment, 60 dependencies, P50", own / 1000, 1.0, "s", f"p95 {_p95(found['ours']):.0f} ms")
    yield Bar("deployment / vite build + wrangler deploy", own / theirs, 0.33, note=f"{own:.0f} / {theirs:.0f} ms")
    yield Bar("engine beside build and network, P50", over, 150, "ms")
    yield Bar(
        "edit deployed / first deployment", own / found["first"], 0.5, note=f"{own:.0f} / {found['first']:.0f} ms"
    )


_EFFECTS = ("build", "upload", "put", "verify")


def lines(found: dict[str, Any]) -> Iterator[str]:
    """The steps, and the other way's."""
    steps = {step: statistics.median(row[step] for row in found["steps"]) for step in (*_EFFECTS, "total")}
    yield "speed     ours: " + ", ".join(f"{step} {ms:.0f} ms" for step, ms in steps.items())
    first = ", ".join(f"{step} {ms:.0f} ms" for step, ms in found["first steps"].items())
    yield f"speed     the first deployment, its packages never built before: {first}"
    yield f"speed     the first deployment of another app with the same packages: {found['another']:.0f} ms"
    both = {"vite build": found["vite"], "wrangler deploy": found["wrangler"]}
    yield "speed     theirs: " + ", ".join(f"{name} {statistics.median(own):.0f} ms" for name, own in both.items())


def _p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, round(0.95 * (len(values) - 1)))]
