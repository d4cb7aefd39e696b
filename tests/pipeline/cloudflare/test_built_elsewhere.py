"""Taking in a build from an address: what is right is kept, what is wrong is named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from turned_clock import TurnedClock

from overskill_nb.errors import VerificationError
from overskill_nb.pipeline.artefacts import Artefact, ArtefactStore
from overskill_nb.pipeline.cloudflare import built_elsewhere
from overskill_nb.pipeline.cloudflare.script import modules

URL = "https://tips.example.com/"
FILES = {
    "/index.html": b'<script type="module" src="/assets/main.js"></script><link rel="stylesheet" href="/assets/a.css">',
    "/assets/main.js": b"console.log(1)",
    "/assets/a.css": b"a{}",
    "/docs/index.html": b"docs",
    "/about us.html": b"about",
}


class Site:
    """Answers as the edge does."""

    def __init__(self) -> None:
        self.files = dict(FILES)
        self.asked: list[str] = []
        self.broken: dict[str, int] = {}
        """Answers to a path that are 404 before the right one."""
        self.list = self.listed()

    def listed(self, **more: Any) -> bytes:
        listed = [
            {"path": path, "sha256": hashlib.sha256(body).hexdigest(), "size": len(body)}
            for path, body in sorted(self.files.items())
        ]
        told = {"version": 1, "deployment": "d1", "headers": "/*\n  A: b\n", "redirects": "/x / 301\n", "files": listed}
        return json.dumps(told | more).encode()

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.list).hexdigest()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.asked.append(path)
        if self.broken.get(path, 0) > 0:
            self.broken[path] -= 1
            return httpx.Response(404, text="nothing yet")
        served = {built_elsewhere.visited(name): body for name, body in self.files.items()}
        served[built_elsewhere.LIST] = self.list
        if path not in served:
            return httpx.Response(307, headers={"Location": "/"})
        return httpx.Response(200, content=served[path], headers={"Content-Type": "text/x"})


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def store(tmp_path: Path) -> ArtefactStore:
    return ArtefactStore(tmp_path / "artefacts")


async def capture(site: Site, store: ArtefactStore, **more: Any) -> Artefact:
    told: dict[str, Any] = {"digest": site.digest, "deployment": "d1", "deadline": 10.0} | more
    return await built_elsewhere.capture(
        URL, store=store, transport=httpx.MockTransport(site), clock=TurnedClock(), **told
    )


async def test_a_build_is_kept_with_all_that_serves_it(site: Site, store: ArtefactStore) -> None:
    found = await capture(site, store)
    assert {file.path: store.read(file.sha256) for file in found.files} == {
        **FILES,
        built_elsewhere.LIST: site.list,
    }
    assert found.first_load == ["/index.html", "/assets/main.js", "/assets/a.css"]
    assert 0 < found.first_load_gzip < 300
    assert (found.headers, found.redirects, found.worker) == ("/*\n  A: b\n", "/x / 301\n", "")
    assert await capture(site, store) == found
    assert store.get(found.id) == found


async def test_the_edge_may_lag_and_only_what_lacks_is_asked_again(site: Site, store: ArtefactStore) -> None:
    site.broken = {built_elsewhere.LIST: 2, "/assets/a.css": 2}
    await capture(site, store)
    assert site.asked.count(built_elsewhere.LIST) == 3
    assert site.asked.count("/assets/a.css") == 3
    assert site.asked.count("/assets/main.js") <= 2


def _other(site: Site) -> None:
    site.files["/index.html"] = b"older"


def _another(site: Site) -> None:
    site.list = site.listed(deployment="d0")


def _page(site: Site) -> None:
    site.list = b"<html>"


def _gone(site: Site) -> None:
    site.broken["/assets/main.js"] = 999


def _redirected(site: Site) -> None:
    del site.files["/assets/main.js"]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_other, r"/index.html is not what was built \(5 bytes"),
        (_another, "that of deployment d0"),
        (_page, "no list of a build"),
        (_gone, 'main.js gave HTTP 404, which reads "nothing yet"'),
        (_redirected, "main.js gave HTTP 307: a redirect to /"),
    ],
)
async def test_what_is_served_instead_is_named(
    site: Site, store: ArtefactStore, spoil: Callable[[Site], None], says: str
) -> None:
    digest = site.digest
    spoil(site)
    with pytest.raises(VerificationError, match=says) as raised:
        await capture(site, store, digest=digest)
    assert str(raised.value).startswith("https://tips.example.com does not serve what the workflow built")
    assert not list((store.folder / "artefacts").glob("*")) if store.folder.exists() else True


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"deployment": "d7"}, "of the deployment 'd7', not of 'd1'"),
        ({"files": [{"path": "/../x", "sha256": "0" * 64, "size": 1}]}, "cannot be served"),
        ({"files": [{"path": "/x", "sha256": "0" * 64, "size": 1}]}, "no index.html"),
        ({"files": [{"path": "/x", "sha256": "0" * 64, "size": 10**8}]}, "at most 26214400"),
        ({"files": [{"path": f"/{n}", "sha256": "0" * 64, "size": 1} for n in range(20_001)]}, "at most 20,000"),
        ({"files": [{"path": f"/{n}", "sha256": "0" * 64, "size": 2**24} for n in range(99)]}, "are taken in"),
        ({"worker": True}, "has Worker code, which Cloudflare does not give out"),
    ],
)
async def test_a_build_that_cannot_be_kept_is_named_at_once(
    site: Site, store: ArtefactStore, more: dict[str, Any], says: str
) -> None:
    site.list = site.listed(**more)
    with pytest.raises(VerificationError, match=says):
        await capture(site, store)
    assert site.asked.count(built_elsewhere.LIST) == 1


async def test_the_workers_module_is_kept_where_there_is_one(site: Site, store: ArtefactStore) -> None:
    async def worker() -> dict[str, bytes]:
        return {"index.js": b"export default {}"}

    assert (await capture(site, store, worker=worker)).worker == ""
    site.list = site.listed(worker=True)
    found = await capture(site, store, worker=worker)
    assert store.read(found.worker) == b"export default {}"

    async def several() -> dict[str, bytes]:
        return {"index.js": b"", "more.wasm": b""}

    with pytest.raises(VerificationError, match=r"beside its main one \(more.wasm\)"):
        await capture(site, store, worker=several)


def test_modules_are_read_main_one_first() -> None:
    body = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
        f"Content-Type: {kind}\r\n\r\n{text}\r\n"
        for name, kind, text in [
            ("a.js", "application/javascript+module", "1\r\n2\n"),
            ("main.js", "application/javascript+module", "3"),
            ("main.js.map", "application/source-map", "{}"),
        ]
    )
    found = modules('multipart/form-data; boundary="b"', "main.js", f"{body}--b--\r\n".encode())
    assert list(found.items()) == [("main.js", b"3"), ("a.js", b"1\r\n2\n")]
    assert modules("application/javascript", "", b"x") == {"index.js": b"x"}
