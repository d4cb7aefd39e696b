"""Answers of models beside the notebook, so that it runs again without a model or a key.

One file a notebook, one entry a request, sorted by what was asked: two branches that record different requests merge.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from ... import config
from ...errors import GenerationError, RecordingMissing
from ...protocol import Diagnostic
from ...protocol_generation import Attempt, Cost, Mode
from ...redaction import of_environment, redacted
from .request import Wanted

VERSION = 1
UNNAMED = "notebook.yaml"
"""The recording of a notebook that does not know its own name; in replay, all recordings beside it are looked into."""
_MODES = ("auto", "record", "replay", "live")

_writing = threading.Lock()
"""Generations that run at the same time record into one file."""


class Recorded(NamedTuple):
    """What a request came to when it was recorded."""

    files: dict[str, str | None]
    attempts: list[Attempt]
    answer: str
    cost: Cost
    error: str = ""
    """Why nothing was kept."""
    model: str = ""
    """The one that answered."""


class Asked(NamedTuple):
    """What a recording is found by."""

    task: str
    name: str
    prompt: str
    model: str
    """Empty where the request named none."""
    files: dict[str, str]
    """Path, or name of a further text, to the hash of what it held."""
    state: frozenset[str] = frozenset()
    """Those of them that are the app's, as it is."""

    @property
    def key(self) -> str:
        parts = json.dumps([*self[:4], sorted(self.files.items())], ensure_ascii=False)
        return hashlib.sha256(parts.encode()).hexdigest()[:16]


def mode(asked: Mode | None, environment: Mapping[str, str] = os.environ) -> Mode:
    """How to answer: as asked, as the environment says, or ``auto``. Raises GenerationError."""
    named = asked or environment.get(config.MODE, "").strip().lower() or "auto"
    for known in _MODES:
        if named == known:
            return named  # type: ignore[return-value]
    raise GenerationError(f"'{named}' is no mode: {config.MODE} is auto, record, replay or live.")


def asked(wanted: Wanted, model: str, current: Mapping[str, str]) -> Asked:
    """The key of a request. ``current`` are the files that it works on, by path."""
    files = {path: _hash(text) for path, text in current.items()}
    files |= {name: _hash(text) for name, text in wanted.context.items()}
    files |= {f"picture {n}": _hash(picture.data) for n, picture in enumerate(wanted.pictures, 1)}
    if wanted.variant:
        files["variant"] = str(wanted.variant)
    return Asked(wanted.task, wanted.name, wanted.prompt, model, files, frozenset(current))


