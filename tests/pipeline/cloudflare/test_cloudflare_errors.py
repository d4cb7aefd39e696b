"""What an error says, and what it must not."""

from __future__ import annotations

import base64
import logging
import re
import traceback
from pathlib import Path

import httpx
import pytest
from faulty_http import KINDS, FaultyHttp, Response
from small_build import built
from small_cloudflare import TOKEN, Refused, SmallCloudflare
from turned_clock import TurnedClock

from overskill_nb.errors import CloudflareError, DeploymentError
from overskill_nb.pipeline.cloudflare import Cloudflare, Script, Settings, Target, meanings, reporting
from overskill_nb.pipeline.cloudflare.asset_session import AssetSession
from overskill_nb.pipeline.cloudflare.exchange import redact
from overskill_nb.pipeline.cloudflare.script import Upload

TIPS = Script("overskill-preview", "tips")
# What the sentence for each code has to name: the cause, and what to do.
SAYS = {
    9103: "CLOUDFLARE_API_TOKEN",
    9106: "No token came with the call; make a token",
    9109: "Workers Scripts: Edit",
    10000: "wrong, has expired, or lacks `Workers Scripts: Edit`",
    10001: "lacks a permission",
    10023: "may not do this",
    10353: "blocked this account; its owner",
    10015: "no Workers for Platforms; subscribe",
    10037: "as many scripts as it may; delete some",
    10063: "no workers.dev subdomain yet; open Workers & Pages",
    10121: "no Workers for Platforms; subscribe",
    7000: "CLOUDFLARE_API_BASE_URL",
    7003: "CLOUDFLARE_ACCOUNT_ID",
    10007: "no such script; deploy it first",
    10090: "no such environment",
    10092: "no such environment",
    10119: "no such dispatch namespace; `overskill cloudflare setup` makes it",
    10006: "does not parse; see its syntax in `worker/`",
    10016: "script name; use lower-case",
    10021: "fails when it starts; see what its top-level code does",
    10026: "could not read the upload",
    10027: "larger than the account's plan allows; make it smaller",
    10052: "binding has no name",
    10054: "larger than 5 kB; shorten it",
    10055: "more variables and secrets than a Worker may have; remove some",
    10056: "names something that is not in the account",
    10068: "handles nothing; `worker/index.ts` needs `export default",
    10074: "Durable Object class is there already",
    10013: "internal error",
    10035: "Another change to the same script",
    971: "limits the calls",
    10429: "limits the calls",
    1015: "rate rule",
    1027: "daily limit",
    1042: "service binding",
    1101: "threw an exception; see `app.logs",
    1102: "more processor time or memory",
}


def test_every_code_has_a_sentence_and_every_sentence_a_test() -> None:
    assert SAYS.keys() == meanings.MEANINGS.keys()


@pytest.mark.parametrize("code", SAYS)
async def test_a_code_is_told_as_a_cause_and_a_next_step(
    code: int, cloudflare: Cloudflare, small: SmallCloudflare, server: FaultyHttp, clock: TurnedClock
) -> None:
    small.refuse["PUT"] = Refused(400, code, "Cloudflare's own words.")
    with pytest.raises(CloudflareError) as caught:
        await cloudflare.set_tags(TIPS, [])
    message = str(caught.value)
    assert message.startswith("The tags of tips failed: ")
    assert SAYS[code] in message
    assert f"(Cloudflare said: Cloudflare's own words; code {code})" in message
    assert caught.value.code == code
    assert len(server.seen) == (6 if code in meanings.TEMPORARY else 1)
    assert caught.value.temporary == (code in meanings.TEMPORARY)


