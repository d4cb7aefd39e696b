"""Runs of small workflows: real processes in a real clone."""

from __future__ import annotations

import asyncio
import base64
import os
import re
from pathlib import Path

import psutil
import pytest
from actions_world import Told, World

from overskill_nb import config
from overskill_nb.pipeline.local_github.actions.runner import execute
from overskill_nb.pipeline.local_github.actions.workflow import WorkflowError
from overskill_nb.pipeline.node import Node


@pytest.fixture
def world(tmp_path: Path, node: Node) -> World:
    return World(tmp_path, node)


def workflow(steps: str, job: str = "") -> str:
    """A workflow of one job; ``steps`` as they stand below it."""
    indented = "".join(f"      {line}\n" for line in steps.strip("\n").split("\n"))
    more = "".join(f"    {line}\n" for line in job.split("\n") if line)
    return f"""
name: Test
on:
  workflow_dispatch:
    inputs:
      who: {{default: you, type: string}}
      loud: {{default: true, type: boolean}}
env: {{OUTER: outer, LEVEL: workflow}}
jobs:
  only:
    runs-on: ubuntu-latest
{more}    steps:
{indented}"""


async def test_steps_run_in_a_clone_and_hand_on_what_they_write(world: World) -> None:
    world.commit({"go.sh": "#!/bin/sh\necho ran $1\n", "web/a.txt": "A"})
    conclusion, told = await world.run(
        workflow(
            """
- uses: actions/checkout@v4
- id: made
  name: Make for ${{ inputs.who }}
  run: |
    ./go.sh "${{ github.ref_name }}"
    echo "one=1" >> "$GITHUB_OUTPUT"
    printf 'many<<END\\na\\nb\\nEND\\n' >> "$GITHUB_OUTPUT"
    echo "LATER=later $LEVEL" >> "$GITHUB_ENV"
    mkdir bin && printf '#!/bin/sh\\necho found' > bin/mine && chmod +x bin/mine && echo "$PWD/bin" >> "$GITHUB_PATH"
- name: Take
  working-directory: web
  env: {LEVEL: "step ${{ env.OUTER }}"}
  run: |
    cat a.txt; echo; mine
    echo "$OUTER $LEVEL $LATER ${{ steps.made.outputs.one }} $GITHUB_SHA"
    echo "${{ join(fromJSON(toJSON(steps.made.outputs)).*, '|') }}"
    echo "${{ inputs.loud && 'loud' }} ${{ steps.made.outcome }} ${{ env.LATER }}"
""",
            "env: {LEVEL: job}",
        )
    )
    assert conclusion == "success", told.text()
    assert told.printed("Make for you") == ["ran main"]
    assert told.printed("Take") == [
        "A",
        "found",
        f"outer step outer later job 1 {world.sha}",
        "1|a",
        "b",
        "loud success later job",
    ]
    assert list(told.steps) == ["Set up job", "Run actions/checkout@v4", "Make for you", "Take", "Complete job"]
    assert set(told.steps.values()) == {"success"}
    assert told.ended == ["success"]
    assert not list((world.folder / "work-1").iterdir())


async def test_a_step_that_fails_skips_those_that_follow_unless_they_want_it(world: World) -> None:
    conclusion, told = await world.run(
        workflow(
            """
- {name: tolerated, run: exit 3, continue-on-error: true, id: early}
- {name: after, run: "echo ${{ steps.early.outcome }} ${{ steps.early.conclusion }}"}
- {name: bad, run: "echo before; false; echo not reached"}
- {name: next, run: echo}
- {name: failed, if: failure(), run: "echo failed"}
- {name: always, if: always(), run: "echo ${{ job.status }}"}
- {name: piped, if: always(), shell: bash, run: "false | true"}
"""
        )
    )
    assert conclusion == "failure"
    assert told.steps == {
        "Set up job": "success",
        "tolerated": "success",
        "after": "success",
        "bad": "failure",
        "next": "skipped",
        "failed": "success",
        "always": "success",
        "piped": "failure",
        "Complete job": "success",
    }
    assert told.printed("after") == ["failure success"]
    assert told.printed("bad") == ["before", "##[error]Process completed with exit code 1."]
    assert told.printed("always") == ["failure"]