class Recordings:
    """One notebook's recordings."""

    def __init__(self, file: Path, root: Path, secret: Sequence[str] = ()) -> None:
        """``secret`` are texts that never go into it."""
        self.file = file
        self._root = root
        self._secret = secret

    def find(self, wanted: Asked, *, strict: bool = True) -> Recorded | None:
        """What was recorded for a request.

        A notebook that runs again finds the app as its last run left it. Files that hold what is recorded of them
        are what they were for this purpose; files that are not recorded at all are so unless ``strict``.
        """
        all_entries = list(self._all())
        entry = next((entries[wanted.key] for entries in all_entries if wanted.key in entries), None)
        if entry is None:
            entry = _same_but_for_state([e for one in all_entries for e in one.values()], wanted, strict)
        if entry is None:
            return None
        try:
            return Recorded(
                {str(path): text for path, text in (entry.get("files") or {}).items()},
                [msgspec.convert(_attempt(item, n), Attempt) for n, item in enumerate(entry.get("attempts") or [], 1)],
                str(entry.get("answer") or ""),
                msgspec.convert(entry.get("cost") or {}, Cost),
                str(entry.get("error") or ""),
                str(entry.get("model") or ""),
            )
        except (msgspec.ValidationError, AttributeError, TypeError) as error:
            raise GenerationError(
                f"The recording {wanted.key} in '{self.file.name}' cannot be read: {error}."
            ) from error

    def missing(self, wanted: Asked) -> RecordingMissing:
        """The error for a request that nothing is recorded for."""
        what = f"'{wanted.name}'" if wanted.name else "this request"
        notebook = f"{self.file.stem}.ipynb"
        how = f"{config.NOTEBOOK}={notebook} {config.MODE}=record jupyter execute --inplace {notebook}"
        if self.file.name == UNNAMED:
            how = f"open it in Jupyter and run it with {config.MODE}=record"
        return RecordingMissing(
            f"Nothing is recorded for {what} in '{self.file.name}': {self._difference(wanted)}. To record it with a "
            f"model within reach: {how}"
        )

    def _difference(self, wanted: Asked) -> str:
        entries = [entry for one in self._all() for entry in one.values() if isinstance(entry, dict)]
        if not entries:
            return "it holds nothing"
        nearest = max(entries, key=lambda entry: _likeness(entry, wanted))
        parts = []
        if (nearest.get("task"), nearest.get("name") or "") != (wanted.task, wanted.name):
            parts.append(f"the nearest is for {nearest.get('name') or nearest.get('task')}")
        if nearest.get("prompt") != wanted.prompt:
            parts.append(f"the prompt differs ({_first_difference(str(nearest.get('prompt')), wanted.prompt)})")
        if (model := _named(nearest)) != wanted.model:
            parts.append(f"it was recorded with {model or 'no model named'}, not {wanted.model or 'no model named'}")
        there = nearest.get("reads") or {}
        for path in sorted({*there, *wanted.files}):
            if there.get(path) != wanted.files.get(path):
                how = "is new" if path not in there else "is gone" if path not in wanted.files else "changed"
                parts.append(f"{path} {how}")
        return "; ".join(parts[:6]) or "the entry is another one"

    def keep(self, wanted: Asked, recorded: Recorded) -> None:
        """Write a recording, in place of what was recorded for the same request."""
        entry = {
            "task": wanted.task,
            "name": wanted.name,
            "model": recorded.model,
            "named": bool(wanted.model),
            "prompt": wanted.prompt,
            "reads": dict(sorted(wanted.files.items())),
            "answer": recorded.answer,
            "attempts": [_written(attempt) for attempt in recorded.attempts],
            "files": dict(sorted(recorded.files.items())),
            "error": recorded.error,
            "cost": {k: v for k, v in msgspec.to_builtins(recorded.cost).items() if v is not None},
        }
        with _writing:
            self._write(wanted, entry)

    def _write(self, wanted: Asked, entry: dict[str, Any]) -> None:
        import yaml

        entries = self._read(self.file)
        filled = {k: v for k, v in entry.items() if v not in ("", {}, [])}
        folders = [(str(self._root), "<app>"), (str(Path.home()), "~")]
        entries[wanted.key] = redacted(filled, [*of_environment(), *self._secret], folders)
        text = f"# What models answered to {self.file.stem}.ipynb. Refresh it with {config.MODE}=record.\n" + yaml.dump(
            {"version": VERSION, "recordings": dict(sorted(entries.items()))},
            Dumper=_dumper(),
            sort_keys=False,
            allow_unicode=True,
            width=110,
        )
        self.file.parent.mkdir(parents=True, exist_ok=True)
        scratch = self.file.with_name(f".{self.file.name}.{os.getpid()}")
        scratch.write_text(text, "utf-8")
        os.replace(scratch, self.file)

    def _all(self) -> Iterator[dict[str, Any]]:
        """What this notebook recorded, then, where its name is not known, what the others beside it did."""
        yield self._read(self.file)
        if self.file.name == UNNAMED:
            for other in sorted(self.file.parent.glob("*.yaml")):
                if other != self.file:
                    yield self._read(other)

    def _read(self, file: Path) -> dict[str, Any]:
        import yaml

        try:
            text = file.read_text("utf-8")
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            raise GenerationError(f"The recording '{file.name}' cannot be read: {error}.") from error
        try:
            read = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - a safe one
        except yaml.YAMLError as error:
            at = getattr(error, "problem_mark", None)
            where = f" (line {at.line + 1})" if at else ""
            raise GenerationError(f"The recording '{file.name}' is not YAML{where}; was it merged by hand?") from error
        entries = read.get("recordings") if isinstance(read, dict) else None
        if not isinstance(read, dict) or read.get("version") != VERSION or not isinstance(entries, dict):
            raise GenerationError(f"The recording '{file.name}' is of a version that is not known here.")
        return entries