async def test_a_token_that_an_error_echoes_is_not_shown(
    cloudflare: Cloudflare, small: SmallCloudflare, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    encoded = base64.b64encode(TOKEN.encode()).decode()
    small.refuse["GET"] = Refused(500, 0, f"bad header 'Bearer {TOKEN}' ({encoded}), session eyJhbGciOi.eyJzdWIi.c2ln")
    with pytest.raises(CloudflareError) as caught:
        await cloudflare.namespaces()
    shown = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert "[redacted]" in str(caught.value)
    for secret in (TOKEN, encoded, "eyJhbGciOi"):
        assert secret not in shown


async def test_no_token_is_logged_or_told_in_a_deployment_that_stumbles(
    target: Target, server: FaultyHttp, small: SmallCloudflare, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[str] = []
    for number, kind in enumerate(KINDS):
        if kind not in {"challenge", "timeout"}:
            server.fail(kind, skip=number)
    build = built()
    with reporting(told.append):
        await target.check("tips", "preview", "tips-1")
        token = await target.upload(TIPS, build, build, app="tips-1")
        await target.put(TIPS, build, build, token, app="tips-1", deployment="d")
        await target.set_secret(TIPS, "KEY", "hunter22", app="tips-1")
        assert await target.secrets(TIPS) == ["KEY"]
    assert "is tried again" in caplog.text + "".join(told)
    for secret in (TOKEN, token, "hunter22", *small._sessions):
        assert secret not in caplog.text + "".join(told)


async def test_a_secret_that_an_error_echoes_is_not_shown(cloudflare: Cloudflare, small: SmallCloudflare) -> None:
    small.refuse["PUT"] = Refused(400, 10054, "value 'hunter22' is too long")
    with pytest.raises(CloudflareError, match=r"value '\[redacted\]' is too long"):
        await cloudflare.set_secret(TIPS, "KEY", "hunter22")


async def test_no_exception_leads_to_the_token(server: FaultyHttp, cloudflare: Cloudflare) -> None:
    server.fail("drop before", times=99)
    with pytest.raises(CloudflareError) as caught:
        await cloudflare.namespaces()
    error: BaseException | None = caught.value
    while error:
        assert not hasattr(error, "request")
        assert not isinstance(error, httpx.HTTPError)
        assert TOKEN not in repr(vars(error))
        error = error.__cause__ or error.__context__


def test_nothing_that_holds_the_token_shows_it(cloudflare: Cloudflare) -> None:
    settings = Settings("acc", TOKEN)
    upload = Upload("2026-01-01", assets={"jwt": TOKEN})
    holders = [cloudflare, cloudflare._exchange, settings, AssetSession(TOKEN), upload]
    shown = repr(holders) + str(settings)
    assert TOKEN not in shown
    assert "acc" in shown


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("plain words", "plain words"),
        ("authorization: Bearer abcdefghijkl", "authorization: Bearer [redacted]"),
        ("x" * 2000, "x" * 1000 + "…"),
    ],
)
def test_texts_are_redacted(given: str, shown: str) -> None:
    assert redact(given, "") == shown


@pytest.mark.parametrize(
    "response",
    [
        Response(403, b"<html>Just a moment", {"Content-Type": "text/html", "cf-mitigated": "challenge"}),
        Response(503, b"<script src=/cdn-cgi/challenge-platform/x>", {"Content-Type": "text/html"}),
    ],
)
async def test_a_firewalls_page_is_recognised(response: Response, server: FaultyHttp, cloudflare: Cloudflare) -> None:
    async def answer(_: object) -> Response:
        return response

    server.handler = answer
    with pytest.raises(CloudflareError, match="challenge page instead of the API; call from another network"):
        await cloudflare.namespaces()
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'"text"', b'{"success":false}', b"\xff\xfe", b"<html>hi</html>"]
)
@pytest.mark.parametrize("status", [200, 400, 404, 500])
async def test_any_answer_ends_in_a_result_or_one_sentence(
    body: bytes, status: int, server: FaultyHttp, cloudflare: Cloudflare
) -> None:
    async def answer(_: object) -> Response:
        return Response(status, body)

    server.handler = answer
    if (status, body) == (200, b""):
        assert await cloudflare.namespaces() == []
        return
    with pytest.raises(CloudflareError) as caught:
        await cloudflare.namespaces()
    assert re.fullmatch(r"The look for namespaces failed: [A-Z][^()]+\.( \([^()]+\))?", str(caught.value))


def test_half_a_configuration_is_an_error() -> None:
    half = Settings.from_environment({"CLOUDFLARE_ACCOUNT_ID": "a"})
    with pytest.raises(DeploymentError, match="CLOUDFLARE_ACCOUNT_ID is set and CLOUDFLARE_API_TOKEN is not"):
        _ = half.configured
    assert not Settings.from_environment({}).configured
    whole = Settings.from_environment(
        {"CLOUDFLARE_ACCOUNT_ID": "a", "CLOUDFLARE_API_TOKEN": "t", "OVERSKILL_DOMAIN": "*.Apps.Example.com."},
        account="given",
    )
    assert whole.configured
    assert (whole.account, whole.token, whole.domain, whole.prefix) == ("given", "t", "apps.example.com", "overskill")


def test_a_token_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("from-file\n")
    environment = {"CLOUDFLARE_ACCOUNT_ID": "a", "CLOUDFLARE_API_TOKEN": "t"}
    assert Settings.from_environment(environment, token_file=str(file)).token == "from-file"
    with pytest.raises(DeploymentError, match=r"Cloudflare's token cannot be read from '.*missing'"):
        Settings.from_environment(environment, token_file=str(tmp_path / "missing"))
