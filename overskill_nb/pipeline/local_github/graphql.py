"""``/api/graphql`` as far as gh asks it: who is there, repositories, their README, pull requests."""

from __future__ import annotations

import sqlite3
from typing import Any

from dulwich.objects import Blob, Tree
from dulwich.refs import Ref
from dulwich.repo import Repo

from . import query
from .accounts import account_id
from .address import LOGIN
from .api import Handler
from .commits import resolve
from .pulls import OfPulls
from .refusal import ApiError
from .repositories import Repository


class GraphQL(OfPulls):
    """Answers queries; what changes something has REST calls."""

    def prepare(self) -> None:
        Handler.prepare(self)  # no repository is named in the address

    def post(self) -> None:
        given = self.fields()
        text, variables = given.get("query"), given.get("variables") or {}
        problems: list[dict[str, Any]] = []
        data: dict[str, Any] | None = None
        try:
            if not isinstance(text, str) or not isinstance(variables, dict):
                raise query.QueryError("A query attribute must be specified and must be a string.")
            document = query.parse(text)
            if document.kind != "query":
                raise query.QueryError("The local GitHub answers queries only; use the REST API.")
            data = query.answer(document, self._root(problems), variables)
        except (query.QueryError, TypeError, ValueError, RecursionError) as error:
            problems.append({"message": str(error)})
        self.answer({"data": data, **({"errors": problems} if problems else {})})

    def _root(self, problems: list[dict[str, Any]]) -> dict[str, Any]:
        def repository(owner: str = "", name: str = "", **_: Any) -> dict[str, Any] | None:
            found = self.state.repositories.find(owner, name)
            if found is None:
                message = f"Could not resolve to a Repository with the name '{owner}/{name}'."
                problems.append({"type": "NOT_FOUND", "path": ["repository"], "message": message})
                return None
            return self._repository(found)

        return {
            "viewer": self._owner(LOGIN),
            "repository": repository,
            "repositoryOwner": lambda login="", **_: self._owner(login),
            "user": lambda login="", **_: self._owner(login),
            "organization": lambda login="", **_: self._owner(login),
            "rateLimit": {"limit": 5000, "cost": 1, "remaining": 4999, "used": 1, "resetAt": "2030-01-01T00:00:00Z"},
            "__type": lambda **_: None,
        }

    def _owner(self, login: str) -> dict[str, Any]:
        own = login.lower() == LOGIN
        return {
            "__typename": "User" if own else "Organization",
            "__also": ("Actor", "RepositoryOwner", "Node"),
            "id": f"U_{account_id(login)}",
            "login": login,
            "name": login,
            "url": f"{self.state.web_url}/{login}",
            "databaseId": account_id(login),
            "repositories": lambda **wanted: self._repositories(login, **wanted),
            "organizations": lambda **_: _connection([]),
        }

    def _repositories(self, login: str, privacy: str | None = None, first: int = 30, **_: Any) -> dict[str, Any]:
        found = [
            self._repository(repository)
            for repository in self.state.repositories.all(login)
            if privacy in {None, "PRIVATE" if repository.private else "PUBLIC"}
        ]
        return _connection(found, first)

    def _repository(self, found: Repository) -> dict[str, Any]:
        self.repository = found
        html_url = f"{self.state.web_url}/{found.full_name}"
        nothing = _connection([])
        with self.state.repositories.open(found) as repo:
            empty = not repo.refs.as_dict(Ref(b"refs/heads"))
        return {
            "__typename": "Repository",
            "id": f"R_{found.id}",
            "databaseId": found.id,
            "name": found.name,
            "nameWithOwner": found.full_name,
            "owner": self._owner(found.owner),
            "description": found.description,
            "homepageUrl": found.homepage,
            "url": html_url,
            "sshUrl": f"{html_url}.git",
            "isPrivate": found.private,
            "visibility": "PRIVATE" if found.private else "PUBLIC",
            "isArchived": found.archived,
            "isEmpty": empty,
            "isInOrganization": found.owner.lower() != LOGIN,
            **dict.fromkeys(("isFork", "isTemplate", "isMirror", "isLocked", "isDisabled"), False),
            **dict.fromkeys(
                ("isBlankIssuesEnabled", "isSecurityPolicyEnabled", "isUserConfigurationRepository"), False
            ),
            "hasIssuesEnabled": True,
            **dict.fromkeys(("hasProjectsEnabled", "hasWikiEnabled", "hasDiscussionsEnabled"), False),
            "mergeCommitAllowed": True,
            "squashMergeAllowed": True,
            "rebaseMergeAllowed": True,
            "deleteBranchOnMerge": False,
            "viewerDefaultMergeMethod": "MERGE",
            "viewerCanAdminister": True,
            "viewerPermission": "ADMIN",
            "viewerHasStarred": False,
            "viewerSubscription": "UNSUBSCRIBED",
            "stargazerCount": 0,
            "forkCount": 0,
            "diskUsage": 0,
            "createdAt": found.created_at,
            "updatedAt": found.updated_at,
            "pushedAt": found.pushed_at,
            "parent": None,
            "templateRepository": None,
            "primaryLanguage": None,
            "licenseInfo": None,
            "latestRelease": None,
            **{
                name: lambda **_: nothing
                for name in (
                    "issues",
                    "watchers",
                    "labels",
                    "languages",
                    "milestones",
                    "projects",
                    "releases",
                    "repositoryTopics",
                )
            },
            "defaultBranchRef": {"__typename": "Ref", "name": found.default_branch, "prefix": "refs/heads/"},
            "object": lambda expression="", **_: self._object(found, expression),
            "pullRequests": lambda **wanted: self._pulls(found, **wanted),
            "pullRequest": lambda number=0, **_: self._pull(found, number),
        }

    def _object(self, found: Repository, expression: str) -> dict[str, Any] | None:
        """``HEAD:README.md``."""
        name, _, path = expression.partition(":")
        with self.state.repositories.open(found) as repo:
            here: Any = _tree(repo, found.default_branch if name == "HEAD" else name)
            for part in filter(None, path.split("/")):
                if not isinstance(here, Tree) or part.encode() not in here:
                    return None
                here = repo[here[part.encode()][1]]
        if isinstance(here, Blob):
            return {"__typename": "Blob", "text": here.data.decode("utf-8", "replace"), "oid": here.id.decode()}
        return {"__typename": "Tree", "oid": here.id.decode()} if here is not None else None

    def _pulls(
        self,
        found: Repository,
        states: list[str] | str | None = None,
        first: int = 30,
        headRefName: str | None = None,  # noqa: N803
        baseRefName: str | None = None,  # noqa: N803
        **_: Any,
    ) -> dict[str, Any]:
        self.repository = found
        wanted = {states} if isinstance(states, str) else set(states or ("OPEN", "CLOSED", "MERGED"))
        rows = self.state.database.all("SELECT * FROM pulls WHERE repository = ? ORDER BY number DESC", found.id)
        shown = [
            self._shown_pull(found, row)
            for row in map(self.refreshed, rows)
            if _state(row) in wanted and headRefName in {None, row["head"]} and baseRefName in {None, row["base"]}
        ]
        return _connection(shown, first)

    def _pull(self, found: Repository, number: int) -> dict[str, Any] | None:
        self.repository = found
        try:
            return self._shown_pull(found, self.find(str(number)))
        except ApiError:
            return None

    def _shown_pull(self, found: Repository, row: sqlite3.Row) -> dict[str, Any]:
        author, repository = self._owner(LOGIN), {"id": f"R_{found.id}", "name": found.name}
        nothing = _connection([])
        return {
            "__typename": "PullRequest",
            "id": f"PR_{row['id']}",
            "number": row["number"],
            "title": row["title"],
            "body": row["body"] or "",
            "state": _state(row),
            "closed": row["state"] == "closed",
            "url": f"{self.state.web_url}/{found.full_name}/pull/{row['number']}",
            "headRefName": row["head"],
            "headRefOid": row["head_sha"],
            "baseRefName": row["base"],
            "headRepository": repository,
            "headRepositoryOwner": self._owner(found.owner),
            "isCrossRepository": False,
            "isDraft": bool(row["draft"]),
            "maintainerCanModify": False,
            "mergeable": "UNKNOWN",
            "mergeStateStatus": "UNKNOWN",
            "reviewDecision": "",
            "createdAt": row["created_at"],
            "updatedAt": row["updated_at"],
            "closedAt": row["closed_at"],
            "mergedAt": row["merged_at"],
            "mergedBy": author if row["merged_at"] else None,
            "author": author,
            "milestone": None,
            **{
                name: lambda **_: nothing
                for name in (
                    "labels",
                    "assignees",
                    "comments",
                    "reviews",
                    "latestReviews",
                    "reviewRequests",
                    "projectCards",
                    "projectItems",
                    "commits",
                    "files",
                    "closingIssuesReferences",
                )
            },
            "reactionGroups": [],
            "additions": 0,
            "deletions": 0,
            "changedFiles": 0,
        }


def _state(row: sqlite3.Row) -> str:
    return "MERGED" if row["merged_at"] else str(row["state"]).upper()


def _connection(items: list[dict[str, Any]], first: int = 100) -> dict[str, Any]:
    """A list as GraphQL pages it: whole on one page, up to what was asked."""
    return {
        "nodes": items[: first or 100],
        "totalCount": len(items),
        "pageInfo": {"hasNextPage": False, "endCursor": None, "hasPreviousPage": False, "startCursor": None},
    }


def _tree(repo: Repo, name: str) -> Tree | None:
    sha = resolve(repo, name)
    found = repo[repo[sha].tree] if sha else None  # type: ignore[attr-defined]
    return found if isinstance(found, Tree) else None
