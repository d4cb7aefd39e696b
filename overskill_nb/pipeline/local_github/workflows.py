"""Workflow files of a repository, and starting them by hand."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import yaml
from dulwich.objects import Blob, ObjectID, Tree
from dulwich.refs import Ref
from dulwich.repo import Repo

from .actions import workflow as files
from .actions.workflow import WorkflowError
from .address import LOGIN
from .commits import OfCommits, resolve
from .database import now
from .refusal import ApiError, not_found
from .runs import Content

FOLDER = ".github/workflows"


class OfWorkflows(OfCommits):
    """Calls about workflows."""

    def known(self) -> list[tuple[sqlite3.Row, str]]:
        """The workflows of the default branch, each with its text."""
        texts = self.with_git(lambda repo: _texts(repo, resolve(repo, self.repository.default_branch)))
        for path in texts:
            self.state.database.run(
                "INSERT OR IGNORE INTO workflows (repository, path, created_at) VALUES (?, ?, ?)",
                self.repository.id,
                path,
                now(),
            )
        rows = self.state.database.all("SELECT * FROM workflows WHERE repository = ? ORDER BY id", self.repository.id)
        return [(row, texts[row["path"]]) for row in rows if row["path"] in texts]

    def find(self, workflow: str) -> tuple[sqlite3.Row, str]:
        """By number, or by the file's name."""
        for row, text in self.known():
            if workflow in {str(row["id"]), row["path"].rpartition("/")[2], row["path"]}:
                return row, text
        raise not_found()

    def shown(self, row: sqlite3.Row, text: str) -> dict[str, Any]:
        branch = self.repository.default_branch
        return {
            "id": row["id"],
            "node_id": f"W_{row['id']}",
            "name": name_of(text, row["path"]),
            "path": row["path"],
            "state": "disabled_manually" if row["disabled"] else "active",
            "created_at": row["created_at"],
            "updated_at": row["created_at"],
            "url": f"{self.url}/actions/workflows/{row['id']}",
            "html_url": f"{self.html_url}/blob/{branch}/{row['path']}",
            "badge_url": f"{self.html_url}/workflows/{quote(name_of(text, row['path']))}/badge.svg",
        }


class Workflows(OfWorkflows):
    def get(self, **_: str) -> None:
        found = self.known()
        self.answer({"total_count": len(found), "workflows": [self.shown(*one) for one in self.page(found)]})


class OneWorkflow(OfWorkflows):
    def get(self, workflow: str, **_: str) -> None:
        self.answer(self.shown(*self.find(workflow)))


class Switch(OfWorkflows):
    """``enable`` and ``disable``."""

    def put(self, workflow: str, switch: str, **_: str) -> None:
        row, _text = self.find(workflow)
        self.state.database.update("workflows", row["id"], disabled=switch == "disable")
        self.nothing()


class Dispatches(OfWorkflows):
    """Starts a run."""

    def post(self, workflow: str, **_: str) -> None:
        row, _text = self.find(workflow)
        given = self.fields()
        ref, inputs = given.get("ref"), given.get("inputs") or {}
        if not isinstance(ref, str):
            raise ApiError(422, 'Invalid request.\n\n"ref" wasn\'t supplied.')
        if not isinstance(inputs, dict) or len(inputs) > 25:
            raise ApiError(422, "you may only define up to 25 `inputs` for a `workflow_dispatch` event")
        if row["disabled"]:
            raise ApiError(422, "Cannot trigger a 'workflow_dispatch' on a disabled workflow")
        full, sha, text = self.with_git(lambda repo: _at(repo, ref, row["path"]))
        values = {name: _as_text(value) for name, value in inputs.items()}
        run = self.state.runs.add(self.repository.id, row["id"], self._content(row["path"], text, full, sha, values))
        self.state.machine.submit(run)
        if not given.get("return_run_details"):
            self.nothing()
            return
        self.answer(
            {
                "workflow_run_id": run.id,
                "run_url": f"{self.url}/actions/runs/{run.id}",
                "html_url": f"{self.html_url}/actions/runs/{run.id}",
            }
        )

    def _content(self, path: str, text: str, ref: str, sha: str, inputs: dict[str, str]) -> Content:
        try:
            parsed = files.parse(text, path)
        except WorkflowError as error:
            raise ApiError(422, f"failed to parse workflow: {error}") from error
        if "workflow_dispatch" not in parsed.events:
            raise ApiError(422, "Workflow does not have 'workflow_dispatch' trigger")
        try:
            complete = files.complete(parsed, inputs)
        except WorkflowError as error:
            raise ApiError(422, str(error)) from error
        github = {
            "ref": ref,
            "ref_name": ref.split("/", 2)[2],
            "sha": sha,
            "repository": self.repository.full_name,
            "event_name": "workflow_dispatch",
            "actor": LOGIN,
            "workflow": parsed.name or path,
        }
        group, cancels = concurrency(text)
        if group:
            group = files.run_name(replace(parsed, run_name=group), complete, github)
        return Content(
            title=files.run_name(parsed, complete, github) or parsed.name or path,
            event="workflow_dispatch",
            ref=ref,
            sha=sha,
            path=path,
            name=parsed.name or path,
            text=text,
            inputs=complete,
            group=group,
            cancels=cancels,
        )


def name_of(text: str, path: str) -> str:
    """A workflow's name; its path where the file gives none."""
    with contextlib.suppress(yaml.YAMLError):
        found = yaml.safe_load(text)
        if isinstance(found, dict) and isinstance(found.get("name"), str):
            return str(found["name"])
    return path


def concurrency(text: str) -> tuple[str, bool]:
    """The group in which a workflow runs, with its expressions, and whether it stops the one that runs there."""
    found = yaml.safe_load(text)
    told = found.get("concurrency") if isinstance(found, dict) else None
    if isinstance(told, dict):
        return str(told.get("group") or ""), told.get("cancel-in-progress") is True
    return str(told or ""), False


def _texts(repo: Repo, commit: ObjectID | None) -> dict[str, str]:
    """Path -> text of every workflow file of a commit."""
    if commit is None:
        return {}
    tree = repo[repo[commit].tree]  # type: ignore[attr-defined]
    for part in FOLDER.split("/"):
        if not isinstance(tree, Tree) or part.encode() not in tree:
            return {}
        tree = repo[tree[part.encode()][1]]
    assert isinstance(tree, Tree)
    found = {}
    for entry in tree.iteritems():
        name = (entry.path or b"").decode("utf-8", "replace")
        if re.search(r"\.ya?ml$", name) and entry.sha and isinstance(blob := repo[entry.sha], Blob):
            found[f"{FOLDER}/{name}"] = blob.data.decode("utf-8", "replace")
    return found


def _at(repo: Repo, ref: str, path: str) -> tuple[str, str, str]:
    """The full reference, its commit, and the workflow's text there."""
    refs = repo.refs.as_dict()
    for full in (ref, f"refs/heads/{ref}", f"refs/tags/{ref}"):
        if full.startswith(("refs/heads/", "refs/tags/")) and Ref(full.encode()) in refs:
            sha = resolve(repo, full)
            text = _texts(repo, sha).get(path)
            if sha is None or text is None:
                raise ApiError(422, f"Workflow does not exist at {ref}: {path}")
            return full, sha.decode(), text
    raise ApiError(422, f"No ref found for: {ref}")


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
