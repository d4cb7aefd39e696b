"""What is served for a path is what Cloudflare serves: its documents' tables, asked of the real runtime."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from local_deployer import Deployer, hash_of

SITE = {
    "/index.html": b"home",
    "/about.html": b"about",
    "/blog/index.html": b"blog",
    "/404.html": b"not here",
    "/blog/404.html": b"no such post",
    "/assets/app-1a2b.js": b"let a = 1",
    "/with space/\xc3\xa4.txt".encode("latin1").decode(): b"umlaut",
}
TYPES = {"/assets/app-1a2b.js": "text/javascript", "/with space/ä.txt": "text/plain; charset=utf-8"}


async def served(shared: Deployer, path: str, **rest: Any) -> str:
    """Status with body, or with the place that it leads to."""
    answer = await shared.visit("site", path, **rest)
    return f"{answer.status_code} {answer.headers.get('location', answer.text)}"


@pytest.mark.parametrize(
    ("handling", "expected"),
    [
        (
            "auto-trailing-slash",
            {
                "/": "200 home",
                "/index": "307 /",
                "/index.html": "307 /",
                "/about": "200 about",
                "/about.html": "307 /about",
                "/about/": "307 /about",
                "/blog": "307 /blog/",
                "/blog/": "200 blog",
                "/blog/index.html": "307 /blog/",
            },
        ),
        (
            "force-trailing-slash",
            {
                "/": "200 home",
                "/about": "307 /about/",
                "/about/": "200 about",
                "/about.html": "307 /about/",
                "/blog": "307 /blog/",
                "/blog/": "200 blog",
            },
        ),
        (
            "drop-trailing-slash",
            {
                "/": "200 home",
                "/about": "200 about",
                "/about/": "307 /about",
                "/about.html": "307 /about",
                "/blog": "200 blog",
                "/blog/": "307 /blog",
            },
        ),
        (
            "none",
            {"/": "404 ", "/index.html": "200 home", "/about": "404 ", "/about.html": "200 about", "/blog": "404 "},
        ),
    ],
)
async def test_html_is_served_by_the_chosen_handling(shared: Deployer, handling: str, expected: dict[str, str]) -> None:
    await shared.deploy("site", SITE, config={"html_handling": handling}, types=TYPES)
    assert {path: await served(shared, path) for path in expected} == expected


@pytest.mark.parametrize(
    ("handling", "expected"),
    [
        ("none", {"/nowhere": "404 ", "/blog/nowhere": "404 "}),
        ("404-page", {"/nowhere": "404 not here", "/blog/a/b": "404 no such post"}),
        ("single-page-application", {"/nowhere": "200 home", "/blog/nowhere": "200 home"}),
    ],
)
async def test_what_is_not_found_is_answered_by_the_chosen_handling(
    shared: Deployer, handling: str, expected: dict[str, str]
) -> None:
    await shared.deploy("site", SITE, config={"not_found_handling": handling}, types=TYPES)
    assert {path: await served(shared, path) for path in expected} == expected


CODE = "export default { fetch: (request) => new Response(`code ${new URL(request.url).pathname}`) }"


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (False, {"/": "200 home", "/api/x": "200 code /api/x", "/assets/app-1a2b.js": "200 let a = 1"}),
        (True, {"/": "200 code /", "/assets/app-1a2b.js": "200 code /assets/app-1a2b.js"}),
        (["/api/*"], {"/": "200 home", "/api/x": "200 code /api/x"}),
        (
            ["/*", "!/assets/*"],
            {"/": "200 code /", "/assets/app-1a2b.js": "200 let a = 1", "/assets/none.js": "404 "},
        ),
    ],
)
async def test_code_comes_first_where_it_was_asked_to(
    shared: Deployer, first: object, expected: dict[str, str]
) -> None:
    await shared.deploy("site", SITE, CODE, config={"run_worker_first": first}, types=TYPES)
    assert {path: await served(shared, path) for path in expected} == expected


async def test_navigation_in_a_single_page_app_does_not_run_its_code(shared: Deployer) -> None:
    await shared.deploy("site", SITE, CODE, config={"not_found_handling": "single-page-application"}, types=TYPES)
    assert await served(shared, "/deep/link") == "200 code /deep/link"
    assert await served(shared, "/deep/link", headers={"Sec-Fetch-Mode": "navigate"}) == "200 home"


async def test_headers_follow_their_rules(shared: Deployer) -> None:
    text = """
