"""What GitHub's refusals mean, and what to do: one sentence each."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from ... import config

TOKEN = (
    "make a fine-grained token at github.com/settings/personal-access-tokens, good for the repository, and set "
    f"{config.GITHUB_TOKEN}"
)
PERMISSIONS = "`Contents`, `Pull requests`, `Actions`, `Secrets`, `Variables` and `Workflows`, all to read and write"
SECONDARY = 60.0
"""Seconds to wait where GitHub limits calls and does not say how long, as its documentation asks."""


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that is no success, over the API or over git."""

    status: int = 0
    text: str = ""
    """What GitHub said, with the messages of single errors."""
    headers: Mapping[str, str] = {}
    """Names in lower case."""


# Searched in this order, in what GitHub says.
_SAID: dict[str, str] = {
    # what is pushed
    r"GH013[\s\S]*(secret|push protection)|push cannot contain secrets|push protection": (
        "GitHub found a secret in what was to be pushed; take it out of the file, make the token anew where "
        "it was issued, and `app.restore` the checkpoint before the secret came in, then make the change "
        "again without it."
    ),
    r"GH001|file size limit|larger than GitHub's|exceeds .{0,40}100(\.00)? ?MB": (
        "A file is larger than 100 MB, which GitHub does not take; remove it, `app.restore` the checkpoint "
        "before it came in, and keep it elsewhere."
    ),
    r"(?i)pack exceeds maximum|over its (data|size) quota|repository (size limit|is (over|above) its)": (
        "The repository is larger than GitHub allows; remove large files, or connect the app to a new repository."
    ),
    r"(?i)refusing to allow .{0,200}workflow": (
        "The token may not change files in .github/workflows; give it the permission `Workflows` to read and "
        "write (a classic token: the scope `workflow`)."
    ),
    r"(?i)GH006|GH013|protected branch|repository rule violations|rule violations found": (
        "The branch is protected: its rules let nobody push to it directly; merge the pull request, or let "
        "the token's owner bypass the rule."
    ),
    # the repository
    r"(?i)archived": (
        "The repository is archived, so nothing can be changed there; unarchive it in its settings at GitHub."
    ),
    r"(?i)name already exists": (
        "A repository of this name is there already, and the token does not see it; give the token access to "
        "it, or take another name."
    ),
    r"(?i)visibility can'?t be private|private repositor(y|ies) (is|are) not allowed": (
        "The account may not have private repositories; connect with `private=False`."
    ),
    r"(?i)repository access blocked|dmca": ("GitHub has blocked access to this repository; its page says why."),
    # Actions
    r"(?i)actions (has|have) been disabled|actions (is|are) (disabled|not enabled)|actions is currently disabled": (
        "GitHub Actions is switched off there; allow it in the repository's settings under Actions, General."
    ),
    r"(?i)disabled workflow|workflow is disabled": (
        "The workflow is switched off; enable it on its page under Actions at GitHub."
    ),
    r"(?i)spending limit|payments have failed|billing|budget": (
        "GitHub does not run it: the account's payments failed or its spending limit for Actions is reached; "
        "its owner changes that under Billing."
    ),
    r"(?i)does not have .?workflow_dispatch|unexpected inputs|required input": (
        "The workflow in .github/workflows/deploy.yml is not the one that overskill_nb wrote; connect the app"
        " again, which writes it anew."
    ),
    r"(?i)no ref found": ("The branch is not at GitHub; sync the app first."),
    # who calls
    r"(?i)must have admin rights|need admin access": (
        "The token's owner has no admin rights there; ask for them, or connect to a repository that you own."
    ),
    r"(?i)\bSAML\b": (
        "The organisation wants single sign-on for this token; authorise it under github.com/settings/tokens."
    ),
    r"(?i)ip allow list": (
        "The organisation lets only certain network addresses in; ask its owner to add this machine's."
    ),
    r"(?i)repository creation .{0,40}(disabled|not allowed|forbidden)|may not create|members cannot create": (
        "The organisation lets its members create no repositories; ask an owner to make it, then connect again."
    ),
    r"(?i)forbids access via|token lifetime|personal access tokens? \(classic\)": (
        "The organisation does not accept this kind of token; make a fine-grained one that its policy allows."
    ),
    r"(?i)expired": (f"The token has expired; {TOKEN}."),
}

_STATUSES: dict[int, str] = {
    0: "GitHub did not answer.",
    400: "GitHub does not take the request as it is.",
    401: f"The token is wrong, was revoked or has expired; {TOKEN}.",
    405: f"GitHub does not know this call; check {config.GITHUB_URL}.",
    408: "GitHub got the request too slowly; check the network and try again.",
    409: "It collides with another change; try again.",
    410: "It is no longer there.",
    413: "It is larger than GitHub takes.",
    422: "GitHub does not take the request as it is.",
    451: "GitHub may not show this repository, for legal reasons.",
}


def meaning(refusal: Refusal, where: str) -> str:
    """What it means, in one sentence; ``where`` is the repository or account that was addressed."""
    if refusal.status == 401 and not re.search("(?i)expired", refusal.text):
        return _STATUSES[401]
    if sso := refusal.headers.get("x-github-sso", ""):
        found = re.search(r"url=(\S+)", sso)
        at = f" at {found[1]}" if found else " under github.com/settings/tokens"
        return f"The organisation wants single sign-on for this token; authorise it{at}."
    if limited(refusal):
        return "GitHub limits the calls of this account; the call is made again when it is allowed."
    if sentence := said(refusal.text):
        return sentence
    if refusal.status == 403:
        accepted = refusal.headers.get("x-accepted-github-permissions", "")
        if accepted:
            return f"The token may not do this; give it the permission {_permissions(accepted)} for {where}."
        return f"The token may not do this; give it {PERMISSIONS}, for {where}."
    if refusal.status == 404:
        return f"{where} is not there, or the token does not see it; check the name, and what the token is good for."
    if refusal.status >= 500:
        return "GitHub, or a gateway before it, failed; githubstatus.com says whether it is down."
    return _STATUSES.get(refusal.status, f"GitHub answered with HTTP {refusal.status}.")


def said(text: str) -> str:
    """What GitHub's own words mean; empty where they are not known."""
    return next((sentence for pattern, sentence in _SAID.items() if re.search(pattern, text)), "")


def is_protection(text: str) -> bool:
    """Whether a push was refused because of the branch's rules, and not because of what it holds."""
    return said(text).startswith("The branch is protected")


def limited(refusal: Refusal) -> bool:
    """Whether it is a limit of calls, the account's or a secondary one."""
    if refusal.status == 429:
        return True
    if refusal.status != 403:
        return False
    if refusal.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in refusal.headers:
        return True
    return bool(re.search(r"(?i)rate limit exceeded|secondary rate limit|abuse detection", refusal.text))


def temporary(refusal: Refusal) -> bool:
    """Whether the same call may succeed later."""
    return limited(refusal) or refusal.status in {0, 408, 425} or refusal.status >= 500


def _permissions(accepted: str) -> str:
    """``contents=write,workflows=write; contents=admin`` as a person reads it."""

    def one(text: str) -> str:
        name, _, level = text.strip().partition("=")
        words = {"read": "to read", "write": "to read and write", "admin": "to administer"}
        return f"`{name.replace('_', ' ').capitalize()}` {words.get(level, level)}".strip()

    ways = [" and ".join(one(part) for part in way.split(",") if part.strip()) for way in accepted.split(";")]
    return ", or ".join(filter(None, ways))
