"""Calls about repositories as a whole."""

from __future__ import annotations

from typing import Any

from dulwich.refs import Ref

from .accounts import simple_user
from .address import LOGIN
from .api import Handler, OfRepository
from .refusal import ApiError, invalid
from .repositories import Repository
from .state import State

_LINKS = {
    "archive_url": "{archive_format}{/ref}",
    "assignees_url": "assignees{/user}",
    "blobs_url": "git/blobs{/sha}",
    "branches_url": "branches{/branch}",
    "collaborators_url": "collaborators{/collaborator}",
    "comments_url": "comments{/number}",
    "commits_url": "commits{/sha}",
    "compare_url": "compare/{base}...{head}",
    "contents_url": "contents/{+path}",
    "contributors_url": "contributors",
    "deployments_url": "deployments",
    "downloads_url": "downloads",
    "events_url": "events",
    "forks_url": "forks",
    "git_commits_url": "git/commits{/sha}",
    "git_refs_url": "git/refs{/sha}",
    "git_tags_url": "git/tags{/sha}",
    "hooks_url": "hooks",
    "issue_comment_url": "issues/comments{/number}",
    "issue_events_url": "issues/events{/number}",
    "issues_url": "issues{/number}",
    "keys_url": "keys{/key_id}",
    "labels_url": "labels{/name}",
    "languages_url": "languages",
    "merges_url": "merges",
    "milestones_url": "milestones{/number}",
    "notifications_url": "notifications{?since,all,participating}",
    "pulls_url": "pulls{/number}",
    "releases_url": "releases{/id}",
    "stargazers_url": "stargazers",
    "statuses_url": "statuses/{sha}",
    "subscribers_url": "subscribers",
    "subscription_url": "subscription",
    "tags_url": "tags",
    "teams_url": "teams",
    "trees_url": "git/trees{/sha}",
}


def minimal(state: State, repository: Repository) -> dict[str, Any]:
    """A repository as it stands in other answers."""
    url = f"{state.api_url}/repos/{repository.full_name}"
    return {
        "id": repository.id,
        "node_id": f"R_{repository.id}",
        "name": repository.name,
        "full_name": repository.full_name,
        "private": repository.private,
        "owner": simple_user(state, repository.owner),
        "html_url": f"{state.web_url}/{repository.full_name}",
        "description": repository.description,
        "fork": False,
        "url": url,
        **{name: f"{url}/{rest}" for name, rest in _LINKS.items()},
    }


def shown(state: State, repository: Repository) -> dict[str, Any]:
    """A repository in a list."""
    html_url = f"{state.web_url}/{repository.full_name}"
    return {
        **minimal(state, repository),
        "git_url": f"{html_url}.git",
        "ssh_url": f"{html_url}.git",
        "clone_url": f"{html_url}.git",
        "svn_url": html_url,
        "mirror_url": None,
        "homepage": repository.homepage,
        "language": None,
        "forks_count": 0,
        "forks": 0,
        "stargazers_count": 0,
        "watchers_count": 0,
        "watchers": 0,
        "size": 0,
        "default_branch": repository.default_branch,
        "open_issues_count": 0,
        "open_issues": 0,
        "is_template": False,
        "topics": [],
        "has_issues": True,
        "has_projects": False,
        "has_wiki": False,
        "has_pages": False,
        "has_downloads": False,
        "has_discussions": False,
        "archived": repository.archived,
        "disabled": False,
        "visibility": "private" if repository.private else "public",
        "pushed_at": repository.pushed_at,
        "created_at": repository.created_at,
        "updated_at": repository.updated_at,
        "permissions": {"admin": True, "maintain": True, "push": True, "triage": True, "pull": True},
        "license": None,
        "allow_forking": True,
        "web_commit_signoff_required": False,
    }


def whole(state: State, repository: Repository) -> dict[str, Any]:
    """A repository that was asked for itself."""
    return {
        **shown(state, repository),
        "allow_squash_merge": True,
        "allow_merge_commit": True,
        "allow_rebase_merge": True,
        "allow_auto_merge": False,
        "delete_branch_on_merge": False,
        "network_count": 0,
        "subscribers_count": 0,
        "temp_clone_token": None,
    }


class OneRepository(OfRepository):
    """One repository."""

    def get(self, **_: str) -> None:
        self.answer(whole(self.state, self.repository))

    def patch(self, **_: str) -> None:
        given = self.fields()
        name = _text(given, "name")
        if name is not None:
            self.repository = self.state.repositories.rename(self.repository, name)
        changes: dict[str, Any] = {}
        for field in ("description", "homepage"):
            if field in given:
                changes[field] = _text(given, field)
        if "private" in given or "visibility" in given:
            changes["private"] = _private(given)
        if "archived" in given:
            changes["archived"] = bool(given["archived"])
        branch = _text(given, "default_branch")
        if branch is not None and branch != self.repository.default_branch:
            if not self.with_git(lambda repo: Ref(f"refs/heads/{branch}".encode()) in repo.refs.as_dict()):
                raise invalid("Repository", "default_branch", f"The branch {branch} was not found.")
            self.state.repositories.set_default_branch(self.repository, branch)
        self.state.repositories.update(self.repository, **changes)
        self.answer(whole(self.state, self.state.repositories.by_id(self.repository.id)))

    async def delete(self, **_: str) -> None:
        await self.state.machine.forget(self.repository.id)
        self.state.repositories.delete(self.repository)
        self.nothing()


class UserRepositories(Handler):
    """The user's own."""

    def get(self) -> None:
        self.answer([shown(self.state, repository) for repository in self.page(self.state.repositories.all())])

    def post(self) -> None:
        self.create(LOGIN)

    def create(self, owner: str) -> None:
        given = self.fields()
        name = _text(given, "name")
        if name is None:
            raise invalid("Repository", "name", "name can't be blank", "missing_field")
        made = self.state.repositories.create(
            owner,
            name,
            private=_private(given),
            description=_text(given, "description"),
            homepage=_text(given, "homepage"),
        )
        answer = whole(self.state, self.state.repositories.by_id(made))
        self.set_header("Location", answer["url"])
        self.answer(answer, 201)


class OrganizationRepositories(UserRepositories):
    """An organisation's."""

    def get(self, org: str = "") -> None:
        self.answer([shown(self.state, repository) for repository in self.page(self.state.repositories.all(org))])

    def post(self, org: str = "") -> None:
        self.create(org)


class AccountRepositories(Handler):
    """Anybody's."""

    def get(self, login: str) -> None:
        self.answer([shown(self.state, repository) for repository in self.page(self.state.repositories.all(login))])


def _text(given: dict[str, Any], field: str) -> str | None:
    value = given.get(field)
    if value is None or isinstance(value, str):
        return value
    raise ApiError(422, f"Invalid request.\n\nFor 'properties/{field}', {value!r} is not a string.")


def _private(given: dict[str, Any]) -> bool:
    return bool(given.get("private", False)) or given.get("visibility") in {"private", "internal"}
