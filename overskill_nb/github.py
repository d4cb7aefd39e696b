"""Github: the repository that an app is connected to, and the exchanges with it."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from . import protocol_github as wire
from .errors import GithubError
from .protocol import Done
from .protocol_github import LAST_SYNC, Conflict, SyncStatus
from .setup_progress import setup_progress

if TYPE_CHECKING:
    from .session import Session

POLL_SECONDS = 20.0
"""How long the engine is asked to wait for a step before it is asked anew."""


class Github:
    """An app's repository on GitHub: the one that it is connected to, or will be.

    Where no account is configured it is on this machine. In a notebook it displays how the exchange goes.
    """

    def __init__(self, session: Session, app: str, name: str) -> None:
        self._session = session
        self._app = app
        self._name = name

    def connect(self, name: str, private: bool = True) -> Github:
        """Connect the app to a repository such as ``"me/tips"``, or ``"tips"`` for one of the account's own.

        It is made where it is missing, given the workflow that builds production and its secrets, and pushed to in the
        background. ``private=False`` makes it one that everybody can read.
        """
        with setup_progress() as on_progress:
            request = wire.ConnectRepository(app=self._app, name=name, private=private)
            self._session.call(request, wire.GithubInfo, on_progress)
        return self

    def disconnect(self) -> None:
        """Let go of the repository. It stays as it is, and so does the app."""
        self._repository()
        self._session.call(wire.DisconnectRepository(app=self._app), Done)

    @property
    def status(self) -> GithubStatus:
        """How the app stands with its repository, by what is known here."""
        return GithubStatus(self._session, self._app, self._name, self._info())

    def sync(self) -> Sync:
        """Push what GitHub does not have, and take what it has more. Returns at once; ``wait()`` waits for it.

        Where both sides changed the same lines neither is touched: that is a conflict, with a pull request.
        """
        return self._start(pull=False)

    def pull(self) -> Sync:
        """Take what GitHub has more, and push nothing. Previews follow."""
        return self._start(pull=True)

    def _start(self, *, pull: bool) -> Sync:
        self._repository()
        begun = self._session.call(wire.StartSync(app=self._app, pull=pull), wire.SyncInfo)
        return Sync(self._session, self._name, begun.sync)

    def _info(self) -> wire.GithubInfo:
        return self._session.call(wire.GetGithub(app=self._app), wire.GithubInfo)

    def _repository(self) -> wire.Repository:
        found = self._info().repository
        if found is None:
            raise GithubError(
                f"'{self._name}' is not connected to GitHub; connect it with app.github.connect(\"owner/name\")."
            )
        return found

    def __repr__(self) -> str:
        return f"Github({self._name})"

    def _ipython_display_(self) -> None:
        _display(self._session, self._app, self._name, repr(self))


class GithubStatus:
    """How an app stood with its repository when it was asked."""

    def __init__(self, session: Session, app: str, name: str, known: wire.GithubInfo) -> None:
        self._session = session
        self._app = app
        self._name = name
        self._known = known

    @property
    def repository(self) -> str:
        """Owner and name; empty where the app is not connected."""
        return self._known.repository.name if self._known.repository else ""

    @property
    def url(self) -> str:
        """The repository's page; empty where the app is not connected."""
        return self._known.repository.url if self._known.repository else ""

    @property
    def ahead(self) -> int:
        """How many checkpoints GitHub does not have, as far as is known here."""
        return self._known.ahead

    @property
    def sync(self) -> Sync | None:
        """The last exchange."""
        return Sync(self._session, self._name, self._known.sync) if self._known.sync else None

    @property
    def account(self) -> str:
        """Whose GitHub it is; empty for the one on this machine."""
        return self._known.account

    def __repr__(self) -> str:
        if not self.repository:
            return "GithubStatus(not connected)"
        return f"GithubStatus({self.repository}: {self._known.sync.status if self._known.sync else 'connected'})"

    def _ipython_display_(self) -> None:
        _display(self._session, self._app, self._name, repr(self))


class Sync:
    """One exchange of an app's history with GitHub. What it says is as of the moment when it is asked."""

    def __init__(self, session: Session, name: str, known: wire.Sync) -> None:
        self._session = session
        self._name = name
        self._known = known

    def _now(self, seen: int = -1, seconds: float = 0.0) -> wire.Sync:
        if self._known.status not in LAST_SYNC:
            request = wire.GetSync(app=self._known.app, sync=self._known.id, seen=seen, seconds=seconds)
            self._known = self._session.call(request, wire.SyncInfo).sync
        return self._known

    @property
    def id(self) -> str:
        """Its name in the database."""
        return self._known.id

    @property
    def repository(self) -> str:
        """Owner and name."""
        return self._known.repository

    @property
    def status(self) -> SyncStatus:
        """``pending``, ``syncing``, ``synced``, ``conflict``, ``failed`` or ``cancelled``, which it is where a newer
        one took its place."""
        return self._now().status

    @property
    def commit(self) -> str:
        """What both sides have after it."""
        return self._now().commit

    @property
    def pushed(self) -> int:
        """How many commits went to GitHub."""
        return self._now().pushed

    @property
    def received(self) -> int:
        """How many commits came from GitHub."""
        return self._now().received

    @property
    def conflicts(self) -> list[Conflict]:
        """Files that were changed on both sides in the same place, with ``path``, ``ours``, ``theirs`` and ``base``."""
        return list(self._now().conflicts)

    @property
    def pull_request(self) -> str:
        """Address of the pull request that was opened for a conflict."""
        return self._now().pull_request

    @property
    def waits_until(self) -> datetime | None:
        """Until when GitHub asked to wait; None where it did not."""
        return _moment(self._now().waits_until)

    @property
    def log(self) -> list[str]:
        """What the steps had to say."""
        return list(self._now().log)

    @property
    def error(self) -> str:
        """Why it failed, in one sentence; empty where it did not."""
        return self._now().error

    @property
    def hint(self) -> str:
        """What to do about the error."""
        return self._now().hint

    @property
    def info(self) -> wire.Sync:
        """All of it as of now."""
        return self._now()

    def wait(self, timeout: float | None = None) -> Sync:
        """Wait until it is over. Raises GithubError where it failed, TimeoutError where it is not over after
        ``timeout`` seconds. A conflict is not an error but its ``status``. Interrupting stops the waiting alone."""
        end = None if timeout is None else time.monotonic() + timeout
        now = self._now()
        while now.status not in LAST_SYNC:
            left = POLL_SECONDS if end is None else min(POLL_SECONDS, end - time.monotonic())
            if left <= 0:
                asked = _moment(now.waits_until)
                why = f"; GitHub asked to wait until {asked.astimezone():%H:%M}" if asked else ""
                raise TimeoutError(
                    f"The exchange with {now.repository} is still {now.status} after {timeout:g} s; it goes on{why}."
                )
            now = self._now(len(now.transitions), left)
        if now.status == "failed":
            raise GithubError(" ".join(part for part in (now.error, now.hint) if part) or "The exchange failed.")
        return self

    def __repr__(self) -> str:
        return f"Sync({self.repository})"

    def _ipython_display_(self) -> None:
        _display(self._session, self._known.app, self._name, repr(self))


def _moment(at: float) -> datetime | None:
    return datetime.fromtimestamp(at / 1000, timezone.utc) if at else None


def _display(session: Session, app: str, name: str, text: str) -> None:
    from IPython.display import display

    from .widgets.github import GithubView

    shown: Any = GithubView(session, app, name, text)
    display(shown)  # type: ignore[no-untyped-call]


__all__ = ["Conflict", "Github", "GithubStatus", "Sync"]
