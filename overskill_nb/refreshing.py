"""Refreshing: notebooks run again, what is recorded beside them is taken anew, and what changed is shown."""

from __future__ import annotations

import difflib
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from . import config
from .errors import CheckError, ToolsError
from .notebook import RECORDINGS
from .outcome import SKIPPED, outcome_of
from .recorded import PICTURE, SUFFIX, Shelf

CELL_SECONDS = 300
INSTALLED = frozenset({"node_modules", "site-packages", "__pycache__"})
REST = "import overskill_nb.refreshing as refreshing; refreshing.take_rest()"
"""What runs after a notebook's own cells."""


def notebooks_in(paths: list[Path]) -> list[Path]:
    """The notebooks that are named, and those in folders that are. Raises CheckError."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(one for one in path.rglob("*.ipynb") if _is_own(one.relative_to(path)))
        elif path.is_file():
            found.append(path)
        else:
            raise CheckError(f"There is no notebook '{path}'.")
    return found


def _is_own(path: Path) -> bool:
    """Whether it is nothing that a tool put there."""
    return not any(part.startswith(".") or part in INSTALLED for part in path.parts)


def refresh(notebook: Path) -> str:
    """Run a notebook in a folder of its own and write what came of it; what changed, in words, empty where nothing did.

    Models are not asked: what they answered is replayed, unless ``OVERSKILL_MODE`` says otherwise. Raises CheckError.
    """
    try:
        import nbformat
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    except ImportError as error:
        raise ToolsError("Running notebooks needs nbclient: pip install nbclient ipykernel") from error
    notebook = notebook.resolve()
    try:
        document = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, nbformat.ValidationError) as error:
        raise CheckError(f"{notebook.name} cannot be read as a notebook: {error}") from error
    outputs = _outputs(document)
    saved = [list(cell.get("outputs", [])) for cell in document.cells]
    before = _recordings(notebook)
    document.cells.append(nbformat.v4.new_code_cell(REST))  # type: ignore[no-untyped-call]
    with (
        tempfile.TemporaryDirectory(prefix="overskill-refresh-", ignore_cleanup_errors=True) as folder,
        _environment(notebook, Path(folder)),
    ):
        client = NotebookClient(
            document,
            timeout=CELL_SECONDS,
            record_timing=False,
            store_widget_state=False,
            resources={"metadata": {"path": str(notebook.parent)}},
        )
        try:
            client.execute()
        except BaseException as error:
            _restore(notebook, before)
            if isinstance(error, CellExecutionError):
                raise CheckError(f"{notebook.name} does not run: {error.ename}: {error.evalue}") from error
            if isinstance(error, (CellTimeoutError, DeadKernelError)):
                raise CheckError(f"{notebook.name} does not run to its end: {error}") from error
            raise
    rest = document.cells.pop()
    document.metadata.pop("widgets", None)
    said = "".join(output.get("text", "") for output in rest.get("outputs", []))
    for cell, known in zip(document.cells, saved, strict=True):
        if any(SKIPPED in output.get("data", {}) for output in cell.get("outputs", [])):
            cell.outputs = known  # what was not tried is no news, and is not saved
    changed = _difference(notebook, outputs, _outputs(document), before, _recordings(notebook))
    if _outputs(document) != outputs:
        nbformat.write(document, notebook)  # type: ignore[no-untyped-call]
    return "\n".join(part.rstrip() for part in (changed, said) if part.strip())


def take_rest() -> None:
    """Within the notebook's kernel: take anew what its cells did not."""
    from .interactions import replay_named

    folder = Path(os.environ[config.OUTCOMES])
    for name in Shelf.here("").names():
        if outcome_of(folder, name) is None:
            done = replay_named(name)
            if done.skipped:
                print(done.text)


@contextmanager
def _environment(notebook: Path, folder: Path) -> Iterator[None]:
    """What the notebook's kernel is told."""
    outcomes = folder / ".outcomes"
    outcomes.mkdir()
    wanted = {
        config.NOTEBOOK: str(notebook),
        config.OUTCOMES: str(outcomes),
        config.REFRESH: "1",
        config.WORKSPACE: os.environ.get(config.WORKSPACE, str(folder)),
        config.MODE: os.environ.get(config.MODE, "replay"),
        config.ENGINE: os.environ.get(config.ENGINE, "kernel"),
    }
    known = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in known.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _recordings(notebook: Path) -> dict[Path, bytes]:
    """What is kept beside a notebook, by file."""
    base = notebook.parent / RECORDINGS
    files = [base / f"{notebook.stem}.yaml"]
    for suffix in (SUFFIX, PICTURE):
        files += sorted((base / notebook.stem).glob(f"*{suffix}"))
    return {file: file.read_bytes() for file in files if file.is_file()}


def _restore(notebook: Path, before: Mapping[Path, bytes]) -> None:
    """Leave the recordings as they were."""
    for file in _recordings(notebook).keys() - before.keys():
        file.unlink()
    for file, data in before.items():
        file.write_bytes(data)


def _outputs(document: Any) -> list[str]:
    """Text outputs of each cell: what a person reads, and nbval compares."""
    found = []
    for cell in document.cells:
        texts = []
        for output in cell.get("outputs", []):
            if output.get("output_type") == "stream":
                texts.append(str(output.get("text", "")))
            elif "data" in output:
                texts.append(str(output["data"].get("text/plain", "")))
        found.append("\n".join(text.rstrip() for text in texts))
    return found


def _difference(
    notebook: Path, outputs: list[str], now: list[str], before: Mapping[Path, bytes], after: Mapping[Path, bytes]
) -> str:
    out: list[str] = []
    for number, (old, new) in enumerate(zip(outputs, now, strict=True), 1):
        if old != new:
            out += [f"{notebook.name}, output of cell {number}:", *_lines(old, new)]
    for file in sorted({*before, *after}):
        name = file.relative_to(notebook.parent).as_posix()
        old_data, new_data = before.get(file), after.get(file)
        if old_data == new_data:
            continue
        if old_data is None:
            out.append(f"{name} is new")
        elif new_data is None:
            out.append(f"{name} is gone")
        elif file.suffix == PICTURE:
            out.append(f"{name} is another picture")
        else:
            out += [f"{name}:", *_lines(old_data.decode("utf-8", "replace"), new_data.decode("utf-8", "replace"))]
    return "\n".join(out)


def _lines(before: str, after: str) -> list[str]:
    found = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2))
    return [f"  {line}" for line in found[2:]]
