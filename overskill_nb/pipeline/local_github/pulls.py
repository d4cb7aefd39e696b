"""Pull requests: from one branch of a repository to another of the same."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from dulwich.merge import three_way_merge
from dulwich.objects import Commit, ObjectID
from dulwich.refs import Ref
from dulwich.repo import Repo

from . import repository
from .accounts import simple_user
from .address import LOGIN
from .commits import OfCommits, commit_at, merge_base
from .database import now
from .receive import descends
from .refusal import ApiError, invalid, not_found


class OfPulls(OfCommits):
    """Calls that answer with pull requests."""

    def find(self, number: str) -> sqlite3.Row:
        row = self.state.database.one(
            "SELECT * FROM pulls WHERE repository = ? AND number = ?", self.repository.id, int(number)
        )
        if row is None:
            raise not_found()
        return self.refreshed(row)

    def refreshed(self, row: sqlite3.Row) -> sqlite3.Row:
        """An open one follows its branches."""
        if row["state"] != "open":
            return row
        refs = self.with_git(lambda repo: repo.refs.as_dict(Ref(b"refs/heads")))
        heads = {name.decode(): sha.decode() for name, sha in refs.items()}
        head, base = heads.get(row["head"], row["head_sha"]), heads.get(row["base"], row["base_sha"])
        if (head, base) != (row["head_sha"], row["base_sha"]):
            changes: dict[str, Any] = {"head_sha": head, "base_sha": base, "updated_at": now()}
            if self.with_git(lambda repo: descends(repo, ObjectID(base.encode()), ObjectID(head.encode()))):
                changes |= {"state": "closed", "closed_at": now(), "merged_at": now(), "merge_sha": head}
            self.state.database.update("pulls", row["id"], **changes)
            found = self.state.database.one("SELECT * FROM pulls WHERE id = ?", row["id"])
            assert found is not None
            return found
        return row

    def simple(self, row: sqlite3.Row) -> dict[str, Any]:
        """A pull request in a list."""
        number = row["number"]
        url, html_url = f"{self.url}/pulls/{number}", f"{self.html_url}/pull/{number}"
        issue_url = f"{self.url}/issues/{number}"
        links = {
            "comments_url": f"{issue_url}/comments",
            "commits_url": f"{url}/commits",
            "review_comments_url": f"{url}/comments",
            "review_comment_url": f"{self.url}/pulls/comments{{/number}}",
            "statuses_url": f"{self.url}/statuses/{row['head_sha']}",
        }
        return {
            "url": url,
            "id": row["id"],
            "node_id": f"PR_{row['id']}",
            "html_url": html_url,
            "diff_url": f"{html_url}.diff",
            "patch_url": f"{html_url}.patch",
            "issue_url": issue_url,
            **links,
            "number": number,
            "state": row["state"],
            "locked": False,
            "title": row["title"],
            "user": simple_user(self.state, LOGIN),
            "body": row["body"],
            "labels": [],
            "milestone": None,
            "created_at": row["created_at"],
            "updated_at": row["updated_at"],
            "closed_at": row["closed_at"],
            "merged_at": row["merged_at"],
            "merge_commit_sha": row["merge_sha"],
            "assignee": None,
            "assignees": [],
            "requested_reviewers": [],
            "requested_teams": [],
            "head": self._end(row["head"], row["head_sha"]),
            "base": self._end(row["base"], row["base_sha"]),
            "_links": {
                "self": {"href": url},
                "html": {"href": html_url},
                "issue": {"href": issue_url},
                **{name.removesuffix("_url"): {"href": address} for name, address in links.items()},
            },
            "author_association": "OWNER",
            "auto_merge": None,
            "draft": bool(row["draft"]),
        }

    def whole(self, row: sqlite3.Row) -> dict[str, Any]:
        """A pull request that was asked for itself."""

        def read(repo: Repo) -> dict[str, Any]:
            head, base = ObjectID(row["head_sha"].encode()), ObjectID(row["base_sha"].encode())
            common = merge_base(repo, base, head)
            files = []
            if common:
                before, after = commit_at(repo, common.decode()).tree, commit_at(repo, head.decode()).tree
                files = self.changed(repo, before, after, row["head_sha"])
            clean = row["state"] == "open" and _merged(repo, base, head) is not None
            return {
                "commits": sum(1 for _ in repo.get_walker(include=[head], exclude=[base])),
                "additions": sum(file["additions"] for file in files),
                "deletions": sum(file["deletions"] for file in files),
                "changed_files": len(files),
                "mergeable": clean if row["state"] == "open" else None,
                "mergeable_state": "unknown" if row["state"] != "open" else "clean" if clean else "dirty",
            }

        merged = row["merged_at"] is not None
        comments = self.state.database.one(
            "SELECT COUNT(*) AS n FROM comments WHERE repository = ? AND number = ?", self.repository.id, row["number"]
        )
        return {
            **self.simple(row),
            "merged": merged,
            "merged_by": simple_user(self.state, LOGIN) if merged else None,
            "rebaseable": None,
            "comments": comments["n"] if comments else 0,
            "review_comments": 0,
            "maintainer_can_modify": False,
            **self.with_git(read),
        }

    def _end(self, branch: str, sha: str) -> dict[str, Any]:
        return {
            "label": f"{self.repository.owner}:{branch}",
            "ref": branch,
            "sha": sha,
            "user": simple_user(self.state, self.repository.owner),
            "repo": repository.shown(self.state, self.repository),
        }


class Pulls(OfPulls):
    """All, newest first, or a new one."""

    def get(self, **_: str) -> None:
        rows = self.state.database.all(
            "SELECT * FROM pulls WHERE repository = ? ORDER BY number DESC", self.repository.id
        )
        state = self.get_query_argument("state", "open")
        head, base = self.get_query_argument("head", ""), self.get_query_argument("base", "")
        found = [
            row
            for row in map(self.refreshed, rows)
            if state in {"all", row["state"]}
            and head in {"", row["head"], f"{self.repository.owner}:{row['head']}"}
            and base in {"", row["base"]}
        ]
        if self.get_query_argument("direction", "") == "asc":
            found.reverse()
        self.answer([self.simple(row) for row in self.page(found)])

    def post(self, **_: str) -> None:
        given = self.fields()
        title, head, base = (given.get(name) for name in ("title", "head", "base"))
        body = given.get("body")
        if not isinstance(title, str) or not isinstance(head, str) or not isinstance(base, str):
            raise ApiError(422, 'Invalid request.\n\n"title", "head", "base" weren\'t supplied.')
        owner, branch = head.rpartition(":")[::2]
        if owner and owner.lower() != self.repository.owner.lower():
            raise invalid("PullRequest", "head", "head is invalid", "invalid")

        def read(repo: Repo) -> tuple[str, str]:
            refs = repo.refs.as_dict(Ref(b"refs/heads"))
            ends = refs.get(Ref(branch.encode())), refs.get(Ref(base.encode()))
            for name, sha in zip(("head", "base"), ends, strict=True):
                if sha is None:
                    raise invalid("PullRequest", name, f"{name} is invalid", "invalid")
            first, second = ends
            assert first is not None
            assert second is not None
            if descends(repo, second, first):
                raise invalid("PullRequest", "base", f"No commits between {base} and {branch}")
            return first.decode(), second.decode()

        head_sha, base_sha = self.with_git(read)
        known = self.state.database.one(
            "SELECT number FROM pulls WHERE repository = ? AND head = ? AND base = ? AND state = 'open'",
            self.repository.id,
            branch,
            base,
        )
        if known:
            raise invalid("PullRequest", "base", f"A pull request already exists for {self.repository.owner}:{branch}.")
        at = now()
        with self.state.database.transaction():
            self.state.database.run("UPDATE repositories SET numbers = numbers + 1 WHERE id = ?", self.repository.id)
            count = self.state.database.one("SELECT numbers FROM repositories WHERE id = ?", self.repository.id)
            assert count is not None
            self.state.database.insert(
                "pulls",
                repository=self.repository.id,
                number=count["numbers"],
                title=title,
                body=body if isinstance(body, str) else None,
                state="open",
                draft=bool(given.get("draft")),
                head=branch,
                head_sha=head_sha,
                base=base,
                base_sha=base_sha,
                created_at=at,
                updated_at=at,
            )
        made = self.whole(self.find(str(count["numbers"])))
        self.set_header("Location", made["url"])
        self.answer(made, 201)


class OnePull(OfPulls):
    def get(self, number: str, **_: str) -> None:
        self.answer(self.whole(self.find(number)))

    def patch(self, number: str, **_: str) -> None:
        row, given = self.find(number), self.fields()
        changes: dict[str, Any] = {name: given[name] for name in ("title", "body") if isinstance(given.get(name), str)}
        state = given.get("state", row["state"])
        if state not in {"open", "closed"}:
            raise invalid("PullRequest", "state", "state is invalid", "invalid")
        if state != row["state"]:
            if row["merged_at"]:
                raise invalid("PullRequest", "state", "state cannot be changed. The pull request was merged.")
            changes |= {"state": state, "closed_at": now() if state == "closed" else None}
        self.state.database.update("pulls", row["id"], **changes, updated_at=now())
        self.answer(self.whole(self.find(number)))


class PullCommits(OfPulls):
    def get(self, number: str, **_: str) -> None:
        row = self.find(number)
        head, base = ObjectID(row["head_sha"].encode()), ObjectID(row["base_sha"].encode())

        def read(repo: Repo) -> list[dict[str, Any]]:
            found = [entry.commit for entry in repo.get_walker(include=[head], exclude=[base], reverse=True)]
            return [self.commit(commit) for commit in self.page(found)]

        self.answer(self.with_git(read))


class PullFiles(OfPulls):
    def get(self, number: str, **_: str) -> None:
        row = self.find(number)
        head, base = ObjectID(row["head_sha"].encode()), ObjectID(row["base_sha"].encode())

        def read(repo: Repo) -> list[dict[str, Any]]:
            common = merge_base(repo, base, head)
            before = commit_at(repo, common.decode()).tree if common else None
            files = self.changed(repo, before, commit_at(repo, head.decode()).tree, row["head_sha"])
            return list(self.page(files))

        self.answer(self.with_git(read))


class Merge(OfPulls):
    """Whether it was merged, and merging it."""

    def get(self, number: str, **_: str) -> None:
        if self.find(number)["merged_at"] is None:
            raise not_found()
        self.nothing()

    def put(self, number: str, **_: str) -> None:
        row, given = self.find(number), self.fields()
        if row["state"] != "open" or row["draft"]:
            raise ApiError(405, "Pull Request is not mergeable")
        if given.get("sha") not in {None, row["head_sha"]}:
            raise ApiError(409, "Head branch was modified. Review and try the merge again.")
        title = given.get("commit_title") or f"Merge pull request #{number} from {self.repository.owner}/{row['head']}"
        message = f"{title}\n\n{given.get('commit_message') or row['title']}\n"
        squash = given.get("merge_method") == "squash"

        def write(repo: Repo) -> str:
            head, base = ObjectID(row["head_sha"].encode()), ObjectID(row["base_sha"].encode())
            tree = _merged(repo, base, head)
            if tree is None:
                raise ApiError(405, "Pull Request is not mergeable")
            made = Commit()
            made.tree = tree
            made.parents = [base] if squash else [base, head]
            made.message = message.encode()
            made.author = made.committer = f"{LOGIN} <{LOGIN}@localhost>".encode()
            made.author_time = made.commit_time = int(time.time())
            made.author_timezone = made.commit_timezone = 0
            repo.object_store.add_object(made)
            if not repo.refs.set_if_equals(Ref(f"refs/heads/{row['base']}".encode()), base, made.id):
                raise ApiError(409, "Base branch was modified. Review and try the merge again.")
            return made.id.decode()

        with self.state.repositories.lock(self.repository):
            sha = self.with_git(write)
        at = now()
        changes = {"state": "closed", "closed_at": at, "merged_at": at, "updated_at": at, "merge_sha": sha}
        self.state.database.update("pulls", row["id"], **changes)
        self.state.repositories.update(self.repository, pushed_at=at)
        self.answer({"sha": sha, "merged": True, "message": "Pull Request successfully merged"})


def _merged(repo: Repo, base: ObjectID, head: ObjectID) -> ObjectID | None:
    """The tree of both together; nothing where they contradict each other."""
    common = merge_base(repo, base, head)
    ours, theirs = commit_at(repo, base.decode()), commit_at(repo, head.decode())
    before = commit_at(repo, common.decode()) if common else None
    tree, conflicts = three_way_merge(repo.object_store, before, ours, theirs)
    if conflicts:
        return None
    repo.object_store.add_object(tree)
    return tree.id