def _same_but_for_state(entries: Sequence[Any], wanted: Asked, strict: bool) -> dict[str, Any] | None:
    """The entry of the same request, where all that differs are files that an earlier run has written."""
    entries = [entry for entry in entries if isinstance(entry, dict)]
    known: dict[str, set[str]] = {}
    for entry in entries:
        for path, text in (entry.get("files") or {}).items():
            known.setdefault(path, set()).add("" if text is None else _hash(str(text)))
        for path, digest in (entry.get("reads") or {}).items():
            known.setdefault(path, set()).add(str(digest))

    def fits(entry: dict[str, Any]) -> bool:
        there = entry.get("reads") or {}
        for path in {*there, *wanted.files}:
            now = wanted.files.get(path)
            if now == there.get(path):
                continue
            if path not in wanted.state or not (now in known.get(path, ()) or (path not in known and not strict)):
                return False
        return True

    def same(entry: dict[str, Any]) -> bool:
        what = (entry.get("task"), entry.get("name") or "", entry.get("prompt"), _named(entry))
        return what == (wanted.task, wanted.name, wanted.prompt, wanted.model)

    found = [entry for entry in entries if same(entry) and fits(entry)]
    return max(found, key=lambda entry: _shared(entry, wanted), default=None)


def _shared(entry: dict[str, Any], wanted: Asked) -> int:
    return len(set((entry.get("reads") or {}).items()) & set(wanted.files.items()))


def _hash(text: str) -> str:
    return hashlib.sha256(text.replace("\r\n", "\n").encode()).hexdigest()[:12]


def _written(attempt: Attempt) -> dict[str, Any]:
    """An attempt as it is recorded: readable, without what the check finds again."""
    out: dict[str, Any] = {"passed": attempt.passed}
    if attempt.diagnostics:
        out["found"] = [msgspec.to_builtins(d) for d in attempt.diagnostics]
        for item in out["found"]:
            for name in [name for name, value in item.items() if value in ("", None)]:
                del item[name]
    if attempt.mended:
        out["mended"] = attempt.mended
    if attempt.text:
        out["text"] = attempt.text
    return out


def _attempt(item: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        "number": number,
        "passed": item.get("passed", False),
        "diagnostics": [msgspec.to_builtins(msgspec.convert(found, Diagnostic)) for found in item.get("found") or []],
        "mended": item.get("mended") or [],
        "text": item.get("text") or "",
    }


def _named(entry: dict[str, Any]) -> str:
    """The model that the recorded request named."""
    return str(entry.get("model") or "") if entry.get("named") else ""


def _likeness(entry: dict[str, Any], wanted: Asked) -> float:
    import difflib

    score = 2.0 if (entry.get("name") or "") == wanted.name else 0.0
    score += 0.5 if _named(entry) == wanted.model else 0.0
    return score + difflib.SequenceMatcher(None, str(entry.get("prompt"))[:2000], wanted.prompt[:2000]).ratio()


def _first_difference(recorded: str, now: str) -> str:
    at = next((n for n, (a, b) in enumerate(zip(recorded, now, strict=False)) if a != b), min(len(recorded), len(now)))
    start = max(0, at - 12)
    return f"recorded {recorded[start : at + 24]!r}, now {now[start : at + 24]!r}"


def _dumper() -> Any:
    """Texts of several lines as blocks, so that code stays readable."""
    import yaml

    class Dumper(yaml.SafeDumper):
        pass

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        style = "|" if "\n" in value and not re.search(r"[ \t]+$", value, re.MULTILINE) else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    return Dumper
