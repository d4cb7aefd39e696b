"""Have twenty components written and twenty changed by a model, beside what the bare model does, in one run.

usage: run.py --model SPEC [--only bare,prompts,edits,replay,wire] [--take 3] [--json FILE]

``replay`` and ``wire`` are tests: ten recorded generations in two seconds without a network, and providers' formats
with their faults.

Prints a line a component, then the bars. Exits 1 where a bar is not met.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE), str(HERE.parent / "hot")]

from bars import Bar  # noqa: E402
from edits import EDITS, Edit, lost  # noqa: E402
from prompts import PROMPTS, Prompt  # noqa: E402

from overskill_nb import config  # noqa: E402
from overskill_nb.errors import OverskillError  # noqa: E402
from overskill_nb.pipeline import Engine  # noqa: E402
from overskill_nb.pipeline.generation import answer, budget, model_spec  # noqa: E402
from overskill_nb.pipeline.generation.asking import Answered, Asking  # noqa: E402
from overskill_nb.pipeline.generation.open_app import OpenApp as Opened  # noqa: E402
from overskill_nb.protocol import AppInfo, FileChange, OpenApp, WriteFiles  # noqa: E402
from overskill_nb.protocol_generation import (  # noqa: E402
    Budget,
    GenerateComponent,
    Generation,
    GenerationInfo,
    GetGeneration,
)

TESTS = {
    "replay": ["tests/pipeline/generation/test_recordings.py"],
    "wire": ["tests/pipeline/generation/test_bad_answers.py", "tests/pipeline/generation/test_generation.py"],
}
PARTS = ("bare", "prompts", "edits", *TESTS)
SYSTEM = "You are an expert React developer. Answer with one component in TypeScript."
LONG = Budget(seconds=1800)


class Bench:
    """One app in which everything is written."""

    def __init__(self, engine: Engine, app: str, opened: Opened, model: str) -> None:
        self.engine, self.app, self.opened, self.model = engine, app, opened, model

    async def generate(self, name: str, prompt: str) -> Generation:
        request = GenerateComponent(app=self.app, name=name, prompt=prompt, model=self.model, mode="live", budget=LONG)
        info = await self.engine.handle(request)
        assert isinstance(info, GenerationInfo)
        while info.generation.status == "running":
            wait = GetGeneration(app=self.app, generation=info.generation.id, seen=info.seen, seconds=60)
            info = await self.engine.handle(wait)
            assert isinstance(info, GenerationInfo)
        return info.generation

    async def works(self, prompt: Prompt, path: str) -> bool:
        checked = await self.opened.check({}, path, mend=False, steps=prompt.steps)
        return prompt.works(checked)

    async def written(self, prompt: Prompt) -> dict[str, Any]:
        done = await self.generate(prompt.name, prompt.text)
        works = done.status == "kept" and await self.works(prompt, done.files[0].path)
        return {**_row(prompt.name, done), "works": works, "code": done.files[0].after if done.files else ""}

    async def bare(self, prompt: Prompt) -> dict[str, Any]:
        """The same model with one sentence and one try; its answer is kept only if it runs as it is."""
        path = f"src/bare/{prompt.name}.tsx"
        spending = budget.Spending(budget.settled(LONG))
        text = ""
        async with Asking(model_spec.read(self.model), spending) as asking:
            asking.takes_grammars = False
            async for piece in asking.ask(f"Write the React component {prompt.name}: {prompt.text}", SYSTEM):
                if isinstance(piece, Answered):
                    text = piece.text
        found = answer.read(text, path)
        passed = bool(found.files) and (await self.opened.check(found.files, path, mend=False)).passed
        cost = spending.cost
        tokens = cost.input_tokens + cost.output_tokens
        return {
            "name": prompt.name,
            "kept": passed,
            "tokens": tokens,
            "seconds": cost.seconds,
            "problem": found.problem,
        }

    async def edited(self, edit: Edit, number: int) -> dict[str, Any]:
        name = f"{edit.name}{number}"
        source = edit.source.replace(f"function {edit.name}(", f"function {name}(")
        path = f"src/components/{name}.tsx"
        await self.engine.handle(WriteFiles(app=self.app, files=[FileChange(path=path, content=source)]))
        done = await self.generate(name, edit.prompt)
        after = done.files[0].after or "" if done.status == "kept" and done.files else source
        applied, changed = edit.applied(after), lost(source, after)
        good = applied and changed <= edit.lines
        return {**_row(name, done), "prompt": edit.prompt, "applied": applied, "lost": changed, "good": good}


def _row(name: str, done: Generation) -> dict[str, Any]:
    return {
        "name": name,
        "kept": done.status == "kept",
        "attempts": len(done.attempts),
        "tokens": done.cost.input_tokens + done.cost.output_tokens,
        "seconds": done.cost.seconds,
        "own": done.cost.own_seconds,
        "mended": [note for attempt in done.attempts for note in attempt.mended],
        "error": done.error,
    }


async def measure(model: str, parts: list[str], take: int) -> dict[str, list[dict[str, Any]]]:
    """Everything, one after another: the model has the machine to itself."""
    out: dict[str, list[dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(Path(folder))
        try:
            info = await engine.handle(OpenApp(folder="app", create=True))
            assert isinstance(info, AppInfo)
            bench = Bench(engine, info.app, Opened(await engine.app(info.app)), model)
            work: dict[str, list[Any]] = {
                "bare": [(bench.bare, (prompt,)) for prompt in PROMPTS[:take]],
                "prompts": [(bench.written, (prompt,)) for prompt in PROMPTS[:take]],
                "edits": [(bench.edited, (edit, n)) for n, edit in enumerate(EDITS[:take], 1)],
            }
            for part in parts:
                out[part] = []
                for call, arguments in work[part]:
                    began = time.monotonic()
                    try:
                        row = await call(*arguments)
                    except OverskillError as error:
                        row = {"name": arguments[0].name, "kept": False, "tokens": 0, "error": str(error)}
                    out[part].append(row)
                    shown = {key: value for key, value in row.items() if key not in {"code", "name", "mended"}}
                    print(f"{part:8} {row['name']:22} {time.monotonic() - began:6.1f} s  {shown}", flush=True)
        finally:
            await engine.close()
    return out


def bars(found: dict[str, list[dict[str, Any]]]) -> list[Bar]:
    """The issue's bars, as far as they were measured."""
    out = []
    if rows := found.get("prompts"):
        kept = [row for row in rows if row["kept"]]
        out.append(Bar("prompts that fail", 1 - len(kept) / len(rows), 0.10, ""))
        out.append(Bar("own time of a generation, seconds", sorted(r["own"] for r in rows)[len(rows) // 2], 0.30, "s"))
        bare = found.get("bare")
        if bare and kept:
            single = sum(row["tokens"] for row in bare) / len(bare)
            out.append(
                Bar("tokens a success, in bare answers", sum(r["tokens"] for r in rows) / len(kept) / single, 2.5, "")
            )
    if rows := found.get("edits"):
        out.append(Bar("edits that fail", 1 - sum(row.get("good", False) for row in rows) / len(rows), 0.10, ""))
    return out


def tested(part: str) -> Bar:
    """Run the tests that stand for a part."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS[part]], cwd=ROOT, check=False
    )
    return Bar(f"{part}: test runs that fail", float(done.returncode != 0), 0.0, "")


def main() -> int:
    """Measure, print, and say whether all bars are met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--model", default=os.environ.get(config.MODEL, ""), help="a .gguf file, an address, anthropic:…"
    )
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(PARTS))
    parser.add_argument("--take", type=int, default=20, help="how many of each")
    parser.add_argument("--json", type=Path, default=ROOT / "artifacts/bench-generate.json")
    options = parser.parse_args()
    asked = [part for part in options.only if part not in TESTS]
    if asked and not options.model:
        parser.error(f"name the model that is measured, with --model or in {config.MODEL}")
    found = asyncio.run(measure(options.model, asked, options.take))
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(found, indent=2))
    if rows := found.get("prompts"):
        print(f"behave as asked: {sum(row.get('works', False) for row in rows)} of {len(rows)}")
    if rows := found.get("bare"):
        print(f"bare answers that run: {sum(row['kept'] for row in rows)} of {len(rows)}")
    measured = bars(found) + [tested(part) for part in options.only if part in TESTS]
    for bar in measured:
        print(bar)
    return 0 if all(bar.met for bar in measured) else 1


if __name__ == "__main__":
    sys.exit(main())
