from __future__ import annotations

import re
import subprocess
import sys

import pytest

from overskill_nb import errors
from overskill_nb.errors import EngineError, OverskillError, from_failure
from overskill_nb.pipeline.engine import failure
from overskill_nb.pipeline.worker import WorkerFault
from overskill_nb.protocol import Diagnostic, Failure, Location

PROBLEM = Diagnostic(
    severity="error", kind="syntax", message="Unexpected token", location=Location(file="src/App.tsx", line=3, column=7)
)


@pytest.mark.parametrize("name", errors.__all__)
def test_an_error_comes_back_from_the_wire_as_what_it_was(name: str) -> None:
    kind: type[OverskillError] = getattr(errors, name)
    sent = failure(kind("It does not work: 'ü'.", [PROBLEM]))
    raised = from_failure(sent)
    assert type(raised) is kind
    assert str(raised) == "It does not work: 'ü'."
    assert raised.diagnostics == [PROBLEM]


@pytest.mark.parametrize("name", ["", "Sequence", "from_failure", "TYPE_CHECKING", "SystemExit", "WorkerFault"])
def test_a_name_that_is_no_error_of_ours_becomes_an_engine_error(name: str) -> None:
    assert type(from_failure(Failure(error=name, message="?"))) is EngineError


def test_an_internal_error_goes_out_under_the_name_of_its_public_base() -> None:
    assert failure(WorkerFault("no such app")).error == "EngineError"


def test_what_is_not_ours_keeps_its_text_to_itself() -> None:
    sent = failure(ValueError("token=hunter2 in /root/.npmrc"))
    assert sent.error == "EngineError"
    assert "hunter2" not in sent.message
    assert "ValueError" in sent.message


def test_the_tree_in_the_documentation_is_the_tree_in_the_code() -> None:
    parents: dict[int, str] = {}
    drawn = {}
    for indent, name in re.findall(r"^( *)\* (\w+)", errors.__doc__ or "", re.MULTILINE):
        parents[len(indent)] = name
        drawn[name] = parents.get(len(indent) - 2, "Exception")
    assert drawn == {name: getattr(errors, name).__base__.__name__ for name in errors.__all__}


def test_a_notebook_shows_one_line_and_no_traceback() -> None:
    program = "import overskill_nb.errors as e\ndef f():\n    raise e.PathError('The path is empty.')\nf()\n"
    shown = subprocess.run(
        [sys.executable, "-m", "IPython", "--quick", "--no-banner", "--colors=NoColor", "-c", program],
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    said = re.sub(r"\x1b\[[0-9;]*m", "", shown.stdout + shown.stderr)
    assert "PathError: The path is empty." in said
    assert "Traceback" not in said
