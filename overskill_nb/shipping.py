"""Shipping: an app's history, its GitHub and its deployments. ``App`` adds files and previews."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import protocol_deployments as wire
from .bindings import ByEnvironment, Secrets, Variables
from .deployment import Deployment, Deployments, LogLines, checked_environment
from .github import Github
from .history import Checkpoint, History
from .notebook import in_notebook
from .protocol import Done
from .protocol_history import CheckpointInfo, ExportApp, Exported, MakeCheckpoint, RestoreCheckpoint

if TYPE_CHECKING:
    from .session import Session


class Shipping:
    """What is done with an app as a whole: keep it, exchange it, make it live."""

    id: str
    """The app's name in the engine."""
    name: str
    """The name of its folder."""
    _session: Session

    def _call(self, request: Any, expect: type[Any]) -> Any:
        return self._session.call(request, expect)

    # ---------------------------------------------------------------------------------------------- history

    @property
    def history(self) -> History:
        """The app's checkpoints, newest first; one is made by itself after each change."""
        return History(self._session, self.id, self.name)

    def checkpoint(self, message: str = "") -> Checkpoint:
        """Make a checkpoint of the files as they are now. Without a change since the newest one, that is given."""
        made: CheckpointInfo = self._call(MakeCheckpoint(app=self.id, message=message), CheckpointInfo)
        return Checkpoint(self._session, self.id, made.checkpoint)

    def restore(self, checkpoint: str | Checkpoint) -> Checkpoint:
        """Make the files what they were at a checkpoint, named by its id or the beginning of it; previews follow.

        That is a new checkpoint, which is given: nothing of the history is lost.
        """
        wanted = checkpoint.id if isinstance(checkpoint, Checkpoint) else checkpoint
        made: CheckpointInfo = self._call(RestoreCheckpoint(app=self.id, checkpoint=wanted), CheckpointInfo)
        return Checkpoint(self._session, self.id, made.checkpoint)

    def export(self, path: str | Path) -> Path:
        """Write the app as a zip file that builds anywhere with ``npm ci`` and ``npm run build``. Gives its path."""
        file = Path.cwd() / Path(path).expanduser()
        written: Exported = self._call(ExportApp(app=self.id, file=str(file)), Exported)
        return Path(written.file)

    @property
    def github(self) -> Github:
        """The app's repository on GitHub: ``app.github.connect("me/tips")``; on this machine without an account."""
        return Github(self._session, self.id, self.name)

    # ------------------------------------------------------------------------------------------ deployments

    def deploy(self, environment: str = "preview") -> Deployment:
        """Build the app and make it live in an environment. Returns at once; a notebook shows how it goes.

        With no account configured the address is on this machine; ``wait()`` on what is returned waits for it.
        """
        return self._deployment(wire.Deploy(app=self.id, environment=checked_environment(environment)))

    def promote(self, to: str, *, source: str = "") -> Deployment:
        """Make what is live in the environment before ``to`` live in ``to``: the very same files, not built anew.

        ``source`` is the id of another deployment to take them from.
        """
        return self._deployment(wire.Promote(app=self.id, to=checked_environment(to), source=source))

    def rollback(self, environment: str, *, to: str = "") -> Deployment:
        """Make what was live before live again, or what the deployment with the id ``to`` made live."""
        return self._deployment(wire.Rollback(app=self.id, environment=checked_environment(environment), to=to))

    def undeploy(self, environment: str) -> None:
        """Take the app off an environment: its address answers 404 from then on."""
        self._call(wire.Undeploy(app=self.id, environment=checked_environment(environment)), Done)

    @property
    def deployments(self) -> Deployments:
        """The app's deployments, newest first: a table in a notebook, a sequence in Python."""
        found: wire.DeploymentTable = self._call(wire.ListDeployments(app=self.id), wire.DeploymentTable)
        return Deployments(self._session, self.id, self.name, found.deployments)

    def logs(self, environment: str, *, since: float = 0.0) -> LogLines:
        """What the deployed app's Worker wrote to its console, and its errors; ``since`` is a Unix time in ms."""
        request = wire.ReadLogs(app=self.id, environment=checked_environment(environment), since=since)
        lines: wire.Logs = self._call(request, wire.Logs)
        return LogLines(lines.lines)

    @property
    def env(self) -> ByEnvironment[Variables]:
        """Public values by environment, never part of what is built: ``app.env["preview"]["API_URL"] = "…"``."""
        return ByEnvironment(lambda environment: Variables(self._session, self.id, environment))

    @property
    def secrets(self) -> ByEnvironment[Secrets]:
        """Secrets of the app's Worker by environment: ``app.secrets["preview"].set("KEY")`` asks for the value."""
        return ByEnvironment(lambda environment: Secrets(self._session, self.id, environment))

    def _deployment(self, request: wire.Deploy | wire.Promote | wire.Rollback) -> Deployment:
        info: wire.DeploymentInfo = self._call(request, wire.DeploymentInfo)
        made = Deployment(self._session, info.deployment)
        if in_notebook():
            made.show()
        return made


__all__ = ["Shipping"]
