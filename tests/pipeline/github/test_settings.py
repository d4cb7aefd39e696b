"""Who calls which GitHub."""

from __future__ import annotations

from pathlib import Path

import pytest

from overskill_nb.errors import GithubError
from overskill_nb.pipeline.github import Settings, names

TOKEN = "github_pat_canary0123456789"


def test_nothing_configured_is_the_stand_in() -> None:
    settings = Settings.from_environment({})
    assert not settings.configured
    assert settings.base_url == "https://api.github.com"


def test_ghs_own_variable_goes_before_the_other() -> None:
    assert Settings.from_environment({"GH_TOKEN": "a", "GITHUB_TOKEN": "b"}).token == "a"
    assert Settings.from_environment({"GH_TOKEN": " ", "GITHUB_TOKEN": "b\n"}).token == "b"
    assert Settings.from_environment({"GH_TOKEN": "a"}, token="c", base_url="").token == "c"


def test_a_token_in_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    assert Settings.from_environment({}, token_file=str(file)).token == TOKEN
    with pytest.raises(GithubError, match="GitHub's token cannot be read from"):
        Settings.from_environment({}, token_file=str(tmp_path / "none"))
    file.write_text("\n")
    with pytest.raises(GithubError, match="is empty"):
        Settings.from_environment({}, token_file=str(file))


def test_half_an_app_is_refused(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_text("-----BEGIN RSA PRIVATE KEY-----\nabcdefghijklmnopqrstuvwxyz\n-----END RSA PRIVATE KEY-----\n")
    with pytest.raises(GithubError, match=r"OVERSKILL_GITHUB_APP_ID is set and .* are not; set all three"):
        Settings.from_environment({"OVERSKILL_GITHUB_APP_ID": "12"})
    both = {"OVERSKILL_GITHUB_APP_ID": "12", "OVERSKILL_GITHUB_KEY_FILE": str(key)}
    with pytest.raises(GithubError, match="INSTALLATION_ID is not; set all three"):
        Settings.from_environment(both)
    whole = Settings.from_environment({**both, "OVERSKILL_GITHUB_INSTALLATION_ID": "34"})
    assert whole.configured
    assert "abcdefghijklmnopqrstuvwxyz" not in repr(whole) + str(whole)
    assert "abcdefghijklmnopqrstuvwxyz" in whole.secrets
    with pytest.raises(GithubError, match="is no number"):
        Settings.from_environment({**both, "OVERSKILL_GITHUB_INSTALLATION_ID": "x"})


def test_the_token_does_not_show() -> None:
    settings = Settings(token=TOKEN)
    assert TOKEN not in repr(settings) + str(settings) + f"{settings}" + str([settings])


@pytest.mark.parametrize(
    ("api", "web"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://git.example.com/api/v3", "https://git.example.com"),
        ("https://git.example.com/api/v3/", "https://git.example.com"),
        ("https://api.octocorp.ghe.com", "https://octocorp.ghe.com"),
        ("http://127.0.0.1:1234/api/v3", "http://127.0.0.1:1234"),
    ],
)
def test_pages_are_where_the_api_says(api: str, web: str) -> None:
    assert Settings.from_environment({"GITHUB_API_URL": api}).web_url == web


@pytest.mark.parametrize(
    "url", ["http://git.example.com/api/v3", "ftp://x", "nonsense", "https://me:canary@git.example.com/api/v3"]
)
def test_an_address_that_shows_the_token_is_refused(url: str) -> None:
    with pytest.raises(GithubError) as caught:
        Settings.from_environment({"GITHUB_API_URL": url, "GH_TOKEN": TOKEN})
    assert "canary" not in str(caught.value)


def test_a_token_with_a_line_in_it_is_refused() -> None:
    with pytest.raises(GithubError, match="blanks or lines"):
        Settings.from_environment({"GH_TOKEN": "a\nb"})


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("me/tips", ("me", "tips")),
        ("tips", ("ada", "tips")),
        ("https://github.com/me/tips.git", ("me", "tips")),
        ("git@github.com:me/tips.git", ("me", "tips")),
        (" me/tips.js/ ", ("me", "tips.js")),
        ("some-org/A_b.c-1", ("some-org", "A_b.c-1")),
    ],
)
def test_a_repository_is_named_as_people_do(name: str, parts: tuple[str, str]) -> None:
    assert names.split(name, "ada") == parts


@pytest.mark.parametrize(
    "name", ["", "/", "me/", "/tips", "a/b/c", "-me/tips", "me-/tips", "m--e/x", "me/..", "me/ti ps", "me/ü", "me/x?y"]
)
def test_what_cannot_be_a_name_is_refused(name: str) -> None:
    with pytest.raises(GithubError):
        names.split(name, "ada")


def test_branches_are_valid_whatever_the_app_is_called() -> None:
    from dulwich.refs import check_ref_format

    for app in ("tips-0123456789ab", "mein app ü~^:?*[..lock", "a.lock", "...", "@{x}"):
        assert check_ref_format(b"refs/heads/" + names.branch_of(app, "s1").encode())  # type: ignore[arg-type]
