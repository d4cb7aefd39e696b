"""Serve one app for the latency harness: a Jupyter server with the extension, and the app open in it.

usage: serve.py FOLDER --port PORT --token TOKEN

The harness then opens ``/overskill-nb/tab/<folder's name>`` and hands sources in at
``/overskill-nb/api/apps/<folder's name>/files``.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
from pathlib import Path

from jupyter_server.serverapp import ServerApp

from overskill_nb.protocol import OpenApp, Prepare


async def prepare(server: ServerApp, folder: Path) -> None:
    """Open and compile the app before the harness asks for it."""
    extension = next(iter(server.extension_manager.extension_apps["overskill_nb"]))
    opened = await extension.engine.handle(OpenApp(folder=str(folder)))
    await extension.engine.handle(Prepare(app=opened.app))
    print("ready", flush=True)


def main() -> None:
    """Start the server and stay."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--token", required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="overskill-bench-") as own:
        server = ServerApp.instance(
            ip="127.0.0.1",
            port=options.port,
            port_retries=0,
            open_browser=False,
            allow_root=True,
            root_dir=str(options.folder.resolve().parent),
            jpserver_extensions={"overskill_nb": True},
            log_level="WARN",
            config_dir=own,
            runtime_dir=own,
        )
        # Nothing is served before the app is ready: the harness waits for the port.
        server.initialize(argv=[], new_httpserver=False)
        server.identity_provider.token = options.token
        server.io_loop.run_sync(lambda: prepare(server, options.folder))
        server.init_httpserver()
        with contextlib.suppress(KeyboardInterrupt):
            server.start()


if __name__ == "__main__":
    main()
