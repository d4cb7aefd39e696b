"""Nothing that looks like a secret is published: whatever a push would add is read before it goes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from ...errors import GithubError
from . import pack
from .masking import shapes_in

if TYPE_CHECKING:
    from dulwich.object_store import BaseObjectStore
    from dulwich.objects import Commit, ObjectID

LONGEST = 5 * 1024 * 1024
ALLOWED = ("pragma: allowlist secret", "gitleaks:allow")
"""Words with which other tools take a line for no secret."""


class Secret(NamedTuple):
    path: str
    line: int
    what: str
    commit: str


def look(
    store: BaseObjectStore, missing: Iterable[Commit], edge: Iterable[Commit], secrets: Iterable[str] = ()
) -> Secret | None:
    """The first secret in what these commits, newest first, add to what lies at the ``edge``."""
    seen: set[ObjectID] = set()
    for commit in edge:
        pack.walk_all(store, commit.tree, seen)
    known = [secret for secret in secrets if len(secret) >= 12]
    for commit in missing:
        for sha, path in pack.walk(store, commit.tree, b"", seen):
            data = pack.blob(store, sha)
            if data is None or len(data) > LONGEST or not pack.is_text(data):
                continue
            if found := _in(data.decode("utf-8", "replace"), known):
                what, line = found
                return Secret(path.decode("utf-8", "replace"), line, what, commit.id.decode())
    return None


def refuse(
    store: BaseObjectStore, missing: Iterable[Commit], edge: Iterable[Commit], head: str, secrets: Iterable[str] = ()
) -> None:
    """Raises GithubError, which names the file and the line, where the push would publish a secret."""
    found = look(store, missing, edge, secrets)
    if found is None:
        return
    what = f"{found.what[0].upper()}{found.what[1:]} stands in line {found.line} of {found.path}"
    if found.commit == head:
        raise GithubError(
            f"Nothing was pushed: {what}. Move it to an environment variable or a secret of the app, or `app.restore` "
            "the checkpoint before it came in, and sync again; where it is none, end its line with a comment "
            f"'{ALLOWED[0]}'."
        )
    raise GithubError(
        f"Nothing was pushed: {what} in the checkpoint {found.commit[:10]}, which GitHub does not have yet and which "
        "the push would publish. Make that token anew where it was issued, so that this one is worth nothing, and "
        "`app.export` the app into a new folder and connect that one."
    )


def _in(text: str, known: list[str]) -> tuple[str, int] | None:
    """What is found first, and its line."""
    places: list[tuple[int, str]] = []
    for shape in shapes_in(text):
        for found in shape.pattern.finditer(text):
            if not _allowed(text, found.start()):
                places.append((found.start(), shape.name))
                break
    places.extend((text.index(secret), "a secret of this app") for secret in known if secret in text)
    if not places:
        return None
    at, name = min(places)
    return name, text.count("\n", 0, at) + 1


def _allowed(text: str, at: int) -> bool:
    end = text.find("\n", at)
    line = text[text.rfind("\n", 0, at) + 1 : end if end >= 0 else len(text)]
    return any(word in line for word in ALLOWED)
