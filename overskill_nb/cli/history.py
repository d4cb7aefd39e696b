"""``overskill history``, ``checkpoint``, ``restore`` and ``export``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from .folder import add_app, opened, print_json

if TYPE_CHECKING:
    from .deployments import Commands


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    history = commands.add_parser("history", help="list an app's checkpoints, newest first")
    add_app(history)
    history.add_argument("--json", action="store_true", help="print data instead of text")
    history.set_defaults(run=_history)
    checkpoint = commands.add_parser("checkpoint", help="make a checkpoint of an app's files as they are")
    add_app(checkpoint)
    checkpoint.add_argument("-m", "--message", default="", metavar="TEXT", help="what was done")
    checkpoint.set_defaults(run=_checkpoint)
    restore = commands.add_parser("restore", help="make an app's files what they were, as a new checkpoint")
    add_app(restore)
    restore.add_argument("checkpoint", metavar="ID", help="the checkpoint's id, or the beginning of it")
    restore.set_defaults(run=_restore)
    export = commands.add_parser("export", help="write an app as a zip file that builds anywhere")
    add_app(export)
    export.add_argument("file", type=Path, metavar="FILE.zip", help="the file to write")
    export.set_defaults(run=_export)


def _history(options: argparse.Namespace) -> int:
    from ..history import History
    from ..protocol_history import Checkpoints, ListCheckpoints

    with opened(options.folder) as app:
        if options.json:
            print_json(app.session.call(ListCheckpoints(app=app.id), Checkpoints).checkpoints)
        else:
            print(History(app.session, app.id, app.name))
    return 0


def _checkpoint(options: argparse.Namespace) -> int:
    from ..protocol_history import CheckpointInfo, MakeCheckpoint

    with opened(options.folder) as app:
        made = app.session.call(MakeCheckpoint(app=app.id, message=options.message), CheckpointInfo).checkpoint
    print(f"{made.id[:8]}  {made.message.partition(chr(10))[0]}")
    return 0


def _restore(options: argparse.Namespace) -> int:
    from ..protocol_history import CheckpointInfo, RestoreCheckpoint

    with opened(options.folder) as app:
        request = RestoreCheckpoint(app=app.id, checkpoint=options.checkpoint)
        made = app.session.call(request, CheckpointInfo).checkpoint
    print(f"{made.id[:8]}  {made.message.partition(chr(10))[0]}")
    return 0


def _export(options: argparse.Namespace) -> int:
    from ..protocol_history import ExportApp, Exported

    file = Path.cwd() / options.file.expanduser()
    with opened(options.folder) as app:
        written = app.session.call(ExportApp(app=app.id, file=str(file)), Exported)
    print(f"{written.file}: {written.files} files, {written.bytes / 1000:.1f} kB")
    return 0
