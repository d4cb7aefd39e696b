"""What a run does that has GitHub build and deploy. Each effect may be repeated: the second time changes nothing."""

from __future__ import annotations

import time

from ...errors import GithubError
from .effects import Facts, Task, place, since
from .ports import CapturePort, Github, OnLine, Target, TargetOf, WorkflowTask


class WorkflowEffects:
    """The effects, over GitHub, a target, and what fetches a deployment from its address."""

    def __init__(self, target: TargetOf, github: Github | None, capture: CapturePort | None) -> None:
        self._target = target
        self._github = github
        self._capture = capture

    @property
    def github(self) -> Github:
        """Raises where this process has none."""
        if self._github is None:
            raise GithubError("GitHub is not set up in this process, so that its workflow cannot be used.")
        return self._github

    async def prepare(self, task: Task, on_line: OnLine) -> Facts:
        """See that the name is free; bring the commit and the workflow to GitHub."""
        began = time.perf_counter()
        target = await self._target()
        await target.check(task.name, task.environment, task.app)
        await self.github.prepare(_workflow(target, task), on_line)
        return {"timings": {"prepare": since(began)}, "warnings": _unseen(task), **place(target, task)}

    async def dispatch(self, task: Task, on_line: OnLine, *, again: bool) -> Facts:
        """Start the workflow, once."""
        return dict(await self.github.dispatch(_workflow(await self._target(), task), on_line, again=again))

    async def follow(self, task: Task, on_line: OnLine) -> Facts:
        """Wait until the workflow's run ends well."""
        began = time.perf_counter()
        followed = await self.github.follow(_workflow(await self._target(), task), task.workflow_run, on_line)
        return {"digest": str(followed["digest"]), "timings": {"build": since(began)}}

    async def adopt(self, task: Task, _on_line: OnLine) -> Facts:
        """Mark what the workflow put as this deployment's."""
        target = await self._target()
        await target.adopt(target.script(task.name, task.environment), app=task.app, deployment=task.id)
        return {}

    async def capture(self, task: Task, on_line: OnLine) -> Facts:
        """Have of the address what the workflow says that it built, so that it can be gone back to."""
        if self._capture is None:
            raise GithubError("What a workflow deploys cannot be fetched in this process.")
        began = time.perf_counter()
        target = await self._target()
        script, url = target.script(task.name, task.environment), target.url(task.name, task.environment)
        artefact = await self._capture(url, task.digest, task.id, target, script)
        on_line(f"{url} serves the {len(artefact.files)} files that the workflow built")
        return {
            "artefact": artefact.id,
            "first_load_gzip": artefact.first_load_gzip,
            "files": len(artefact.files),
            "warnings": [*_unseen(task), *artefact.warnings],
            "timings": {"verify": since(began)},
        }

    async def stop(self, task: Task, _on_line: OnLine) -> Facts:
        """Cancel the workflow's run, so that nothing is put after this."""
        await self.github.stop(_workflow(await self._target(), task), task.workflow_run)
        return {}


def _workflow(target: Target, task: Task) -> WorkflowTask:
    script = target.script(task.name, task.environment)
    return WorkflowTask(
        id=task.id,
        app=task.app,
        root=task.root,
        repository=task.repository,
        branch=task.branch,
        commit=task.commit,
        environment=task.environment,
        namespace=script.namespace,
        script=script.name,
        env=task.env,
    )


def _unseen(task: Task) -> list[str]:
    """Values that a build by the app's own Vite does not take in, unlike ours."""
    names = sorted(name for name in task.env if not name.startswith("VITE_"))
    said = (
        f"The page does not see {', '.join(names)}: in production, which the app's own Vite builds, only names that "
        "begin with VITE_ reach import.meta.env."
    )
    return [said] if names else []