async def test_secrets_are_masked_in_every_form(world: World) -> None:
    token, key = "s3cret-Value+/=", "-----BEGIN\nabcdefgh\n}\n-----END"
    conclusion, told = await world.run(
        workflow(
            """
- name: leak
  env: {T: "${{ secrets.TOKEN }}", K: "${{ secrets.KEY }}"}
  run: |
    echo "a $T b"; echo "$K"; printf '%s' "$T" | base64; printf 'x:%s' "$T" | base64; printf 'ab%sc' "$T" | base64
    node -p 'JSON.stringify(process.env.K)'; node -p 'encodeURIComponent(process.env.T)'
    l=late; echo "::add-mask::$l-one"; echo "say $l-one"; echo "::error::with $T"; echo "${{ github.token }}"
- {name: "say ${{ secrets.TOKEN }}", run: "echo $T none"}
"""
        ),
        secrets={"TOKEN": token, "KEY": key},
        token="ghs_canary_canary",
    )
    assert conclusion == "success"
    text = told.text() + str(told.remarks) + str(list(told.steps))
    for hidden in (token, "abcdefgh", "late-one", "ghs_canary", base64.b64encode(token.encode()).decode()):
        assert hidden not in text, hidden
    for line in re.findall(r"^[A-Za-z0-9+/=]{12,}$", told.text("leak"), re.MULTILINE):
        assert b"s3cret" not in base64.b64decode(line + "===", validate=False)
    assert told.printed("leak")[0] == "a *** b"
    assert told.printed("say ***") == ["none"]


async def test_nothing_of_the_engines_environment_is_passed_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", "canary-of-the-engine")
    monkeypatch.setenv("GITHUB_TOKEN", "canary-of-the-engine")
    monkeypatch.setenv("npm_config_//registry.example/:_authToken", "canary-of-the-engine")
    monkeypatch.setenv("npm_config_registry", "https://me:canary-of-the-engine@registry.example/npm/")
    monkeypatch.setenv("HTTPS_PROXY", "http://me:canary-of-the-engine@proxy.example:3128")
    monkeypatch.setenv("BASH_ENV", "/nowhere")
    conclusion, told = await world.run(workflow('- {name: look, run: "env; cat ~/.npmrc; npm config get registry"}'))
    assert conclusion == "success", told.text()
    said = told.text("look")
    assert "canary" not in said
    assert "https://registry.example/npm/" in said
    assert "HTTPS_PROXY=http://proxy.example:3128" in said
    assert f"HOME={world.folder}" in said
    assert "BASH_ENV" not in said
    assert "GITHUB_ACTIONS=true" in said


async def test_commands_become_remarks_groups_and_nothing_else(world: World) -> None:
    conclusion, told = await world.run(
        workflow(
            """
- name: talk
  run: |
    echo "::error file=src/App.tsx,line=3,col=5,title=Oh::two%0Alines"
    echo "::warning::careful"; echo "::notice::by the way"
    echo "::group::Inside"; echo in; echo "::endgroup::"
    echo "::debug::quiet"
    echo "::stop-commands::pause"; echo "::error::not one"; echo "::pause::"
    echo "a::b::c"
"""
        )
    )
    assert conclusion == "success"
    assert told.remarks == [
        ("error", "two\nlines", "src/App.tsx", 3),
        ("warning", "careful", "", 0),
        ("notice", "by the way", "", 0),
    ]
    assert told.printed("talk") == [
        "##[error]two",
        "##[error]lines",
        "##[warning]careful",
        "##[notice]by the way",
        "##[group]Inside",
        "in",
        "##[endgroup]",
        "::error::not one",
        "a::b::c",
    ]


async def test_a_cancelled_run_leaves_no_process_and_still_cleans_up(world: World) -> None:
    told = Told(awaited="begun")
    text = workflow(
        """
- {name: long, run: "sleep 987 & setsid sleep 986 & echo begun; sleep 985"}
- {name: next, run: echo}
- {name: clean, if: always(), run: "echo cleaned ${{ job.status }}"}
- {name: told, if: cancelled(), run: "echo told"}
"""
    )
    task = asyncio.ensure_future(execute(world.request(text), told))
    await asyncio.wait_for(told.heard.wait(), 20)
    assert sleeping()
    task.cancel()
    assert await asyncio.wait_for(task, 20) == "cancelled"
    assert not sleeping()
    assert told.steps == {
        "Set up job": "success",
        "long": "cancelled",
        "next": "skipped",
        "clean": "success",
        "told": "success",
        "Complete job": "success",
    }
    assert told.printed("clean") == ["cleaned cancelled"]
    assert told.ended == ["cancelled"]


