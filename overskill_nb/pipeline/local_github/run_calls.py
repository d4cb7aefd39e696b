"""Calls about runs, their jobs and their logs."""

from __future__ import annotations

import datetime
import sqlite3
from typing import Any

from dulwich.objects import Commit
from dulwich.repo import Repo

from . import repository, run_logs
from .accounts import simple_user
from .address import LOGIN
from .commits import moment, person
from .git_data import find_object
from .refusal import ApiError, not_found
from .runs import Run
from .workflows import OfWorkflows

_RUNNER = {"labels": ["ubuntu-latest"], "runner_id": 1, "runner_name": "this machine", "runner_group_id": 1}


class OfRuns(OfWorkflows):
    """Calls that answer with runs."""

    def run_of(self, number: str) -> Run:
        return self.state.runs.get(self.repository.id, number)

    def shown_run(self, run: Run) -> dict[str, Any]:
        url, content = f"{self.url}/actions/runs/{run.id}", run.content
        return {
            "id": run.id,
            "name": content.name,
            "node_id": f"WFR_{run.id}",
            "check_suite_id": run.id,
            "check_suite_node_id": f"CS_{run.id}",
            "head_branch": run.branch,
            "head_sha": content.sha,
            "path": content.path,
            "run_number": run.number,
            "run_attempt": run.attempt,
            "display_title": content.title,
            "event": content.event,
            "status": run.status,
            "conclusion": run.conclusion,
            "workflow_id": run.workflow,
            "url": url,
            "html_url": f"{self.html_url}/actions/runs/{run.id}",
            "pull_requests": [],
            "created_at": run.created_at,
            "updated_at": run.updated_at,
            "run_started_at": run.started_at,
            "actor": simple_user(self.state, LOGIN),
            "triggering_actor": simple_user(self.state, LOGIN),
            "jobs_url": f"{url}/jobs",
            "logs_url": f"{url}/logs",
            "check_suite_url": f"{self.url}/check-suites/{run.id}",
            "artifacts_url": f"{url}/artifacts",
            "cancel_url": f"{url}/cancel",
            "rerun_url": f"{url}/rerun",
            "previous_attempt_url": f"{url}/attempts/{run.attempt - 1}" if run.attempt > 1 else None,
            "workflow_url": f"{self.url}/actions/workflows/{run.workflow}",
            "head_commit": self.with_git(lambda repo: _head_commit(repo, content.sha)),
            "repository": repository.minimal(self.state, self.repository),
            "head_repository": repository.minimal(self.state, self.repository),
        }

    def shown_job(self, run: Run, row: sqlite3.Row) -> dict[str, Any]:
        names = ("name", "status", "conclusion", "number", "started_at", "completed_at")
        return {
            "id": row["id"],
            "run_id": run.id,
            "workflow_name": run.content.name,
            "head_branch": run.branch,
            "run_url": f"{self.url}/actions/runs/{run.id}",
            "run_attempt": row["attempt"],
            "node_id": f"CR_{row['id']}",
            "head_sha": run.content.sha,
            "url": f"{self.url}/actions/jobs/{row['id']}",
            "html_url": f"{self.html_url}/actions/runs/{run.id}/job/{row['id']}",
            "status": row["status"],
            "conclusion": row["conclusion"],
            "created_at": row["created_at"],
            "started_at": row["started_at"],
            "completed_at": row["completed_at"],
            "name": row["name"],
            "steps": [{name: step[name] for name in names} for step in self.state.runs.steps(row["id"])],
            "check_run_url": f"{self.url}/check-runs/{row['id']}",
            **_RUNNER,
            "runner_group_name": "Default",
        }

    def job_of(self, number: str) -> tuple[Run, sqlite3.Row]:
        row = self.state.runs.job(int(number))
        return self.state.runs.get(self.repository.id, row["run"]), row


class RunList(OfRuns):
    """All runs, or a workflow's, newest first."""

    def get(self, workflow: str = "", **_: str) -> None:
        of = self.find(workflow)[0]["id"] if workflow else 0
        asked = {name: self.get_query_argument(name, "") for name in ("event", "branch", "head_sha", "status", "actor")}
        created = self.get_query_argument("created", "")
        found = [
            run
            for run in self.state.runs.all(self.repository.id, of)
            if asked["event"] in {"", run.content.event}
            and asked["branch"] in {"", run.branch}
            and asked["head_sha"] in {"", run.content.sha}
            and asked["status"] in {"", run.status, run.conclusion}
            and asked["actor"] in {"", LOGIN}
            and within(run.created_at, created)
        ]
        self.answer({"total_count": len(found), "workflow_runs": [self.shown_run(run) for run in self.page(found)]})


