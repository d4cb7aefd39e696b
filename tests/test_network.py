"""What answers a page that is visited."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from overskill_nb.network import may_reach, policy

ALLOW = ["https://api.example.com", "https://*.cdn.example", "http://localhost:8000", "wss://live.example"]


@pytest.mark.parametrize(
    "address",
    [
        "https://api.example.com/data?x=1",
        "https://api.example.com:443/data",
        "https://a.cdn.example/x.png",
        "https://a.b.cdn.example/x.png",
        "http://localhost:8000/",
        "wss://live.example/feed",
    ],
)
def test_an_allowed_origin_is_reached(address: str) -> None:
    assert may_reach(urlsplit(address), ALLOW)


@pytest.mark.parametrize(
    "address",
    [
        "http://api.example.com/",
        "https://api.example.com:8443/",
        "https://api.example.com.evil.test/",
        "https://cdn.example/",
        "https://evilcdn.example/",
        "http://localhost:8001/",
        "https://live.example/",
        "https://user@evil.test/api.example.com",
    ],
)
def test_any_other_is_not(address: str) -> None:
    assert not may_reach(urlsplit(address), ALLOW)


def test_a_page_connects_to_what_is_allowed_and_frames_nothing() -> None:
    directives = policy(["https://api.example.com"]).split("; ")
    assert "connect-src 'self' https://api.example.com" in directives
    assert "connect-src 'self'" in policy([]).split("; ")
    assert "frame-src 'none'" in directives