async def test_a_second_cancellation_ends_it_at_once(world: World) -> None:
    told = Told(awaited="cleaning")
    text = workflow('- {name: clean, if: always(), run: "echo cleaning; sleep 987"}')
    task = asyncio.ensure_future(execute(world.request(text), told))
    await asyncio.wait_for(told.heard.wait(), 20)
    told.heard.clear()
    task.cancel()
    assert await asyncio.wait_for(task, 20) == "cancelled"

    slow = workflow(
        '- {name: first, run: "echo begun; sleep 987"}\n- {name: clean, if: always(), run: "echo cleaning; sleep 987"}'
    )
    told = Told(awaited="begun")
    task = asyncio.ensure_future(execute(world.request(slow), told))
    await asyncio.wait_for(told.heard.wait(), 20)
    told.awaited = "cleaning"
    told.heard.clear()
    task.cancel()
    await asyncio.wait_for(told.heard.wait(), 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(asyncio.shield(task), 20)
    assert task.cancelled()
    assert not sleeping()


async def test_time_limits_hold(world: World) -> None:
    conclusion, told = await world.run(
        workflow('- {name: slow, timeout-minutes: 0.01, run: "sleep 987"}\n- {name: after, if: always(), run: echo}')
    )
    assert conclusion == "failure"
    assert "has timed out after 0.01 minutes" in told.text("slow")
    assert told.steps["after"] == "success"
    conclusion, told = await world.run(
        workflow('- {name: slow, run: "sleep 987"}\n- {name: after, run: echo}', "timeout-minutes: 0.02")
    )
    assert conclusion == "failure"
    assert "exceeded the time" in told.text("slow")
    assert told.steps["after"] == "skipped"
    assert not sleeping()


async def test_what_a_step_left_running_ends_with_the_job(world: World) -> None:
    conclusion, told = await world.run(
        workflow('- {name: server, run: "sleep 987 & echo started"}\n- {name: there, run: "pgrep -f \'^sleep 987\'"}')
    )
    assert conclusion == "success", told.text()
    assert "Ended 1 process that steps had left running" in told.text("Complete job")
    assert not sleeping()


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ("- uses: docker/build-push-action@v6", "This machine's runner has no action docker/build-push-action@v6"),
        ("- uses: ./.github/actions/own", "has no action ./.github/actions/own"),
        ("- {run: x, shell: pwsh}", "has no shell 'pwsh'"),
        ("- {run: x, working-directory: none}", "there is no folder"),
        ("- {uses: actions/checkout@v4, with: {ref: none}}", "A branch or tag with the name 'none' could not be found"),
        ("- {uses: actions/checkout@v4, with: {submodules: true}}", "without 'submodules'"),
        ("- {uses: actions/checkout@v4, with: {path: ../out}}", "is not under"),
        ("- {uses: actions/setup-node@v4, with: {cache: yarn}}", "none of yarn"),
        ("- {run: 'echo \"PATH x\" >> $GITHUB_ENV'}", "Invalid format"),
        ("- {run: 'echo NODE_OPTIONS=x >> $GITHUB_ENV'}", "Can't store NODE_OPTIONS"),
        ("- {run: 'echo ${{ fromJSON(inputs.who) }}'}", "not JSON"),
    ],
)
async def test_what_cannot_be_done_is_said_with_its_line(world: World, step: str, says: str) -> None:
    conclusion, told = await world.run(workflow(step))
    assert conclusion == "failure"
    (remark,) = [message for level, message, _, _ in told.remarks if level == "error"]
    assert says in remark
    assert remark.startswith(".github/workflows/deploy.yml (Line: ")


