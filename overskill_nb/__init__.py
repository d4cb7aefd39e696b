"""React apps in notebooks: write a component in a cell, see it live, change it, ship it.

>>> import overskill_nb as ov
>>> app = ov.App("tips")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .app import App
    from .checkup import doctor
    from .cost_model import costs
    from .deployment import Deployment, Deployments
    from .errors import (
        AppError,
        ArtefactError,
        BuildError,
        Cancelled,
        CheckError,
        CloudflareError,
        DeploymentError,
        EditError,
        EditorError,
        EngineError,
        FileError,
        GenerationError,
        GithubError,
        HistoryError,
        ModelError,
        NameTaken,
        OverskillError,
        PackageError,
        PathError,
        PropError,
        RecordingMissing,
        ReplayError,
        ServiceError,
        ToolsError,
        Unreachable,
        VerificationError,
    )
    from .generation import Generation
    from .github import Github, Sync
    from .history import Checkpoint, History
    from .measured import Metrics, metrics
    from .variants import Variants
    from .widgets.editor import Editor
    from .widgets.preview import Preview

__all__ = [
    "App",
    "AppError",
    "ArtefactError",
    "BuildError",
    "Cancelled",
    "CheckError",
    "Checkpoint",
    "CloudflareError",
    "Deployment",
    "DeploymentError",
    "Deployments",
    "EditError",
    "Editor",
    "EditorError",
    "EngineError",
    "FileError",
    "Generation",
    "GenerationError",
    "Github",
    "GithubError",
    "History",
    "HistoryError",
    "Metrics",
    "ModelError",
    "NameTaken",
    "OverskillError",
    "PackageError",
    "PathError",
    "Preview",
    "PropError",
    "RecordingMissing",
    "ReplayError",
    "ServiceError",
    "Sync",
    "ToolsError",
    "Unreachable",
    "Variants",
    "VerificationError",
    "__version__",
    "costs",
    "doctor",
    "metrics",
]

# A Jupyter server imports this package at its start: names are loaded when they are first used.
_HOMES = {
    "App": "app",
    "Checkpoint": "history",
    "Deployment": "deployment",
    "Deployments": "deployment",
    "Editor": "widgets.editor",
    "Generation": "generation",
    "Github": "github",
    "History": "history",
    "Metrics": "measured",
    "Preview": "widgets.preview",
    "Sync": "github",
    "Variants": "variants",
    "costs": "cost_model",
    "doctor": "checkup",
    "metrics": "measured",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f".{_HOMES.get(name, 'errors')}", __name__), name)
    globals()[name] = value
    if name == "App":
        _load_magics()
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


def _load_magics() -> None:
    """Give a notebook its cell magics as soon as it uses App."""
    import sys

    if "IPython" not in sys.modules:
        return
    from IPython import get_ipython

    shell = get_ipython()
    if shell is not None:
        load_ipython_extension(shell)


def load_ipython_extension(ipython: InteractiveShell) -> None:
    """``%load_ext overskill_nb``; using ``overskill_nb.App`` does the same."""
    from .magics import OverskillMagics

    ipython.register_magics(OverskillMagics)


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from .server_ext.app import OverskillExtension

    return [{"module": "overskill_nb", "app": OverskillExtension}]
