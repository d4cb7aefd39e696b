"""Who is there: the one user, and organisations, of which every name is one."""

from __future__ import annotations

import time
import zlib
from typing import Any

from .address import LOGIN
from .api import RATE, Handler
from .refusal import not_found
from .repositories import OWNER, RESERVED_OWNERS
from .state import State

_SINCE = "2020-01-01T00:00:00Z"
VERSION = "3.19.0"
_ROOT = {
    "current_user_url": "/user",
    "current_user_authorizations_html_url": "/settings/connections/applications{/client_id}",
    "authorizations_url": "/authorizations",
    "code_search_url": "/search/code?q={query}{&page,per_page,sort,order}",
    "commit_search_url": "/search/commits?q={query}{&page,per_page,sort,order}",
    "emails_url": "/user/emails",
    "emojis_url": "/emojis",
    "events_url": "/events",
    "feeds_url": "/feeds",
    "followers_url": "/user/followers",
    "following_url": "/user/following{/target}",
    "gists_url": "/gists{/gist_id}",
    "issue_search_url": "/search/issues?q={query}{&page,per_page,sort,order}",
    "issues_url": "/issues",
    "keys_url": "/user/keys",
    "label_search_url": "/search/labels?q={query}&repository_id={repository_id}{&page,per_page}",
    "notifications_url": "/notifications",
    "organization_url": "/orgs/{org}",
    "organization_repositories_url": "/orgs/{org}/repos{?type,page,per_page,sort}",
    "organization_teams_url": "/orgs/{org}/teams",
    "public_gists_url": "/gists/public",
    "rate_limit_url": "/rate_limit",
    "repository_url": "/repos/{owner}/{repo}",
    "repository_search_url": "/search/repositories?q={query}{&page,per_page,sort,order}",
    "current_user_repositories_url": "/user/repos{?type,page,per_page,sort}",
    "starred_url": "/user/starred{/owner}{/repo}",
    "starred_gists_url": "/gists/starred",
    "user_url": "/users/{user}",
    "user_organizations_url": "/user/orgs",
    "user_repositories_url": "/users/{user}/repos{?type,page,per_page,sort}",
    "user_search_url": "/search/users?q={query}{&page,per_page,sort,order}",
}


def account_id(login: str) -> int:
    """A number that is always the same for a name."""
    return 1 if login.lower() == LOGIN else 1000 + zlib.crc32(login.lower().encode())


def simple_user(state: State, login: str) -> dict[str, Any]:
    """An account as it stands in other answers."""
    url = f"{state.api_url}/users/{login}"
    return {
        "login": login,
        "id": account_id(login),
        "node_id": f"U_{account_id(login)}",
        "avatar_url": f"{state.web_url}/_/avatar.svg",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{state.web_url}/{login}",
        "followers_url": f"{url}/followers",
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{url}/subscriptions",
        "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events{{/privacy}}",
        "received_events_url": f"{url}/received_events",
        "type": "User" if login.lower() == LOGIN else "Organization",
        "site_admin": False,
    }


def _whole_user(state: State, login: str) -> dict[str, Any]:
    count = len(state.repositories.all(login))
    return {
        **simple_user(state, login),
        "name": "This machine" if login.lower() == LOGIN else login,
        "company": None,
        "blog": "",
        "location": None,
        "email": None,
        "hireable": None,
        "bio": None,
        "public_repos": count,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": _SINCE,
        "updated_at": _SINCE,
    }


class User(Handler):
    """The token's own."""

    def get(self) -> None:
        private = {
            "private_gists": 0,
            "total_private_repos": 0,
            "owned_private_repos": 0,
            "disk_usage": 0,
            "collaborators": 0,
            "two_factor_authentication": True,
        }
        self.answer({**_whole_user(self.state, LOGIN), **private})


class OneUser(Handler):
    def get(self, login: str) -> None:
        if not OWNER.fullmatch(login) or login.lower() in RESERVED_OWNERS:
            raise not_found()
        self.answer(_whole_user(self.state, LOGIN if login.lower() == LOGIN else login))


class UserOrganizations(Handler):
    """The organisations that have a repository."""

    def get(self) -> None:
        names = sorted({repository.owner for repository in self.state.repositories.all()} - {LOGIN})
        self.answer([_simple_organization(self.state, name) for name in self.page(names)])


def _simple_organization(state: State, login: str) -> dict[str, Any]:
    url = f"{state.api_url}/orgs/{login}"
    return {
        "login": login,
        "id": account_id(login),
        "node_id": f"O_{account_id(login)}",
        "url": url,
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events",
        "hooks_url": f"{url}/hooks",
        "issues_url": f"{url}/issues",
        "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
        "avatar_url": f"{state.web_url}/_/avatar.svg",
        "description": None,
    }


class Organization(Handler):
    def get(self, org: str) -> None:
        if not OWNER.fullmatch(org) or org.lower() in {LOGIN, *RESERVED_OWNERS}:
            raise not_found()
        self.answer(
            {
                **_simple_organization(self.state, org),
                "name": org,
                "is_verified": False,
                "has_organization_projects": True,
                "has_repository_projects": True,
                "public_repos": len(self.state.repositories.all(org)),
                "public_gists": 0,
                "followers": 0,
                "following": 0,
                "html_url": f"{self.state.web_url}/{org}",
                "type": "Organization",
                "created_at": _SINCE,
                "updated_at": _SINCE,
                "archived_at": None,
            }
        )


class RateLimit(Handler):
    """There is none; the figures are those of an account that has done nothing."""

    def get(self) -> None:
        limit = {"limit": RATE, "remaining": RATE, "reset": int(time.time()) + 3600, "used": 0}
        names = ("core", "search", "graphql", "integration_manifest", "code_scanning_upload")
        self.answer({"resources": dict.fromkeys(names, limit), "rate": limit})


class Meta(Handler):
    """What a GitHub Enterprise Server says of itself."""

    def get(self) -> None:
        self.answer({"verifiable_password_authentication": True, "installed_version": VERSION})


class Root(Handler):
    """Where a client begins that only knows the address; ``gh auth`` reads the token's scopes here."""

    def get(self) -> None:
        self.answer({name: f"{self.state.api_url}{rest}" for name, rest in _ROOT.items()})
