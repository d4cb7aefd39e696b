"""Workflow files: what is read, what is refused, and where."""

from __future__ import annotations

import pytest

from overskill_nb.pipeline.local_github.actions.workflow import WorkflowError, complete, parse, run_name, typed

STEPS = """
    steps:
      - run: echo hello
"""
JOB = f"""
jobs:
  only:
    runs-on: ubuntu-latest{STEPS}"""


def test_a_workflow_is_read() -> None:
    found = parse(
        """
name: Deploy
run-name: Deploy ${{ inputs.id }} by ${{ github.actor }}
on:
  workflow_dispatch:
    inputs:
      id: {description: Which, required: true, type: string}
      loud: {type: boolean, default: true}
      where: {type: choice, options: [here, there]}
      count: {type: number, default: 3}
env: {A: 1, B: true}
defaults: {run: {shell: bash}}
jobs:
  second:
    needs: first
    runs-on: ubuntu-latest
    defaults: {run: {working-directory: web}}
    steps:
      - uses: actions/checkout@v4
        with: {fetch-depth: 0}
  first:
    runs-on: [self-hosted]
    timeout-minutes: 5
    steps:
      - {name: Say, run: echo, if: always(), shell: sh}
"""
    )
    assert (found.name, found.events, list(found.jobs)) == ("Deploy", ("workflow_dispatch",), ["first", "second"])
    assert found.env == {"A": 1, "B": True}
    assert (found.jobs["second"].defaults.shell, found.jobs["second"].defaults.working_directory) == ("bash", "web")
    inputs = complete(found, {"id": "d1", "loud": False})
    assert inputs == {"id": "d1", "loud": "false", "where": "here", "count": "3"}
    assert typed(found, inputs) == {"id": "d1", "loud": False, "where": "here", "count": 3}
    assert run_name(found, inputs, {"actor": "me"}) == "Deploy d1 by me"
    assert run_name(parse(f"on: push{JOB}", "a.yml"), {}) == "a.yml"


@pytest.mark.parametrize("on", ["push", "[push, workflow_dispatch]", "{push: {branches: [main]}, workflow_dispatch: }"])
def test_events_are_read_in_each_form(on: str) -> None:
    assert parse(f"on: {on}{JOB}").events[0] == "push"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("on: push", r"Required property is missing: jobs"),
        ("jobs: {a: {}}", r"Required property is missing: on"),
        ("just text", "a workflow is a mapping"),
        ("on: [push", r"\(Line: 1, Col: 10\)"),
        (f"on: push\nsome: thing{JOB}", r"deploy.yml \(Line: 2\): Unexpected value 'some'"),
        (f"on: push\non: pull{JOB}", r"\(Line: 2\): 'on' is already defined"),
        (f"on: push\njobs:\n  a:\n    {STEPS}", r"missing: runs-on"),
        ("on: push\njobs:\n  a:\n    runs-on: x", r"\(Line: 4\): The job 'a' has no steps"),
        (f"on: push\njobs:\n  a:\n    runs-on: x\n    container: node{STEPS}", r"\(Line: 5\).*know 'container'"),
        (f"on: push\njobs:\n  a:\n    runs-on: x\n    services: {{}}{STEPS}", r"\(Line: 5\).*know 'services'"),
        (f"on: push\njobs:\n  a:\n    runs-on: x\n    strategy: {{}}{STEPS}", r"\(Line: 5\).*know 'strategy'"),
        ("on: push\njobs:\n  a:\n    uses: me/x/.github/workflows/a.yml@v1", r"\(Line: 4\).*know 'uses'"),
        (f"on: push\njobs:\n  a:\n    runs-on: x\n    needs: b{STEPS}", "needs 'b', which is not there"),
        (f"on: push\njobs:\n  a:\n    runs-on: x\n    needs: a{STEPS}", "needs itself"),
        (
            "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - name: none",
            r"\(Line: 6\).*either 'uses' or 'run'",
        ),
        (
            "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: x\n        if: nope()",
            r"\(Line: 7\): Unrecognized function",
        ),
        (
            "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: ${{ x.y }}",
            r"\(Line: 6\): Unrecognized named-value: 'x'",
        ),
        ("a" * 600_000, "longer than 512 KiB"),
        ("on: !!python/object/apply:os.system [id]", "could not determine a constructor"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, says: str) -> None:
    with pytest.raises(WorkflowError, match=says):
        parse(text)


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({}, "Required input 'id' not provided"),
        ({"id": "a", "other": "b"}, r'Unexpected inputs provided: \["other"\]'),
        ({"id": "a", "where": "moon"}, "Provided value 'moon' for input 'where' not in the list of allowed values"),
        ({"id": "a", "loud": "maybe"}, "Provided value 'maybe' for input 'loud'"),
    ],
)
def test_inputs_are_checked_in_githubs_words(inputs: dict[str, str], says: str) -> None:
    workflow = parse(
        "on: {workflow_dispatch: {inputs: {id: {required: true}, loud: {type: boolean}, "
        f"where: {{type: choice, options: [a, b]}}}}}}}}{JOB}"
    )
    with pytest.raises(WorkflowError, match=says):
        complete(workflow, inputs)
