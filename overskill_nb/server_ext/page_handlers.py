"""The widgets' browser code, and the page that shows a preview in a tab of its own."""

from __future__ import annotations

import asyncio
import os
from html import escape
from typing import Any
from urllib.parse import urlencode

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web

from ..diagnostics import summary
from ..errors import OverskillError
from ..pipeline import chunk
from ..protocol import Prepare, Prepared
from ..widgets import bundle
from .base import OverskillMixin

# Ours alone: what an app brings runs in the sandboxed frames that this page makes, never in the page.
_TAB = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>html,body,main{{margin:0;height:100%}}</style></head>
<body>
<main id="overskill-tab" data-base="{base}" data-app="{app}" data-module="{module}" data-export="{export}"
 data-allow="{allow}"></main>
<script type="module">
import {{ mountTab }} from "{script}";
mountTab(document.getElementById("overskill-tab"));
</script>
</body></html>
"""


class BundleHandler(OverskillMixin, JupyterHandler):
    """The widgets' module, or the editor's canvas: named by their content and therefore kept by browsers for good."""

    @web.authenticated
    @authorized
    async def get(self, wanted: str) -> None:
        found = bundle.by_hash(wanted)
        if found is None:
            raise web.HTTPError(404, "The server has another version of this file; restart it after an upgrade.")
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.set_header("Cache-Control", "private, max-age=31536000, immutable")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.finish(found)


class ChunkHandler(OverskillMixin, JupyterHandler):
    """A chunk of packages, named by its content and therefore kept by browsers for good.

    It is an app's code: nothing may run it on this origin.
    """

    @web.authenticated
    @authorized("execute")
    async def get(self, name: str) -> None:
        file = chunk.kept(name)
        if file is None:
            raise web.HTTPError(404, "This chunk of packages is not kept any more.")
        self.set_header("Content-Type", "application/octet-stream")
        self.set_header("Content-Disposition", "attachment")
        self.set_header("Cache-Control", "private, max-age=31536000, immutable")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.finish(await asyncio.to_thread(file.read_bytes))

    def compute_etag(self) -> None:
        """Its name is one."""


class TabHandler(OverskillMixin, JupyterHandler):
    """A preview that fills a browser tab."""

    @web.authenticated
    @authorized("execute")
    async def get(self, name: str) -> None:
        try:
            app = await self.engine.app(name)
            module, export = self.get_argument("module", ""), self.get_argument("export", "")
            if target := self.get_argument("target", ""):
                prepared = await self.engine.handle(Prepare(app=app.project.id, target=target))
                assert isinstance(prepared, Prepared)
                if not prepared.module:
                    raise web.HTTPError(404, summary(prepared.diagnostics))
                module, export = prepared.module, prepared.export
        except OverskillError as error:
            raise web.HTTPError(404, str(error)) from error
        app.expect(module)
        script = url_path_join(self.base_url, f"overskill-nb/static/preview-{bundle.preview_hash()}.js")
        if os.environ.get("JUPYTERHUB_SERVICE_PREFIX"):  # a hub takes what a page's code asks for only with this
            script += "?" + urlencode({"_xsrf": self.xsrf_token.decode()})
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.finish(
            _TAB.format(
                title=escape(app.project.name),
                base=escape(self.base_url),
                app=escape(app.project.id),
                module=escape(module),
                export=escape(export),
                allow=escape(" ".join(app.allow)),
                script=escape(script),
            )
        )


handlers: list[tuple[str, Any]] = [
    (r"/overskill-nb/static/(?:preview|editor)-([0-9a-f]+)\.js", BundleHandler),
    (r"/overskill-nb/static/chunk-([0-9a-f]+)", ChunkHandler),
    (r"/overskill-nb/tab/([^/]+)", TabHandler),
]
