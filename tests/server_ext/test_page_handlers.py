from __future__ import annotations

import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from overskill_nb import config
from overskill_nb.server_ext.app import OverskillExtension
from overskill_nb.widgets import bundle

pytestmark = pytest.mark.usefixtures("tools")

EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{0}{title}"

needs_bundle = pytest.mark.skipif(not bundle.PREVIEW.is_file(), reason="run `node build.mjs` in js/ first")


class Elements(HTMLParser):
    """The elements of a page with their attributes, as a browser would see them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.title = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


async def open_app(fetch: Any, folder: str = "tips", **more: Any) -> str:
    body = json.dumps({"folder": folder, "create": True, **more})
    return json.loads((await fetch("overskill-nb", "api", "apps", method="POST", body=body)).body)["app"]


# ------------------------------------------------------------------------------------------------------------ chunks


@pytest.fixture
def chunk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(config.CACHE, str(tmp_path / "cache"))
    file = tmp_path / "cache/bundles/vendor/0a1b.js"
    file.parent.mkdir(parents=True)
    file.write_text("packages()")
    return file.stem


async def test_a_chunk_is_data_that_browsers_keep_and_do_not_run(jp_fetch: Any, chunk: str) -> None:
    response = await jp_fetch("overskill-nb", "static", f"chunk-{chunk}")
    assert response.body == b"packages()"
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Disposition"] == "attachment"
    assert "immutable" in response.headers["Cache-Control"]


async def test_a_chunk_is_nobodys_but_the_users(http_server_client: Any, jp_base_url: str, chunk: str) -> None:
    address = f"{jp_base_url}overskill-nb/static/chunk-{chunk}"
    response = await http_server_client.fetch(address, raise_error=False, follow_redirects=False)
    assert response.code in (302, 403)


async def test_a_chunk_that_is_not_kept_is_not_found(jp_fetch: Any, chunk: str) -> None:
    response = await jp_fetch("overskill-nb", "static", "chunk-0a1c", raise_error=False)
    assert response.code == 404
    assert "immutable" not in response.headers.get("Cache-Control", "")


# ------------------------------------------------------------------------------------------------------------ bundle


@needs_bundle
async def test_the_bundle_is_served_under_the_name_of_its_content(jp_fetch: Any) -> None:
    content = bundle.PREVIEW.read_bytes()
    name = hashlib.sha256(content).hexdigest()[:16]
    assert bundle.preview_hash() == name
    response = await jp_fetch("overskill-nb", "static", f"preview-{name}.js")
    assert response.body == content
    assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in response.headers["Cache-Control"]
    assert "private" in response.headers["Cache-Control"]


@needs_bundle
async def test_any_other_name_is_not_found(jp_fetch: Any) -> None:
    for name in ("preview-0000000000000000.js", "preview-.js", "preview-xyz.js", "loader.js", "../widgets/loader.js"):
        response = await jp_fetch("overskill-nb", "static", name, raise_error=False)
        assert response.code == 404
        assert "immutable" not in response.headers.get("Cache-Control", "")


@needs_bundle
async def test_the_canvas_of_the_editor_is_served_likewise(
    jp_fetch: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = hashlib.sha256(b"canvas();").hexdigest()[:16]
    with monkeypatch.context() as patch:
        patch.setattr(bundle, "EDITOR", tmp_path / "editor.js")
        bundle.editor.cache_clear()
        bundle.editor_hash.cache_clear()
        response = await jp_fetch("overskill-nb", "static", f"editor-{name}.js", raise_error=False)
        assert response.code == 404
        bundle.EDITOR.write_bytes(b"canvas();")
        response = await jp_fetch("overskill-nb", "static", f"editor-{name}.js")
    bundle.editor.cache_clear()
    bundle.editor_hash.cache_clear()
    assert response.body == b"canvas();"
    assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    response = await jp_fetch("overskill-nb", "static", "editor-0000000000000000.js", raise_error=False)
    assert response.code == 404


# --------------------------------------------------------------------------------------------------------------- tab


@needs_bundle
async def test_the_tab_names_what_it_shows_and_where_its_code_is(jp_fetch: Any) -> None:
    app = await open_app(jp_fetch, allow=["https://api.example.com", "wss://live.example.com"])
    response = await jp_fetch("overskill-nb", "tab", app, params={"target": "App"})
    page = Elements(response.body.decode())
    main = dict(page.found)["main"]
    assert main == {
        "id": "overskill-tab",
        "data-base": "/a%40b/",
        "data-app": app,
        "data-module": "src/App.tsx",
        "data-export": "default",
        "data-allow": "https://api.example.com wss://live.example.com",
    }
    (script,) = re.findall(r'from "([^"]+)"', response.body.decode())
    assert script == f"/a%40b/overskill-nb/static/preview-{bundle.preview_hash()}.js"
    assert (await jp_fetch(script.removeprefix("/a%40b/"))).body == bundle.preview()


@needs_bundle
async def test_the_tab_is_not_kept_and_tells_nobody_where_it_is(jp_fetch: Any, jp_serverapp: Any) -> None:
    app = await open_app(jp_fetch)
    response = await jp_fetch("overskill-nb", "tab", app)
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'self'" in response.headers["Content-Security-Policy"]
    assert jp_serverapp.identity_provider.token not in response.body.decode()


@needs_bundle
async def test_the_tab_holds_no_secret(jp_fetch: Any, extension: OverskillExtension, jp_serverapp: Any) -> None:
    app = await open_app(jp_fetch)
    text = (await jp_fetch("overskill-nb", "tab", app)).body.decode()
    assert extension.capability not in text
    assert jp_serverapp.identity_provider.token not in text


@needs_bundle
async def test_what_the_address_says_does_not_become_html(jp_fetch: Any) -> None:
    app = await open_app(jp_fetch)
    response = await jp_fetch("overskill-nb", "tab", app, params={"module": EVIL, "export": EVIL})
    page = Elements(response.body.decode())
    tags = [tag for tag, _ in page.found]
    assert tags == ["html", "head", "meta", "meta", "title", "style", "body", "main", "script"]
    main = dict(page.found)["main"]
    assert (main["data-module"], main["data-export"]) == (EVIL, EVIL)


@needs_bundle
async def test_the_name_of_an_app_does_not_become_html(jp_fetch: Any) -> None:
    app = await open_app(jp_fetch, "a&b' onload=alert(1) {title}")
    response = await jp_fetch("overskill-nb", "tab", app)
    assert [tag for tag, _ in Elements(response.body.decode()).found].count("script") == 1
    assert "<title>a&amp;b&#x27; onload=alert(1) {title}</title>" in response.body.decode()
    assert dict(Elements(response.body.decode()).found)["main"]["data-app"] == app


async def test_an_error_page_does_not_echo_what_was_asked(jp_fetch: Any) -> None:
    for parts, params in (
        (("overskill-nb", "tab", "<script>alert(1)<script>"), {}),
        (("overskill-nb", "tab", "nope"), {"target": EVIL}),
        (("overskill-nb", "api", "apps", "<script>alert(1)<script>", "files"), {}),
        (("overskill-nb", "static", "preview-<script>.js"), {}),
    ):
        response = await jp_fetch(*parts, params=params, raise_error=False)
        assert response.code == 404
        if not response.headers["Content-Type"].startswith("application/json"):
            assert b"<script>alert(1)" not in response.body


async def test_a_target_that_is_not_there_is_not_found_and_not_the_whole_app(jp_fetch: Any) -> None:
    app = await open_app(jp_fetch)
    response = await jp_fetch("overskill-nb", "tab", app, params={"target": "Nope"}, raise_error=False)
    assert response.code == 404
