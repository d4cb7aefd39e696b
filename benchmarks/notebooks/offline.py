"""Run a command with no network but the machine's own, no browser and no key: offline.py COMMAND [ARGUMENT ...]

Linux only: the command gets a network of its own, by `unshare`.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import struct
import sys

ENTERED = "OVERSKILL_BENCH_OFFLINE"
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
REQUEST = "16sH14s"
SECRETS = ("KEY", "TOKEN", "SECRET", "PASSWORD")


def main(command: list[str]) -> None:
    """Become the command. Raises SystemExit where this machine has no `unshare`."""
    if ENTERED not in os.environ:
        unshare = shutil.which("unshare")
        if unshare is None:
            raise SystemExit("The network is cut by `unshare` (util-linux), which this machine does not have.")
        words = [unshare, "--map-root-user", "--net", sys.executable, __file__, *command]
        os.execve(words[0], words, {**os.environ, ENTERED: "1"})
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        answer = fcntl.ioctl(probe, SIOCGIFFLAGS, struct.pack(REQUEST, b"lo", 0, b""))
        _, flags, _ = struct.unpack(REQUEST, answer)
        fcntl.ioctl(probe, SIOCSIFFLAGS, struct.pack(REQUEST, b"lo", flags | IFF_UP, b""))
    kept = {name: value for name, value in os.environ.items() if not any(word in name.upper() for word in SECRETS)}
    del kept[ENTERED]
    os.execvpe(command[0], command, {**kept, "OVERSKILL_NB_CHROMIUM": "none"})


if __name__ == "__main__":
    main(sys.argv[1:])
