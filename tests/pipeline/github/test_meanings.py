"""Every refusal is one sentence that says what happened, where, and what to do; it is made once."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from faulty_http import FaultyHttp, Request, Response
from git_server import TOKEN
from turned_clock import TurnedClock

from overskill_nb.errors import GithubError
from overskill_nb.pipeline.github import GithubClient, Settings


@asynccontextmanager
async def answering(
    status: int, said: str, headers: dict[str, str] | None = None, errors: list[Any] | None = None
) -> AsyncIterator[tuple[GithubClient, FaultyHttp, TurnedClock]]:
    """A client of a GitHub that has just one answer."""

    async def answer(request: Request) -> Response:
        body = {
            "message": said,
            "documentation_url": "https://docs.github.com",
            **({"errors": errors} if errors else {}),
        }
        return Response(status, json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})})

    clock = TurnedClock()
    async with FaultyHttp.over(answer) as server:
        client = GithubClient(Settings(token=TOKEN, base_url=f"{server.url}/api/v3"), clock=clock, timeout=5)
        yield client, server, clock
        await client.close()


Ask = Callable[[GithubClient], Awaitable[Any]]


def variables(client: GithubClient) -> Awaitable[Any]:
    return client.set_variables("me/tips", {"A": "b"})


def dispatch(client: GithubClient) -> Awaitable[Any]:
    return client.dispatch("me/tips", "deploy.yml", "main", {})


def create(client: GithubClient) -> Awaitable[Any]:
    return client.pull_request("me/tips", "a", "main", title="t", body="b")


REFUSALS: list[tuple[Ask, int, str, dict[str, str], list[Any], str]] = [
    (variables, 401, "Bad credentials", {}, [], "The token is wrong, was revoked or has expired; make a fine-grained"),
    (variables, 401, "The token has expired", {}, [], "The token has expired; make a fine-grained token"),
    (
        variables,
        403,
        "Resource not accessible by personal access token",
        {"X-Accepted-GitHub-Permissions": "actions_variables=write"},
        [],
        "give it the permission `Actions variables` to read and write for me/tips",
    ),
    (
        variables,
        403,
        "Resource not accessible by integration",
        {"X-Accepted-GitHub-Permissions": "contents=write,workflows=write; administration=read"},
        [],
        "`Contents` to read and write and `Workflows` to read and write, or `Administration` to read for me/tips",
    ),
    (variables, 403, "Resource not accessible by personal access token", {}, [], "give it `Contents`, `Pull requests`"),
    (
        variables,
        403,
        "Resource protected by organization SAML enforcement.",
        {"X-GitHub-SSO": "required; url=https://github.com/orgs/o/sso?authorization_request=AZ"},
        [],
        "single sign-on for this token; authorise it at https://github.com/orgs/o/sso",
    ),
    (variables, 403, "The 'o' organization has enabled or enforced SAML SSO.", {}, [], "wants single sign-on"),
    (variables, 404, "Not Found", {}, [], "me/tips is not there, or the token does not see it"),
    (variables, 403, "Repository was archived so is read-only.", {}, [], "The repository is archived"),
    (variables, 403, "Must have admin rights to Repository.", {}, [], "no admin rights there"),
    (
        create,
        422,
        "Repository creation failed.",
        {},
        [{"resource": "Repository", "code": "custom", "message": "name already exists on this account"}],
        "A repository of this name is there already, and the token does not see it",
    ),
    (create, 422, "Visibility can't be private. Please upgrade", {}, [], "connect with `private=False`"),
    (create, 403, "You need admin access to the organization", {}, [], "no admin rights there"),
    (dispatch, 422, "Actions has been disabled for this user.", {}, [], "GitHub Actions is switched off there"),
    (
        dispatch,
        422,
        "Cannot trigger a 'workflow_dispatch' on a disabled workflow",
        {},
        [],
        "The workflow is switched off",
    ),
    (dispatch, 422, "Workflow does not have 'workflow_dispatch' trigger", {}, [], "connect the app again"),
    (dispatch, 422, 'Unexpected inputs provided: ["deployment"]', {}, [], "connect the app again"),
    (dispatch, 422, "No ref found for: main", {}, [], "sync the app first"),
    (dispatch, 404, "Not Found", {}, [], "The workflow deploy.yml of me/tips is not there"),
    (dispatch, 403, "recent account payments have failed or your spending limit", {}, [], "spending limit for Actions"),
    (variables, 403, "forbids access via a personal access token (classic)", {}, [], "does not accept this kind"),
    (variables, 451, "Repository access blocked", {}, [], "GitHub has blocked access"),
    (variables, 422, "Validation Failed", {}, [{"code": "invalid", "field": "name"}], "does not take the request"),
]


@pytest.mark.parametrize(("ask", "status", "said", "headers", "errors", "meant"), REFUSALS)
async def test_a_refusal_is_told_in_one_sentence_and_made_once(
    ask: Ask, status: int, said: str, headers: dict[str, str], errors: list[Any], meant: str
) -> None:
    async with answering(status, said, headers, errors) as (client, server, clock):
        with pytest.raises(GithubError) as caught:
            await ask(client)
        assert meant in str(caught.value)
        assert " failed: " in str(caught.value)
        assert "\n" not in str(caught.value)
        assert TOKEN not in str(caught.value)
        assert caught.value.status == status
        assert not caught.value.temporary
        assert caught.value.retry_after is None
        assert len(server.seen) == 1
        assert not clock.waits


async def test_the_accounts_limit_parks_the_run_until_it_is_over() -> None:
    reset = int(time.time()) + 900
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset)}
    async with answering(403, "API rate limit exceeded for user ID 1.", headers) as (client, server, clock):
        with pytest.raises(GithubError, match="GitHub limits the calls") as caught:
            await client.secrets("me/tips")
        assert caught.value.temporary
        assert caught.value.retry_after == pytest.approx(900, abs=3)
        assert len(server.seen) == 1
        assert not clock.waits


@pytest.mark.parametrize(
    ("status", "headers", "wait"), [(403, {}, 60), (403, {"Retry-After": "30"}, 30), (429, {"Retry-After": "45"}, 45)]
)
async def test_a_secondary_limit_parks_the_run(status: int, headers: dict[str, str], wait: int) -> None:
    said = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    async with answering(status, said, headers) as (client, server, _):
        with pytest.raises(GithubError) as caught:
            await client.secrets("me/tips")
        assert caught.value.retry_after == wait
        assert len(server.seen) == 1


async def test_an_echoed_token_is_not_shown() -> None:
    async with answering(422, f"cannot use {TOKEN} as that") as (client, _, _):
        with pytest.raises(GithubError) as caught:
            await client.secrets("me/tips")
        assert TOKEN not in str(caught.value)
        assert "[redacted]" in str(caught.value)