async def test_a_wrong_workflow_does_not_begin(world: World) -> None:
    with pytest.raises(WorkflowError, match="Required property is missing: jobs"):
        await world.run("on: push")
    with pytest.raises(WorkflowError, match="Unexpected inputs provided"):
        await world.run(workflow("- run: x"), {"other": "1"})


async def test_jobs_follow_those_that_they_need(world: World) -> None:
    conclusion, told = await world.run(
        """
on: workflow_dispatch
jobs:
  last:
    needs: [first, bad]
    if: ${{ always() }}
    runs-on: x
    steps: [{name: say, run: "echo ${{ needs.first.outputs.made }} ${{ needs.bad.result }}"}]
  skipped: {needs: bad, runs-on: x, steps: [{run: echo}]}
  first:
    runs-on: x
    outputs: {made: "${{ steps.s.outputs.v }}"}
    steps: [{id: s, run: "echo v=7 >> $GITHUB_OUTPUT"}]
  bad: {runs-on: x, steps: [{run: exit 1}]}
"""
    )
    assert conclusion == "failure"
    assert told.jobs == ["first", "bad", "last", "skipped"]
    assert told.ended == ["success", "failure", "success", "skipped"]
    assert "7 failure" in told.lines["say"]


async def test_the_clone_is_one_that_git_understands(world: World) -> None:
    first = world.commit({"a.txt": "1"})
    world.commit({"a.txt": "2"})
    conclusion, told = await world.run(
        workflow(
            """
- {uses: actions/checkout@v4, with: {fetch-depth: 0}}
- {name: whole, run: "git status --porcelain; git log --format=%H; cat a.txt"}
- {uses: actions/checkout@v4}
- {name: one, run: "git rev-list HEAD | wc -l | tr -d ' '"}
- {uses: actions/checkout@v4, with: {ref: main, path: sub}}
- {name: branch, run: "git -C sub branch --show-current; git -C sub remote get-url origin"}
"""
            f"- {{uses: actions/checkout@v4, with: {{ref: {first}}}}}\n- {{name: old, run: cat a.txt}}"
        )
    )
    assert conclusion == "success", told.text()
    assert told.printed("whole") == [world.sha, first, "2"]
    assert told.printed("one") == ["1"]
    assert told.printed("branch") == ["main", "http://127.0.0.1:1/me/tips.git"]
    assert told.printed("old") == ["1"]


async def test_setup_node_says_where_the_version_differs(world: World, node: Node) -> None:
    conclusion, told = await world.run(
        workflow(
            '- {uses: actions/setup-node@v4, id: n, with: {node-version: 12, cache: npm}}\n- {name: v, run: "node -v"}'
        )
    )
    assert conclusion == "success"
    assert f"##[warning]Node 12 is wanted; this machine has {node.version}" in told.text()
    assert told.printed("v") == [f"v{node.version}"]


def sleeping() -> list[int]:
    """The long sleeps of these tests that still run under this process's children or on their own."""
    mine = []
    for process in psutil.process_iter(["cmdline", "environ", "status"]):
        command = process.info["cmdline"] or []
        environ = process.info["environ"] or {}
        if command[:1] == ["sleep"] and command[1:2] in (["985"], ["986"], ["987"]):
            same = environ.get("PYTEST_CURRENT_TEST") is None and process.info["status"] != psutil.STATUS_ZOMBIE
            if same and environ.get("RUNNER_TRACKING_ID", "").startswith("overskill_"):
                mine.append(process.pid)
    return mine if os.name == "posix" else []


async def test_two_steps_that_install_by_npx_take_turns_whichever_folders_they_are_of(
    tmp_path: Path, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What ``npx`` installs goes into one place, and is broken for whoever comes while it is half there."""
    monkeypatch.setenv(config.CACHE, str(tmp_path / "cache"))
    at = tmp_path / "at"
    steps = f"""
- run: |
    npx() {{ echo in >> {at}; sleep 0.5; echo out >> {at}; }}
    npx --yes wrangler@4"""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    runs = [World(tmp_path / name, node).run(workflow(steps)) for name in ("one", "two")]
    assert [conclusion for conclusion, _ in await asyncio.gather(*runs)] == ["success", "success"]
    assert at.read_text().split() == ["in", "out", "in", "out"]
