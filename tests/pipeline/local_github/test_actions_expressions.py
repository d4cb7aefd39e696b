"""Expressions against what GitHub documents of them, literals, operators, coercion and functions one by one."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import Any

import pytest

from overskill_nb.pipeline.local_github.actions import expressions, values
from overskill_nb.pipeline.local_github.actions.expressions import Scope
from overskill_nb.pipeline.local_github.actions.syntax import ExpressionError

GITHUB = {
    "ref": "refs/heads/main",
    "event": {"issue": {"labels": [{"name": "bug"}, {"name": "help wanted"}]}, "commits": 3, "draft": False},
    "event_name": "push",
}
SCOPE = Scope(
    {
        "github": GITHUB,
        "env": {"Mode": "prod", "EMPTY": ""},
        "inputs": {"debug": True, "count": 2.0},
        "steps": {"a-b": {"outputs": {"x_y": "1"}}},
        "vars": {},
        "needs": {"one": {"result": "success"}, "two": {"result": "failure"}},
    }
)


@pytest.mark.parametrize(
    ("source", "gives"),
    [
        # Literals.
        ("null", None),
        ("true", True),
        ("false", False),
        ("711", 711),
        ("-9.2", -9.2),
        ("0xff", 255),
        ("-2.99e-2", -0.0299),
        (".5", 0.5),
        ("'Mona the Octocat'", "Mona the Octocat"),
        ("'It''s open source!'", "It's open source!"),
        ("''", ""),
        # Grouping, index, members, not.
        ("(1 == 1)", True),
        ("github.event.issue.labels[1].name", "help wanted"),
        ("github['event_name']", "push"),
        ("GitHub.EVENT_NAME", "push"),
        ("github.nothing.at.all", None),
        ("github.event.issue.labels[7].name", None),
        ("github.event.issue.labels.*.name", ["bug", "help wanted"]),
        ("needs.*.result", ["success", "failure"]),
        ("steps.a-b.outputs.x_y", "1"),
        ("env.mode", "prod"),
        ("!true", False),
        ("!''", True),
        ("!github.nothing", True),
        ("!!'a'", True),
        # Comparison: texts without regard to case, kinds that differ as numbers.
        ("'main' == 'MAIN'", True),
        ("'a' != 'b'", True),
        ("1 == '1'", True),
        ("'0x10' == 16", True),
        ("'' == 0", True),
        ("null == 0", True),
        ("null == ''", True),
        ("null == false", True),
        ("true == 1", True),
        ("true == 'true'", False),
        ("'x' == 0", False),
        ("'x' != 0", True),
        ("github == github", True),
        ("github.event == 'Object'", False),
        ("'2' < 10", True),
        ("2 >= 2", True),
        ("'abc' < 'ABD'", True),
        ("'x' < 1", False),
        ("'x' >= 1", False),
        ("1 < 2 == true", True),
        # && and || give one of their sides.
        ("github.event_name == 'push' && 'yes' || 'no'", "yes"),
        ("github.event_name == 'pull' && 'yes' || 'no'", "no"),
        ("'' || 'b'", "b"),
        ("0 && 'b'", 0),
        ("true || false && false", True),
        # Functions.
        ("contains('Hello world', 'LLO')", True),
        ("contains(github.event.issue.labels.*.name, 'Bug')", True),
        ("contains(github.event.issue.labels.*.name, 'bu')", False),
        ('contains(fromJSON(\'["push", "pull_request"]\'), github.event_name)', True),
        ("contains(1234, 23)", True),
        ("startsWith('Hello world', 'he')", True),
        ("endsWith('Hello world', 'LD')", True),
        ("format('Hello {0} {1} {2}', 'Mona', 'the', 'Octocat')", "Hello Mona the Octocat"),
        ("format('{{Hello {0}!}}', 'Mona')", "{Hello Mona!}"),
        ("format('{0}{0}', 1)", "11"),
        ("join(github.event.issue.labels.*.name, ', ')", "bug, help wanted"),
        ("join(github.event.issue.labels.*.name)", "bug,help wanted"),
        ("join('alone')", "alone"),
        ("toJSON(github.event.issue.labels[0])", '{\n  "name": "bug"\n}'),
        ("toJSON('a')", '"a"'),
        ("fromJSON('{\"a\": [1, 2]}').a[1]", 2),
        ("fromJSON('true') && 'yes'", "yes"),
        ("TOJSON(null)", "null"),
    ],
)
def test_expressions_give_what_github_documents(source: str, gives: Any) -> None:
    expressions.check("${{ " + source + " }}")
    found = expressions.evaluate(source, SCOPE)
    assert found == gives
    assert isinstance(found, bool) is isinstance(gives, bool)


@pytest.mark.parametrize(
    ("value", "becomes"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (2.0, "2"),
        (0.5, "0.5"),
        (-0.0, "0"),
        (1e21, "1e+21"),
        (math.nan, "NaN"),
        ([1], "Array"),
        ({"a": 1}, "Object"),
    ],
)
def test_values_become_text_as_at_github(value: Any, becomes: str) -> None:
    assert values.text(value) == becomes


@pytest.mark.parametrize(
    ("template", "gives"),
    [
        ("plain", "plain"),
        ("a ${{ env.Mode }} b ${{ 1 == 1 }}", "a prod b true"),
        ("${{ inputs.debug }}", True),
        (" ${{ inputs.debug }}", " true"),
        ("${{ 'a }} b' }}", "a }} b"),
        ("${{ github.nothing }}!", "!"),
        (True, True),
        (7, 7),
    ],
)
def test_texts_are_worked_out_and_a_lone_expression_keeps_its_kind(template: Any, gives: Any) -> None:
    assert expressions.interpolate(template, SCOPE) == gives


def test_what_came_out_is_not_worked_out_again() -> None:
    scope = Scope({"inputs": {"evil": "${{ secrets.TOKEN }}"}, "secrets": {"TOKEN": "x"}})
    assert expressions.text("say ${{ inputs.evil }}", scope) == "say ${{ secrets.TOKEN }}"


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("1 +", "Unexpected symbol"),
        ("foo.bar", "Unrecognized named-value: 'foo'"),
        ("nope(1)", "Unrecognized function: 'nope'"),
        ("contains('a')", "was given 1 arguments"),
        ("'open", "does not end"),
        ('"double"', "Unexpected symbol"),
        ("(1 == 1", "was expected"),
        ("github.", "Unexpected end"),
        ("1 1", "Unexpected symbol"),
        ("", "An expression was expected"),
        ("(" * 200 + "1" + ")" * 200, "nested deeper"),
    ],
)
def test_wrong_expressions_are_named(source: str, says: str) -> None:
    with pytest.raises(ExpressionError, match=says.replace("(", r"\(")):
        expressions.check("${{ " + source + " }}")


def test_an_expression_without_an_end_is_named() -> None:
    with pytest.raises(ExpressionError, match="does not end"):
        expressions.check("${{ github.ref }")


@pytest.mark.parametrize(
    ("source", "after_success", "after_failure", "after_cancel"),
    [
        (None, True, False, False),
        ("success()", True, False, False),
        ("failure()", False, True, False),
        ("always()", True, True, True),
        ("cancelled()", False, False, True),
        ("${{ always() }}", True, True, True),
        ("!cancelled()", True, True, False),
        ("env.Mode == 'prod'", True, False, False),
        ("env.Mode == 'test'", False, False, False),
        ("failure() && env.Mode == 'prod'", False, True, False),
        ("${{ env.Mode == 'prod' }}", True, False, False),
        (False, False, False, False),
    ],
)
def test_conditions_ask_for_success_unless_they_say_otherwise(
    source: Any, *, after_success: bool, after_failure: bool, after_cancel: bool
) -> None:
    found = []
    for success, failure, cancelled in ((True, False, False), (False, True, False), (False, False, True)):
        status = {"success": success, "failure": failure, "cancelled": cancelled, "always": True}
        found.append(expressions.condition(source, Scope(SCOPE.contexts, status)))
    assert found == [after_success, after_failure, after_cancel]


def test_files_are_hashed_by_pattern(tmp_path: Path) -> None:
    (tmp_path / "deep/er").mkdir(parents=True)
    for path, text in {"package-lock.json": "a", "deep/er/package-lock.json": "b", "deep/x.txt": "c"}.items():
        (tmp_path / path).write_text(text)
    scope = Scope({}, workspace=tmp_path)

    def of(*texts: str) -> str:
        return hashlib.sha256(b"".join(hashlib.sha256(text.encode()).digest() for text in texts)).hexdigest()

    assert expressions.evaluate("hashFiles('**/package-lock.json')", scope) == of("b", "a")
    assert expressions.evaluate("hashFiles('package-lock.json')", scope) == of("a")
    assert expressions.evaluate("hashFiles('deep/*.txt', 'package-lock.json')", scope) == of("c", "a")
    assert expressions.evaluate("hashFiles('**/*.json', '!deep/**')", scope) == of("a")
    assert expressions.evaluate("hashFiles('none')", scope) == ""
