#!/usr/bin/env python3
"""Pushes to the local GitHub beside `git push` of the same to the same server, interleaved.

An app of 60 files is pushed to an empty repository, then a change of one line. git gets its token with the first
request, as ours does, so that it asks nothing twice.

usage: push.py [--rounds 12]
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE.parent / "hot")]

import peers  # noqa: E402
import quiet  # noqa: E402
from bars import Bar  # noqa: E402

from overskill_nb.pipeline import local_github  # noqa: E402
from overskill_nb.pipeline.github import GithubClient, Settings  # noqa: E402
from overskill_nb.pipeline.github.remote import Remote  # noqa: E402

FILES = 60
BAR = 1.5
WHO = ["-c", "user.name=Bench", "-c", "user.email=bench@localhost"]


class App:
    """A git repository like an app's."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.folder = folder
        self._chance = chance
        folder.mkdir()
        self.git("init", "-q", "-b", "main")
        for number in range(FILES):
            self.write(number)
        self.first = self.commit("Begin")

    def git(self, *arguments: str) -> str:
        """Run git here."""
        done = subprocess.run(["git", *WHO, *arguments], cwd=self.folder, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def write(self, number: int) -> None:
        """A component of 60 lines."""
        file = self.folder / f"src/part{number % 6}/Component{number}.tsx"
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = (" ".join(self._chance.choices("abcdefghijklmnop", k=30)) for _ in range(60))
        file.write_text("\n".join(f"  const x = '{line}';" for line in lines) + "\n", "utf-8")

    def change(self, number: int) -> str:
        """One more line; the commit."""
        with (self.folder / "src/part1/Component1.tsx").open("a", encoding="utf-8") as file:
            file.write(f"// {number}\n")
        return self.commit("Change a line")

    def commit(self, message: str) -> str:
        """All that there is."""
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD")


async def measure(rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each push."""
    from dulwich.repo import Repo

    samples: dict[str, list[float]] = {f"{who} {what}": [] for who in ("ours", "git") for what in ("first", "change")}
    with tempfile.TemporaryDirectory(prefix="overskill-push-") as name:
        running = await local_github.ensure(Path(name) / "github", peers.node(), lambda _: None)
        client = GithubClient(Settings(token=running.token, base_url=running.api_url, local=True))
        app = App(Path(name) / "app", random.Random(1))
        login = base64.b64encode(f"x-access-token:{running.token}".encode()).decode()
        header = ["-c", f"http.extraHeader=Authorization: Basic {login}"]
        try:
            for number in range(rounds + 1):
                for who in ("ours", "git"):
                    await client.create_repository(f"bench/{who}{number}")
                remote = Remote(client, f"bench/ours{number}")
                app.git("reset", "-q", "--hard", app.first)
                for what, new, before in (("first", app.first, ""), ("change", "", app.first)):
                    new = new or app.change(number)  # noqa: PLW2901
                    await quiet.quiet()
                    took = {}
                    for who in ("ours", "git") if number % 2 else ("git", "ours"):
                        began = time.perf_counter()
                        if who == "ours":
                            with Repo(str(app.folder)) as repo:
                                heads = await remote.heads(for_push=True)
                                await remote.push(repo.object_store, "main", new, before, heads=heads)
                        else:
                            url = f"{running.web_url}/bench/git{number}.git"
                            await asyncio.to_thread(app.git, *header, "push", "-q", url, f"{new}:refs/heads/main")
                        took[who] = (time.perf_counter() - began) * 1000
                    if number:  # the first round warms both up
                        for who, ms in took.items():
                            samples[f"{who} {what}"].append(ms)
                remote.close()
        finally:
            await client.close()
            await running.close()
    return samples


def bars(found: dict[str, list[float]]) -> Iterator[Bar]:
    """Each push beside git's."""
    for what, title in (("first", f"{FILES} files pushed first"), ("change", "a changed line pushed")):
        own, other = statistics.median(found[f"ours {what}"]), statistics.median(found[f"git {what}"])
        p95 = f"p95 {_p95(found[f'ours {what}']):.0f} / {_p95(found[f'git {what}']):.0f} ms"
        yield Bar(f"{title} / git push", own / other, BAR, note=f"{own:.0f} / {other:.0f} ms, {p95}")


def _p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, round(0.95 * (len(values) - 1)))]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=12)
    options = parser.parse_args()
    if shutil.which("git") is None:
        raise SystemExit("There is no git on this machine to compare with; install it.")
    found = asyncio.run(measure(options.rounds))
    (ROOT / "artifacts").mkdir(exist_ok=True)
    (ROOT / "artifacts/github-push.json").write_text(json.dumps(found, indent=1))
    measured = list(bars(found))
    print(*measured, sep="\n")
    return 0 if all(bar.met for bar in measured) else 1


if __name__ == "__main__":
    sys.exit(main())