# a comment
/*
  X-Everywhere: yes
  X-Robots-Tag: noindex
/assets/*
  Cache-Control: public, max-age=31536000, immutable
  ! X-Robots-Tag
/blog/:page
  X-Page: :page
"""
    await shared.deploy("site", SITE, config={"_headers": text}, types=TYPES)
    home, script = await shared.visit("site"), await shared.visit("site", "/assets/app-1a2b.js")
    assert (home.headers["x-everywhere"], home.headers["x-robots-tag"]) == ("yes", "noindex")
    assert home.headers["cache-control"] == "public, max-age=0, must-revalidate"
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "x-robots-tag" not in script.headers
    assert (await shared.visit("site", "/blog/first")).headers["x-page"] == "first"


async def test_redirects_follow_their_rules(shared: Deployer) -> None:
    text = """
/old /about 301
/posts/:id /blog/:id 308
/docs/* https://docs.example.com/:splat
/proxied /about 200
/loop/* /index.html
/bad status 999
"""
    await shared.deploy("site", SITE, config={"_redirects": text}, types=TYPES)
    expected = {
        "/old": "301 /about",
        "/old?a=1": "301 /about?a=1",
        "/posts/7": "308 /blog/7",
        "/docs/a/b": "302 https://docs.example.com/a/b",
        "/proxied": "200 about",
        "/loop/x": "404 ",
        "/bad": "404 ",
    }
    assert {path: await served(shared, path) for path in expected} == expected


async def test_an_unchanged_file_is_not_sent_again(shared: Deployer) -> None:
    await shared.deploy("site", SITE, types=TYPES)
    first = await shared.visit("site", "/about")
    assert first.headers["etag"] == f'"{hash_of("/about.html", b"about")}"'
    for tag in (first.headers["etag"], f"W/{first.headers['etag']}"):
        again = await shared.visit("site", "/about", headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
    assert (await shared.visit("site", "/about", headers={"If-None-Match": '"other"'})).status_code == 200


async def test_a_head_request_has_the_headers_of_a_get(shared: Deployer) -> None:
    await shared.deploy("site", SITE, types=TYPES)
    get, head = await shared.visit("site"), await shared.visit("site", method="HEAD")
    assert head.status_code == 200
    assert head.content == b""
    assert {name: head.headers[name] for name in ("etag", "content-type")} == {
        name: get.headers[name] for name in ("etag", "content-type")
    }


async def test_a_file_is_not_changed_by_a_post(shared: Deployer) -> None:
    await shared.deploy("site", SITE, types=TYPES)
    assert (await shared.visit("site", "/about", method="POST", content=b"x")).status_code == 405


async def test_content_types_are_those_of_the_upload(shared: Deployer) -> None:
    types = {"/a.js": "text/javascript", "/b": "application/null", "/c.svg": "image/svg+xml"}
    await shared.deploy("site", dict.fromkeys(types, b"x"), types=types)
    found = {path: (await shared.visit("site", path)).headers.get("content-type") for path in types}
    assert found == {"/a.js": "text/javascript", "/b": None, "/c.svg": "image/svg+xml"}


async def test_odd_paths_reach_their_file_or_nothing(shared: Deployer) -> None:
    await shared.deploy("site", SITE, types=TYPES)
    expected = {
        "/with%20space/%C3%A4.txt": "200 umlaut",
        "/%61bout": "307 /about",
        "/..%2f..%2fetc/passwd": "404 ",
        "/%2e%2e/%2e%2e/cloudflare.db": "404 ",
        "/about%00": "404 ",
        "/__proto__": "404 ",
        "/constructor": "404 ",
    }
    assert {path: await served(shared, path) for path in expected} == expected


async def test_bytes_come_as_they_were_uploaded(shared: Deployer) -> None:
    packed = gzip.compress(bytes(range(256)) * 5000)
    await shared.deploy("site", {"/a.bin": packed, "/empty.txt": b""})
    assert (await shared.visit("site", "/a.bin")).content == packed
    assert (await shared.visit("site", "/empty.txt")).content == b""


async def test_two_paths_with_the_same_content_keep_their_types(shared: Deployer) -> None:
    await shared.deploy("site", {"/a.txt": b"x", "/a.js": b"x"}, types={"/a.txt": "text/plain", "/a.js": "text/js"})
    assert (await shared.visit("site", "/a.txt")).headers["content-type"] == "text/plain"
    assert (await shared.visit("site", "/a.js")).headers["content-type"] == "text/js"
