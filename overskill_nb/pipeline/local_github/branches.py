"""Branches and their protection."""

from __future__ import annotations

from typing import Any

import msgspec
from dulwich.objects import ObjectID
from dulwich.refs import Ref
from dulwich.repo import Repo

from .commits import OfCommits, commit_at
from .refusal import ApiError


class OfBranches(OfCommits):
    """Calls about branches."""

    def branch_at(self, repo: Repo, branch: str) -> ObjectID:
        sha = repo.refs.as_dict().get(Ref(f"refs/heads/{branch}".encode()))
        if sha is None:
            raise ApiError(404, "Branch not found")
        return sha

    def protection_of(self, branch: str) -> dict[str, Any] | None:
        row = self.state.database.one(
            "SELECT content FROM protections WHERE repository = ? AND branch = ?", self.repository.id, branch
        )
        return msgspec.json.decode(row["content"], type=dict[str, Any]) if row else None

    def protection_url(self, branch: str) -> str:
        return f"{self.url}/branches/{branch}/protection"

    def switches(self, branch: str) -> dict[str, Any]:
        enabled = self.protection_of(branch) is not None
        return {
            "protected": enabled,
            "protection": {
                "enabled": enabled,
                "required_status_checks": {"enforcement_level": "off", "contexts": [], "checks": []},
            },
            "protection_url": self.protection_url(branch),
        }


class Branches(OfBranches):
    """All branches, by name."""

    def get(self, **_: str) -> None:
        def read(repo: Repo) -> list[dict[str, Any]]:
            names = sorted(repo.refs.as_dict(Ref(b"refs/heads")).items())
            return [
                {
                    "name": name.decode(),
                    "commit": {"sha": sha.decode(), "url": f"{self.url}/commits/{sha.decode()}"},
                    **self.switches(name.decode()),
                }
                for name, sha in self.page(names)
            ]

        self.answer(self.with_git(read))


class OneBranch(OfBranches):
    def get(self, branch: str, **_: str) -> None:
        def read(repo: Repo) -> dict[str, Any]:
            sha = self.branch_at(repo, branch).decode()
            return {
                "name": branch,
                "commit": self.commit(commit_at(repo, sha)),
                "_links": {"self": f"{self.url}/branches/{branch}", "html": f"{self.html_url}/tree/{branch}"},
                **self.switches(branch),
            }

        self.answer(self.with_git(read))


class Protection(OfBranches):
    """What pushes to a branch may not do."""

    def prepare(self) -> None:
        super().prepare()
        branch = self.path_kwargs["branch"] or ""
        self.with_git(lambda repo: self.branch_at(repo, branch))

    def get(self, branch: str, **_: str) -> None:
        content = self.protection_of(branch)
        if content is None:
            raise ApiError(404, "Branch not protected")
        self.answer(self._shown(branch, content))

    def put(self, branch: str, **_: str) -> None:
        given = self.fields()
        wanted = ("required_status_checks", "enforce_admins", "required_pull_request_reviews", "restrictions")
        if lacking := [name for name in wanted if name not in given]:
            listed = ", ".join(f'"{name}"' for name in lacking)
            raise ApiError(422, f"Invalid request.\n\n{listed} weren't supplied.")
        self.state.database.run(
            "INSERT INTO protections VALUES (?, ?, ?) ON CONFLICT (repository, branch) DO UPDATE SET "
            "content = excluded.content",
            self.repository.id,
            branch,
            msgspec.json.encode(given).decode(),
        )
        self.answer(self._shown(branch, given))

    def delete(self, branch: str, **_: str) -> None:
        if self.protection_of(branch) is None:
            raise ApiError(404, "Branch not protected")
        self.state.database.run(
            "DELETE FROM protections WHERE repository = ? AND branch = ?", self.repository.id, branch
        )
        self.nothing()

    def _shown(self, branch: str, content: dict[str, Any]) -> dict[str, Any]:
        url = self.protection_url(branch)
        names = (
            "required_linear_history",
            "allow_force_pushes",
            "allow_deletions",
            "block_creations",
            "required_conversation_resolution",
            "lock_branch",
            "allow_fork_syncing",
        )
        shown: dict[str, Any] = {
            "url": url,
            "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": bool(content.get("enforce_admins"))},
            **{name: {"enabled": bool(content.get(name))} for name in names},
        }
        reviews = content.get("required_pull_request_reviews")
        if reviews is not None:
            told = reviews if isinstance(reviews, dict) else {}
            shown["required_pull_request_reviews"] = {
                "url": f"{url}/required_pull_request_reviews",
                "dismiss_stale_reviews": bool(told.get("dismiss_stale_reviews")),
                "require_code_owner_reviews": bool(told.get("require_code_owner_reviews")),
                "required_approving_review_count": int(told.get("required_approving_review_count") or 1),
                "require_last_push_approval": bool(told.get("require_last_push_approval")),
            }
        return shown
