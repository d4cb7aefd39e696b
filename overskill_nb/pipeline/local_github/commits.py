"""Commits as the API shows them, and the calls that list and compare them."""

from __future__ import annotations

import datetime
from typing import Any, NamedTuple

from dulwich.diff_tree import tree_changes
from dulwich.objects import Commit, ObjectID, Tag
from dulwich.refs import Ref
from dulwich.repo import Repo
from dulwich.walk import ORDER_TOPO

from . import patches
from .accounts import simple_user
from .address import LOGIN
from .api import OfRepository
from .receive import descends
from .refusal import ApiError, not_found

MAX_COMPARED = 250
UNSIGNED = {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}


class Person(NamedTuple):
    name: str
    email: str


def person(line: bytes) -> Person:
    """``Name <address>`` in two."""
    name, _, rest = line.decode("utf-8", "replace").rpartition(" <")
    return Person(name or rest, rest.rstrip(">") if name else "")


def moment(seconds: int) -> str:
    """A time as GitHub writes it."""
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def resolve(repo: Repo, name: str) -> ObjectID | None:
    """The commit that a branch, a tag, a full reference or a hash means."""
    refs = repo.refs.as_dict()
    for prefix in ("refs/heads/", "refs/tags/", "", "refs/"):
        found = refs.get(Ref(f"{prefix}{name}".encode()))
        if found:
            return peel(repo, found)
    if 7 <= len(name) <= 40 and set(name.lower()) <= set("0123456789abcdef"):
        known = list(repo.object_store.iter_prefix(name.lower().encode()))
        if len(known) == 1:
            return peel(repo, known[0])
    return None


def peel(repo: Repo, sha: ObjectID) -> ObjectID | None:
    found = repo[sha]
    while isinstance(found, Tag):
        found = repo[found.object[1]]
    return found.id if isinstance(found, Commit) else None


def commit_at(repo: Repo, name: str) -> Commit:
    """The commit of that name, which must be there."""
    sha = resolve(repo, name)
    found = repo[sha] if sha else None
    if not isinstance(found, Commit):
        raise ApiError(422, f"No commit found for SHA: {name}")
    return found


class OfCommits(OfRepository):
    """Calls that answer with commits."""

    def git_commit(self, commit: Commit) -> dict[str, Any]:
        """A commit as git has it."""
        author, committer = person(commit.author), person(commit.committer)
        sha = commit.id.decode()
        return {
            "sha": sha,
            "node_id": f"C_{sha}",
            "url": f"{self.url}/git/commits/{sha}",
            "html_url": f"{self.html_url}/commit/{sha}",
            "author": {"name": author.name, "email": author.email, "date": moment(commit.author_time)},
            "committer": {"name": committer.name, "email": committer.email, "date": moment(commit.commit_time)},
            "tree": {"sha": commit.tree.decode(), "url": f"{self.url}/git/trees/{commit.tree.decode()}"},
            "message": commit.message.decode("utf-8", "replace").rstrip("\n"),
            "parents": [
                {
                    "sha": parent.decode(),
                    "url": f"{self.url}/git/commits/{parent.decode()}",
                    "html_url": f"{self.html_url}/commit/{parent.decode()}",
                }
                for parent in commit.parents
            ],
            "verification": dict(UNSIGNED),
        }

    def commit(self, commit: Commit) -> dict[str, Any]:
        """A commit as GitHub has it."""
        plain = self.git_commit(commit)
        sha = plain["sha"]
        url = f"{self.url}/commits/{sha}"
        return {
            "sha": sha,
            "node_id": plain["node_id"],
            "commit": {
                "author": plain["author"],
                "committer": plain["committer"],
                "message": plain["message"],
                "tree": plain["tree"],
                "url": plain["url"],
                "comment_count": 0,
                "verification": plain["verification"],
            },
            "url": url,
            "html_url": plain["html_url"],
            "comments_url": f"{url}/comments",
            "author": simple_user(self.state, LOGIN),
            "committer": simple_user(self.state, LOGIN),
            "parents": [
                {"sha": parent["sha"], "url": f"{self.url}/commits/{parent['sha']}", "html_url": parent["html_url"]}
                for parent in plain["parents"]
            ],
        }

    def changed(self, repo: Repo, before: ObjectID | None, after: ObjectID, sha: str) -> list[dict[str, Any]]:
        """The files that differ between two trees."""
        found = []
        for change in tree_changes(repo.object_store, before, after):
            patch = patches.of(repo, change)
            path = patch.path
            blob = (change.new or change.old).sha  # type: ignore[union-attr]
            found.append(
                {
                    "sha": blob.decode() if blob else None,
                    "filename": path,
                    "status": patch.status,
                    "additions": patch.additions,
                    "deletions": patch.deletions,
                    "changes": patch.additions + patch.deletions,
                    "blob_url": f"{self.html_url}/blob/{sha}/{path}",
                    "raw_url": f"{self.html_url}/raw/{sha}/{path}",
                    "contents_url": f"{self.url}/contents/{path}?ref={sha}",
                    **({"patch": patch.text} if patch.text else {}),
                }
            )
        return found


