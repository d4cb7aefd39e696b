"""A bare repository with a workflow in it, and what a run of that workflow told."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dulwich.objects import Blob, Commit, ObjectID
from dulwich.refs import Ref
from dulwich.repo import Repo

from overskill_nb.pipeline.local_github.actions.request import Conclusion, Level, RunRequest
from overskill_nb.pipeline.local_github.actions.runner import execute
from overskill_nb.pipeline.node import Node


@dataclass
class Told:
    """A report that keeps everything."""

    jobs: list[str] = field(default_factory=list)
    ended: list[Conclusion] = field(default_factory=list)
    steps: dict[str, Conclusion | None] = field(default_factory=dict)
    lines: dict[str, list[str]] = field(default_factory=dict)
    remarks: list[tuple[Level, str, str, int]] = field(default_factory=list)
    _names: dict[int, str] = field(default_factory=dict)
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    awaited: str = ""

    def job(self, name: str, number: int) -> None:
        assert number == len(self.jobs) + 1
        self.jobs.append(name)

    def job_ended(self, conclusion: Conclusion) -> None:
        self.ended.append(conclusion)

    def step_started(self, number: int, name: str) -> None:
        self._names[number] = name
        self.steps[name] = None

    def step_ended(self, number: int, conclusion: Conclusion) -> None:
        self.steps[self._names[number]] = conclusion

    def log(self, number: int, line: str) -> None:
        self.lines.setdefault(self._names[number], []).append(line)
        if self.awaited and line == self.awaited:
            self.heard.set()

    def remark(self, number: int, level: Level, message: str, file: str, line: int) -> None:
        del number
        self.remarks.append((level, message, file, line))

    def text(self, step: str = "") -> str:
        lines = self.lines.get(step, []) if step else [line for lines in self.lines.values() for line in lines]
        return "\n".join(lines)

    def printed(self, step: str) -> list[str]:
        """What the step itself printed."""
        lines = self.lines[step]
        return lines[lines.index("##[endgroup]") + 1 :]


class World:
    """Where runs happen in a test."""

    def __init__(self, folder: Path, node: Node, tool_folder: Path | None = None) -> None:
        self.folder = folder
        self.bare = folder / "app.git"
        self.tools = tool_folder or folder / "tools"
        self.node = node
        self.sha = ""
        self._runs = 0
        self.bare.mkdir()
        Repo.init_bare(str(self.bare)).close()

    def commit(self, files: Mapping[str, bytes | str]) -> str:
        """A commit on ``main`` with these files alone."""
        from dulwich.index import commit_tree

        with Repo(str(self.bare)) as repo:
            entries = []
            for path, content in files.items():
                blob = Blob.from_string(content.encode() if isinstance(content, str) else content)
                repo.object_store.add_object(blob)
                entries.append((path.encode(), blob.id, 0o100755 if path.endswith(".sh") else 0o100644))
            commit = Commit()
            commit.tree = commit_tree(repo.object_store, entries)
            commit.parents = [ObjectID(self.sha.encode())] if self.sha else []
            commit.author = commit.committer = b"A Person <a@example.com>"
            commit.author_time = commit.commit_time = 1_790_000_000
            commit.author_timezone = commit.commit_timezone = 0
            commit.message = b"as a test wants it"
            repo.object_store.add_object(commit)
            repo.refs[Ref(b"refs/heads/main")] = commit.id
        self.sha = commit.id.decode()
        return self.sha

    def request(self, workflow: str, inputs: Mapping[str, str] | None = None, **more: Any) -> RunRequest:
        if not self.sha:
            self.commit({"README.md": "hello"})
        self._runs += 1
        return RunRequest(
            workflow=workflow,
            inputs=inputs or {},
            repository="me/tips",
            bare=self.bare,
            ref="refs/heads/main",
            sha=self.sha,
            run_id=41 + self._runs,
            server_url="http://127.0.0.1:1",
            api_url="http://127.0.0.1:1/api/v3",
            node=self.node,
            work_folder=self.folder / f"work-{self._runs}",
            tool_folder=self.tools,
            **more,
        )

    async def run(self, workflow: str, inputs: Mapping[str, str] | None = None, **more: Any) -> tuple[Conclusion, Told]:
        told = Told()
        return await execute(self.request(workflow, inputs, **more), told), told
