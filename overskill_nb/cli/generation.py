"""``overskill generate``, ``fix`` and ``ask``: what models write, mend and say."""

from __future__ import annotations

import argparse
import math
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .folder import Opened, opened, print_json
from .interrupts import interrupts_later

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..protocol import Diagnostic
    from ..protocol_generation import Cost, Generation, GenerationRequest, GenerationStep
    from .deployments import Commands

LIMITS = {
    "attempts": (int, "N", "versions that it may write"),
    "tokens": (int, "N", "tokens of all requests together"),
    "seconds": (float, "S", "seconds"),
    "money": (float, "USD", "US dollars, for models whose prices are known"),
}
GOOD = {"kept", "proposed", "answered"}
COMPILED = {"syntax", "resolve", "install", "css", "config", "file"}
"""Kinds of errors that compiling finds."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    generate = commands.add_parser("generate", help="have a model write a component, or change it where there is one")
    generate.add_argument("name", metavar="NAME", help="the component; . for the app, with as many files as it takes")
    generate.add_argument("prompt", metavar="PROMPT", help="what it shows and does; - to read that from the input")
    fix = commands.add_parser("fix", help="have a model mend the errors of an app")
    ask = commands.add_parser("ask", help="ask a model about an app; nothing is changed")
    ask.add_argument("prompt", metavar="QUESTION", help="the question; - to read it from the input")
    for parser, run in ((generate, _generate), (fix, _fix), (ask, _ask)):
        parser.set_defaults(run=run)
        here = Path()
        parser.add_argument(
            "--app", type=Path, default=here, metavar="FOLDER", help="the app's folder; by default here"
        )
        parser.add_argument("--model", default="", help="such as anthropic:…; by default the one in OVERSKILL_MODEL")
        for name, (kind, metavar, what) in LIMITS.items():
            parser.add_argument(f"--{name}", type=kind, default=0, metavar=metavar, help=f"at most so many {what}")
        parser.add_argument("--json", action="store_true", help="print data instead of text")
        if run is not _fix:
            more = {"action": "append", "default": [], "type": Path, "metavar": "FILE"}
            parser.add_argument("--context", help="a further file to show to the model; may be repeated", **more)  # type: ignore[arg-type]
        if run is not _ask:
            parser.add_argument("--no-keep", action="store_true", help="print the difference, and write nothing")


def _generate(options: argparse.Namespace) -> int:
    from ..protocol_generation import GenerateApp, GenerateComponent

    def request(app: Opened) -> GenerationRequest:
        given = {
            "prompt": _prompt(options),
            "keep": not options.no_keep,
            **_context(app, options),
            **_given(app, options),
        }
        return GenerateApp(**given) if options.name == "." else GenerateComponent(name=options.name, **given)

    return _followed(options, request)


def _fix(options: argparse.Namespace) -> int:
    from ..protocol_generation import FixApp

    return _followed(options, lambda app: FixApp(errors=_errors(app), keep=not options.no_keep, **_given(app, options)))


def _ask(options: argparse.Namespace) -> int:
    from ..protocol_generation import AskModel

    return _followed(
        options, lambda app: AskModel(question=_prompt(options), **_context(app, options), **_given(app, options))
    )


def _prompt(options: argparse.Namespace) -> str:
    text: str = sys.stdin.read() if options.prompt == "-" else options.prompt
    return text


def _given(app: Opened, options: argparse.Namespace) -> dict[str, Any]:
    """What all requests say."""
    from ..generation import asking
    from ..protocol_generation import Budget

    budget = Budget(**{name: getattr(options, name) for name in LIMITS})
    return {"app": app.id, "budget": budget, **asking(options.model)}


def _context(app: Opened, options: argparse.Namespace) -> dict[str, Any]:
    from .. import context
    from ..protocol import Files, ListFiles

    return context.read(options.context, app.session.call(ListFiles(app=app.id), Files).paths).fields


def _errors(app: Opened) -> list[Diagnostic]:
    """What only shows when the app is rendered. What compiling finds, the engine knows then."""
    from ..protocol import Prepare, Prepared
    from ..protocol_generation import CheckFiles, CheckInfo

    app.session.call(Prepare(app=app.id), Prepared)
    found = app.session.call(CheckFiles(app=app.id, target="App"), CheckInfo).diagnostics
    return [one for one in found if one.severity == "error" and one.kind not in COMPILED]


def _followed(options: argparse.Namespace, request: Callable[[Opened], GenerationRequest]) -> int:
    """Begin a generation and print it as it goes; 0 where something came of it."""
    try:
        with opened(options.app) as app:
            asked = request(app)
            return _follow(app, asked, options.json)
    except KeyboardInterrupt:
        print("overskill: stopped; nothing was asked", file=sys.stderr)
        return 130


def _follow(app: Opened, request: GenerationRequest, as_json: bool) -> int:
    from ..protocol_generation import CancelGeneration, GenerationInfo, GetGeneration

    shown = _Shown(sys.stdout.isatty() and not as_json)
    with interrupts_later() as interrupted:
        known = app.session.call(request, GenerationInfo).generation
    try:
        if interrupted:
            raise KeyboardInterrupt
        seen, over = -1, False
        while not over:
            more = GetGeneration(app=app.id, generation=known.id, seen=seen, seconds=20)
            info = app.session.call(more, GenerationInfo)
            known, seen = info.generation, info.seen
            over = shown.take(info.steps)
    except KeyboardInterrupt:
        cancel = CancelGeneration(app=app.id, generation=known.id)
        _print_stopped(shown, app.session.call(cancel, GenerationInfo).generation)
        return 130
    if as_json:
        print_json(known)
    else:
        _print_outcome(shown, known)
    return 0 if known.status in GOOD else 1


class _Shown:
    """What a terminal shows while a generation runs; elsewhere it shows nothing."""

    def __init__(self, terminal: bool) -> None:
        self.terminal = terminal
        self._in_line = False
        self.streamed = False
        """Whether the text of an answer was shown."""

    def take(self, steps: Iterable[GenerationStep]) -> bool:
        """Show more; whether nothing else comes."""
        from ..protocol_generation import AttemptChecked, GenerationEnded, TextWritten, ToolUsed

        for step in steps:
            if isinstance(step, GenerationEnded):
                self.end_line()
                return True
            if not self.terminal:
                continue
            if isinstance(step, TextWritten):
                self._write(step.text)
                self.streamed = True
            elif isinstance(step, ToolUsed):
                self._line(f"[{step.tool} {step.subject}] {step.outcome}".rstrip())
            elif isinstance(step, AttemptChecked):
                errors = [found.message for found in step.attempt.diagnostics if found.severity == "error"]
                self._line(f"attempt {step.attempt.number} {'passed' if step.attempt.passed else 'failed'}")
                for text in [*step.attempt.mended, *errors]:
                    self._line(f"  {text}")
        sys.stdout.flush()
        return False

    def text(self, text: str) -> None:
        """Show a whole text."""
        self.end_line()
        self._write(text)
        self.end_line()

    def end_line(self) -> None:
        if self._in_line:
            self._write("\n")
            sys.stdout.flush()

    def _line(self, text: str) -> None:
        self.text(text.replace("\n", " "))

    def _write(self, text: str) -> None:
        if text:
            # What a model wrote must not steer the terminal.
            sys.stdout.write(_CONTROL.sub("", text) if self.terminal else text)
            self._in_line = not text.endswith("\n")


def _print_outcome(shown: _Shown, known: Generation) -> None:
    if known.task == "ask" and not shown.streamed:
        shown.text(known.answer)
    if known.status in {"kept", "proposed"}:
        shown.text(known.diff)
    sys.stdout.flush()
    paths = ", ".join(file.path for file in known.files)
    said = {
        "kept": f"kept {paths}" if paths else "nothing had to change",
        "proposed": f"proposed {paths}; nothing was written",
        "answered": "answered",
    }.get(known.status, known.error or f"the generation is {known.status}")
    print(f"overskill: {said}", file=sys.stderr)
    print(f"overskill: {_cost(known)}", file=sys.stderr)


def _print_stopped(shown: _Shown, known: Generation) -> None:
    shown.end_line()
    paths = ", ".join(file.path for file in known.files)
    kept = f"{paths} had been kept by then" if known.status == "kept" else "the files are as they were"
    print(f"overskill: stopped; {kept}", file=sys.stderr)
    print(f"overskill: {_cost(known)}", file=sys.stderr)


def _cost(known: Generation) -> str:
    cost: Cost = known.cost
    tokens = cost.input_tokens + cost.output_tokens
    count = len(known.attempts)
    facts = [
        f"{count} {'attempt' if count == 1 else 'attempts'}" if count else "",
        f"{tokens:,} tokens",
        "" if cost.money is None else _money(cost.money),
        f"{cost.seconds + cost.own_seconds:.1f} s",
        f"of {known.model}" if known.model else "",
    ]
    return ", ".join(fact for fact in facts if fact) + (" (replayed)" if known.replayed else "")


def _money(dollars: float) -> str:
    """Two figures that say something, however little it is."""
    digits = 2 if not 0 < dollars < 1 else min(8, max(2, 1 - math.floor(math.log10(dollars))))
    return f"${dollars:.{digits}f}"