class Commits(OfCommits):
    """The history of a branch, newest first."""

    def get(self, **_: str) -> None:
        name = self.get_query_argument("sha", self.repository.default_branch)
        self.answer(self.with_git(lambda repo: self._list(repo, name)))

    def _list(self, repo: Repo, name: str) -> list[dict[str, Any]]:
        sha = resolve(repo, name)
        if sha is None:
            if not repo.refs.as_dict(Ref(b"refs/heads")):
                raise ApiError(409, "Git Repository is empty.")
            raise not_found()
        path = self.get_query_argument("path", "")
        walker = repo.get_walker(include=[sha], paths=[path.encode()] if path else None, order=ORDER_TOPO)
        commits = [entry.commit for entry in walker]
        since, until = self.get_query_argument("since", ""), self.get_query_argument("until", "")
        commits = [
            commit
            for commit in commits
            if (not since or moment(commit.commit_time) >= since) and (not until or moment(commit.commit_time) <= until)
        ]
        return [self.commit(commit) for commit in self.page(commits)]


class OneCommit(OfCommits):
    """A commit with what it changed."""

    def get(self, ref: str, **_: str) -> None:
        self.answer(self.with_git(lambda repo: self._show(repo, commit_at(repo, ref))))

    def _show(self, repo: Repo, commit: Commit) -> dict[str, Any]:
        before = commit_at(repo, commit.parents[0].decode()).tree if commit.parents else None
        files = self.changed(repo, before, commit.tree, commit.id.decode())
        additions, deletions = sum(file["additions"] for file in files), sum(file["deletions"] for file in files)
        return {
            **self.commit(commit),
            "stats": {"additions": additions, "deletions": deletions, "total": additions + deletions},
            "files": files,
        }


class Compare(OfCommits):
    """What one has that the other has not."""

    def get(self, base: str, head: str, **_: str) -> None:
        self.answer(self.with_git(lambda repo: self._compare(repo, base, head)))

    def _compare(self, repo: Repo, base: str, head: str) -> dict[str, Any]:
        first, second = (resolve(repo, name.rpartition(":")[2]) for name in (base, head))
        if first is None or second is None:
            raise not_found()
        ahead = [entry.commit for entry in repo.get_walker(include=[second], exclude=[first], order=ORDER_TOPO)]
        behind = sum(1 for _ in repo.get_walker(include=[first], exclude=[second]))
        common = merge_base(repo, first, second)
        if common is None:
            raise ApiError(404, f"No common ancestor between {base} and {head}.")
        status = "identical" if first == second else "diverged" if ahead and behind else "ahead" if ahead else "behind"
        page = f"{self.html_url}/compare/{base}...{head}"
        return {
            "url": f"{self.url}/compare/{base}...{head}",
            "html_url": page,
            "permalink_url": f"{self.html_url}/compare/{first.decode()}...{second.decode()}",
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "base_commit": self.commit(commit_at(repo, first.decode())),
            "merge_base_commit": self.commit(commit_at(repo, common.decode())),
            "status": status,
            "ahead_by": len(ahead),
            "behind_by": behind,
            "total_commits": len(ahead),
            "commits": [self.commit(commit) for commit in ahead[::-1][-MAX_COMPARED:]],
            "files": self.changed(
                repo,
                commit_at(repo, common.decode()).tree,
                commit_at(repo, second.decode()).tree,
                second.decode(),
            ),
        }


def merge_base(repo: Repo, first: ObjectID, second: ObjectID) -> ObjectID | None:
    """The newest commit that both come from."""
    from dulwich.graph import find_merge_base

    if descends(repo, second, first):
        return first
    found = find_merge_base(repo, [first, second])
    return found[0] if found else None
