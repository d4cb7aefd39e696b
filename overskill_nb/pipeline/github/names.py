"""What may be the name of an owner, a repository or a branch."""

from __future__ import annotations

import re

from ...errors import GithubError

_OWNER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){0,38}(?:_[a-z0-9]{1,8})?")
"""Enterprise Managed Users end in the company's short code."""
_REPOSITORY = re.compile(r"[A-Za-z0-9._-]{1,100}")


def check_owner(name: str) -> str:
    if not _OWNER.fullmatch(name):
        raise GithubError(
            f"'{_shown(name)}' cannot be an account at GitHub; use letters, digits and single dashes, at most 39."
        )
    return name


def check_repository(name: str) -> str:
    if not _REPOSITORY.fullmatch(name) or name in {".", ".."} or name.lower().endswith((".git", ".wiki")):
        raise GithubError(
            f"'{_shown(name)}' cannot be a repository at GitHub; use letters, digits, dashes, dots and underscores, at "
            "most 100, without .git at the end."
        )
    return name


def split(name: str, account: str = "") -> tuple[str, str]:
    """Owner and repository of ``owner/name``, of a name alone, which is ``account``'s, or of a repository's address."""
    text = re.sub(r"^(https?://[^/@]+/|git@[^:/]+:)", "", name.strip())
    if text.count("/") == 2:
        text = text.removesuffix("/")
    text = text.removesuffix(".git")
    owner, slash, repository = text.rpartition("/")
    if slash and (not owner or "/" in owner):
        raise GithubError(f"'{_shown(name)}' is no repository; give it as 'owner/name'.")
    return check_owner(owner if slash else account), check_repository(repository)


def branch_of(app: str, sync: str) -> str:
    """The branch that keeps this side of a conflict."""
    return f"{prefix_of(app)}{_part(sync)}"


def prefix_of(app: str) -> str:
    return f"overskill/{_part(app)}/"


def _part(text: str) -> str:
    """The text as one part of a ref's name."""
    clean = re.sub(r"[^A-Za-z0-9._-]+", "-", text)
    clean = re.sub(r"\.{2,}", ".", clean).strip(".-")
    return (clean.removesuffix(".lock") or "app")[:100]


def _shown(name: str) -> str:
    return name if len(name) <= 120 else f"{name[:117]}…"
