"""Calls about workflows, with PyGithub, in whatever thread they are made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from .answers import Job, Run, Step, Workflow
from .exchange import PAGE

if TYPE_CHECKING:
    from github import Github
    from github.GithubObject import GithubObject
    from github.PaginatedList import PaginatedList
    from github.Repository import Repository
    from github.WorkflowRun import WorkflowRun
    from github.WorkflowStep import WorkflowStep

Listed = TypeVar("Listed", bound="GithubObject")
LONGEST_LOG = 32 * 1024 * 1024


def repository(client: Github, name: str) -> Repository:
    """The repository, without asking for it."""
    from github.Repository import Repository as Found

    return Found(client.requester, completed=True, url=f"/repos/{name}")


def workflow(client: Github, name: str, file: str) -> Workflow:
    found = repository(client, name).get_workflow(file)
    return Workflow(found.id, found.state)


def dispatch(client: Github, name: str, file: str, branch: str, inputs: Mapping[str, str]) -> Run | None:
    from github.Workflow import Workflow as Found

    found = Found(client.requester, completed=True, url=f"/repos/{name}/actions/workflows/{file}")
    started = found.create_dispatch(branch, dict(inputs), throw=True, return_run_details=True)
    if isinstance(started, bool):  # an older Enterprise server, which knows no details
        return None
    return Run(id=started.id, url=started.html_url)


def find_run(client: Github, name: str, file: str, title: str) -> Run | None:
    from github.WorkflowRun import WorkflowRun

    runs = _listed(client, WorkflowRun, f"/repos/{name}/actions/workflows/{file}/runs", "workflow_runs")
    return next((found for found in map(_run, islice(runs, PAGE)) if title in found.title), None)


def run(client: Github, name: str, number: int) -> Run:
    return _run(repository(client, name).get_workflow_run(number))


def jobs(client: Github, name: str, number: int) -> list[Job]:
    from github.WorkflowJob import WorkflowJob

    found = _listed(client, WorkflowJob, f"/repos/{name}/actions/runs/{number}/jobs", "jobs")
    return [
        Job(
            id=job.id,
            name=job.name,
            status=job.status or "",
            conclusion=job.conclusion or "",
            steps=tuple(_step(step) for step in job.steps or ()),
        )
        for job in islice(found, 10 * PAGE)
    ]


def job_log(client: Github, name: str, number: int, timeout: float, trust: bool) -> str:
    """The log, which is at an address of its own that takes no token."""
    import requests
    from github.WorkflowJob import WorkflowJob

    address = WorkflowJob(client.requester, completed=True, url=f"/repos/{name}/actions/jobs/{number}").logs_url()
    with requests.Session() as session:
        session.trust_env = trust
        with session.get(address, timeout=timeout, stream=True) as response:
            if not response.ok:
                from github import GithubException

                raise GithubException(response.status_code, {"message": "there is no log"}, dict(response.headers))
            pieces = []
            size = 0
            for piece in response.iter_content(256 * 1024):
                pieces.append(piece)
                size += len(piece)
                if size > LONGEST_LOG:  # its end says what went wrong
                    size -= len(pieces.pop(0))
    return b"".join(pieces).decode("utf-8", "replace")


def remarks(client: Github, name: str, job: int) -> list[str]:
    from github.CheckRunAnnotation import CheckRunAnnotation

    found = _listed(client, CheckRunAnnotation, f"/repos/{name}/check-runs/{job}/annotations", "items")
    return [remark.message for remark in islice(found, PAGE) if remark.message]


def cancel(client: Github, name: str, number: int, *, force: bool) -> None:
    verb = "force-cancel" if force else "cancel"
    client.requester.requestJsonAndCheck("POST", f"/repos/{name}/actions/runs/{number}/{verb}")


def _listed(client: Github, kind: type[Listed], url: str, item: str) -> PaginatedList[Listed]:
    """Objects of a list, without asking for what the list belongs to."""
    from github.PaginatedList import PaginatedList

    return PaginatedList(kind, client.requester, url, None, list_item=item)


def _run(found: WorkflowRun) -> Run:
    return Run(
        id=found.id,
        url=found.html_url,
        title=found.display_title or found.name or "",
        status=found.status or "",
        conclusion=found.conclusion or "",
    )


def _step(found: WorkflowStep) -> Step:
    began: datetime | None = found.started_at
    ended: datetime | None = found.completed_at
    seconds = (ended - began).total_seconds() if began and ended else 0.0
    return Step(
        number=found.number,
        name=found.name,
        status=found.status or "",
        conclusion=found.conclusion or "",
        seconds=max(0.0, seconds),
    )