class OneRun(OfRuns):
    def get(self, run: str, attempt: str = "", **_: str) -> None:
        found = self.run_of(run)
        if attempt and not 1 <= int(attempt) <= found.attempt:
            raise not_found()
        self.answer(self.shown_run(found))


class Cancel(OfRuns):
    def post(self, run: str, **_: str) -> None:
        found = self.run_of(run)
        if found.status == "completed":
            raise ApiError(409, "Cannot cancel a workflow run that is completed.")
        self.state.machine.cancel(found.id)
        self.answer({}, 202)


class Rerun(OfRuns):
    def post(self, run: str, **_: str) -> None:
        found = self.run_of(run)
        if found.status != "completed":
            raise ApiError(403, "This workflow run cannot be rerun: it has not ended.")
        self.state.runs.again(found)
        self.state.machine.submit(self.state.runs.by_id(found.id))
        self.answer({}, 201)


class Jobs(OfRuns):
    """A run's jobs, of its last attempt or of another."""

    def get(self, run: str, attempt: str = "", **_: str) -> None:
        found = self.run_of(run)
        rows = self.state.runs.jobs(found, int(attempt or 0))
        self.answer({"total_count": len(rows), "jobs": [self.shown_job(found, row) for row in self.page(rows)]})


class OneJob(OfRuns):
    def get(self, job: str, **_: str) -> None:
        self.answer(self.shown_job(*self.job_of(job)))


class JobLog(OfRuns):
    """Sends to an address that works for a minute and wants no token."""

    def get(self, job: str, **_: str) -> None:
        row = self.job_of(job)[1]
        if row["status"] != "completed":
            raise not_found()
        self.set_header("Location", run_logs.address(self.state, "job", row["id"]))
        self.set_status(302)
        self.finish()


class RunLog(OfRuns):
    """Likewise, of all jobs."""

    def get(self, run: str, attempt: str = "", **_: str) -> None:
        del attempt
        found = self.run_of(run)
        if found.status != "completed":
            raise not_found()
        self.set_header("Location", run_logs.address(self.state, "run", found.id))
        self.set_status(302)
        self.finish()


class Artifacts(OfRuns):
    """A run leaves none."""

    def get(self, run: str, **_: str) -> None:
        self.run_of(run)
        self.answer({"total_count": 0, "artifacts": []})


class Annotations(OfRuns):
    """What a job said of files, and of itself."""

    def get(self, job: str, **_: str) -> None:
        run, row = self.job_of(job)
        levels = {"error": "failure", "warning": "warning", "notice": "notice"}
        found = [
            {
                "path": remark["file"] or ".github",
                "start_line": remark["line"] or 1,
                "end_line": remark["line"] or 1,
                "start_column": None,
                "end_column": None,
                "annotation_level": levels[remark["level"]],
                "title": "",
                "message": remark["message"],
                "raw_details": "",
                "blob_href": f"{self.html_url}/blob/{run.content.sha}/{remark['file'] or '.github'}",
            }
            for remark in self.state.runs.remarks(row["id"])
        ]
        self.answer(list(self.page(found)))


def within(at: str, asked: str) -> bool:
    """Whether a time is in a range as GitHub's searches write it: ``>=2026-01-01``, ``a..b``, ``2026-01-01``."""
    if not asked:
        return True
    if ".." in asked:
        first, _, last = asked.partition("..")
        return (first in {"", "*"} or at >= _time(first)) and (last in {"", "*"} or _upto(at, last))
    for sign, holds in ((">=", at >= _time(asked[2:])), ("<=", _upto(at, asked[2:]))):
        if asked.startswith(sign):
            return holds
    if asked.startswith(">"):
        return not _upto(at, asked[1:])
    if asked.startswith("<"):
        return at < _time(asked[1:])
    return at.startswith(_time(asked))


def _time(text: str) -> str:
    """In the form of the rows; a day stays a day."""
    try:
        found = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return text
    if "T" not in text or found.tzinfo is None:
        return text
    return moment(int(found.timestamp()))


def _upto(at: str, text: str) -> bool:
    last = _time(text)
    return at[: len(last)] <= last


def _head_commit(repo: Repo, sha: str) -> dict[str, Any] | None:
    found = find_object(repo, sha)
    if not isinstance(found, Commit):
        return None
    author, committer = person(found.author), person(found.committer)
    return {
        "id": sha,
        "tree_id": found.tree.decode(),
        "message": found.message.decode("utf-8", "replace").rstrip("\n"),
        "timestamp": moment(found.commit_time),
        "author": {"name": author.name, "email": author.email},
        "committer": {"name": committer.name, "email": committer.email},
    }
