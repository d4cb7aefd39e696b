"""Every error that overskill_nb raises.

* OverskillError
  * AppError             an app cannot be opened or made
  * PathError            a path that may not be used in an app
  * FileError            a file that cannot be read or written
  * EditError            an edit whose old text is not there exactly once
  * EditorError          a page's data are none, or cannot be written into its source
  * BuildError           the sources do not compile
  * PropError            a value cannot be a component's prop
  * PackageError         an npm package cannot be installed
  * ToolsError           Node or the JavaScript tools cannot be had
  * EngineError          the engine or its worker failed
    * Cancelled          the work was stopped
    * Unreachable        the engine does not answer
  * HistoryError         a checkpoint is unknown, or the history cannot be read or written
  * ServiceError         a service refused a call, or could not be reached
    * CloudflareError    Cloudflare did; also a DeploymentError
    * GithubError        GitHub did
    * ModelError         the service of a model did
  * GenerationError      a model's answer is of no use, or its budget is used up
    * RecordingMissing   nothing is recorded for what was asked
  * DeploymentError      a deployment cannot be made, or went wrong
    * ArtefactError      a stored build is unknown or damaged
    * NameTaken          another app has this name
    * VerificationError  the address serves something else than was deployed
  * CheckError           an app does not show, or do, what a check says
    * ReplayError        a recorded interaction goes otherwise than it did

In a notebook each shows as one short message in place of a Python traceback; ``__cause__`` keeps the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .protocol import Diagnostic, Failure

__all__ = [
    "AppError",
    "ArtefactError",
    "BuildError",
    "Cancelled",
    "CheckError",
    "CloudflareError",
    "DeploymentError",
    "EditError",
    "EditorError",
    "EngineError",
    "FileError",
    "GenerationError",
    "GithubError",
    "HistoryError",
    "ModelError",
    "NameTaken",
    "OverskillError",
    "PackageError",
    "PathError",
    "PropError",
    "RecordingMissing",
    "ReplayError",
    "ServiceError",
    "ToolsError",
    "Unreachable",
    "VerificationError",
]


class OverskillError(Exception):
    """Base of all errors of this package. ``diagnostics`` holds the problems as data."""

    def __init__(self, message: str, diagnostics: Sequence[Diagnostic] = ()) -> None:
        super().__init__(message)
        self.diagnostics = list(diagnostics)

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: the message alone, since the fault is in the input and not in the Python code."""
        return [f"\x1b[31m{type(self).__name__}\x1b[0m: {self}"]


class AppError(OverskillError):
    """An app cannot be opened or made: no such folder, no entry, or a name that cannot be a folder."""


class PathError(OverskillError):
    """A path leads out of the app, is reserved, too long, or collides with another file's name."""


class FileError(OverskillError):
    """A file cannot be read or written: missing, too large, not text, or refused by the system."""


class EditError(OverskillError):
    """The text to replace does not stand in the file, or stands there more than once."""


class EditorError(OverskillError):
    """A page's data cannot be read, or cannot be written into its source. The file is as it was."""


class BuildError(OverskillError):
    """The app's sources do not compile. Each diagnostic has file, line, column and a code frame."""


class PropError(OverskillError, TypeError):
    """A value cannot be a component's prop: it has no JSON form, or the props are no dict."""


class PackageError(OverskillError):
    """An npm package does not exist or could not be installed. Nothing of it stays."""


class ToolsError(OverskillError):
    """Node 20 or later, or the JavaScript tools, are missing and could not be installed."""


class EngineError(OverskillError):
    """The engine failed in a way that is not the app's fault."""


class Cancelled(EngineError):
    """The work was stopped before its end."""


class Unreachable(EngineError):
    """The engine does not answer: the Jupyter server is gone or refuses this kernel."""


class HistoryError(OverskillError):
    """A checkpoint is unknown, or the app's git repository cannot be read or written."""


class ServiceError(OverskillError):
    """A service refused a call, or could not be reached.

    ``status`` is that of HTTP (0 where nothing was answered). ``temporary``: the same call may succeed later;
    ``retry_after``: in so many seconds, where that is known.
    """

    def __init__(
        self,
        message: str,
        diagnostics: Sequence[Diagnostic] = (),
        *,
        status: int = 0,
        temporary: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, diagnostics)
        self.status = status
        self.temporary = temporary
        self.retry_after = retry_after


class GithubError(ServiceError):
    """GitHub refused a call, or could not be reached."""


class ModelError(ServiceError):
    """A model cannot be asked: no key, no such model, or its service refused or broke off."""


class GenerationError(OverskillError):
    """Nothing was kept: the model's answer is of no use, or the budget is used up. The files are as before."""


class RecordingMissing(GenerationError):
    """Nothing is recorded for what was asked; the message says what differs and how to record it."""


class DeploymentError(OverskillError):
    """A deployment cannot be made, or went wrong."""


class ArtefactError(DeploymentError):
    """A stored build is unknown, or not what its hash says."""


class NameTaken(DeploymentError):
    """A script of this name is there and belongs to another app. Nothing was changed."""


class VerificationError(DeploymentError):
    """The app's address serves something else than the artefact; the message says what."""


class CloudflareError(ServiceError, DeploymentError):
    """Cloudflare refused a call, or could not be reached. ``code`` is Cloudflare's own, 0 where it gave none."""

    def __init__(self, message: str, diagnostics: Sequence[Diagnostic] = (), *, code: int = 0, **rest: Any) -> None:
        super().__init__(message, diagnostics, **rest)
        self.code = code


class CheckError(OverskillError, AssertionError):
    """The app does not show, or do, what was said; the message says what it does instead."""


class ReplayError(CheckError):
    """A recorded interaction goes otherwise than it did, or is not there. ``diff`` shows the two accessible trees."""

    def __init__(self, message: str, diagnostics: Sequence[Diagnostic] = (), *, diff: str = "") -> None:
        super().__init__(message, diagnostics)
        self.diff = diff


def from_failure(failure: Failure) -> OverskillError:
    """The exception for a failure that came over the protocol."""
    kind = globals().get(failure.error)
    if not (isinstance(kind, type) and issubclass(kind, OverskillError)):
        kind = EngineError
    return kind(failure.message, failure.diagnostics)
