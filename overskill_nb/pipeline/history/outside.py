"""What of a file is not its content: whether it is a link, and whether it can be executed."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path


def make_link(root: Path, path: str, target: bytes) -> None:
    """Replace a file that holds a link's target by the link, unless that leads out of ``root``."""
    file = root / path
    with contextlib.suppress(OSError):
        if file.is_symlink() or file.read_bytes() != target:
            return
        aim = os.fsdecode(target)
        real = Path(os.path.realpath(file.parent / aim))
        if os.path.isabs(aim) or not real.is_relative_to(root):
            return
        scratch = file.with_name(f".{file.name}.{os.getpid()}.writing")
        os.symlink(aim, scratch)
        os.replace(scratch, file)


def make_executable(file: Path, data: bytes, wanted: bool) -> None:
    """Let a file that holds ``data`` be executed by whom it can be read, or by nobody."""
    with contextlib.suppress(OSError):
        status = file.lstat()
        if not stat.S_ISREG(status.st_mode) or bool(status.st_mode & stat.S_IXUSR) == wanted:
            return
        if file.read_bytes() != data:
            return
        readers = (status.st_mode & 0o444) >> 2
        file.chmod(stat.S_IMODE(status.st_mode) | readers if wanted else stat.S_IMODE(status.st_mode) & ~0o111)
