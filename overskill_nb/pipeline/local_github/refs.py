"""References: branches and tags by their full names."""

from __future__ import annotations

from typing import Any

from dulwich.objects import ObjectID
from dulwich.refs import Ref, check_ref_format
from dulwich.repo import Repo

from . import protections
from .api import OfRepository
from .database import now
from .git_data import find_object
from .receive import descends
from .refusal import ApiError, not_found


class OfRefs(OfRepository):
    """Calls about references."""

    def shown(self, repo: Repo, name: bytes, sha: ObjectID) -> dict[str, Any]:
        kind = repo[sha].type_name.decode()
        text, ref = sha.decode(), name.decode("utf-8", "replace")
        target = {"sha": text, "type": kind, "url": f"{self.url}/git/{kind}s/{text}"}
        return {
            "ref": ref,
            "node_id": f"REF_{self.repository.id}_{ref}",
            "url": f"{self.url}/git/{ref}",
            "object": target,
        }

    def all_refs(self, repo: Repo) -> dict[bytes, ObjectID]:
        return {name: sha for name, sha in sorted(repo.refs.as_dict().items()) if name != b"HEAD"}

    def check(self, repo: Repo, sha: Any) -> ObjectID:
        """A commit, or another object, that a reference shall be at."""
        if not isinstance(sha, str) or len(sha) != 40:
            raise ApiError(422, "The sha parameter must be exactly 40 characters and contain only [0-9a-f].")
        if find_object(repo, sha) is None:
            raise ApiError(422, "Object does not exist")
        return ObjectID(sha.encode())


class Refs(OfRefs):
    """All references, or a new one."""

    def get(self, prefix: str = "", **_: str) -> None:
        def read(repo: Repo) -> list[dict[str, Any]]:
            refs = self.all_refs(repo)
            if not refs and not prefix:
                raise ApiError(409, "Git Repository is empty.")
            found = [(name, sha) for name, sha in refs.items() if name.startswith(f"refs/{prefix}".encode())]
            return [self.shown(repo, name, sha) for name, sha in self.page(found)]

        self.answer(self.with_git(read))

    def post(self, **_: str) -> None:
        given = self.fields()
        ref = given.get("ref")
        if not isinstance(ref, str) or not _good_ref(ref):
            raise ApiError(422, f"{ref} is not a valid ref name." if ref else "Reference name must start with 'refs/'.")

        def write(repo: Repo) -> dict[str, Any]:
            if not repo.refs.as_dict():
                raise ApiError(409, "Git Repository is empty.")
            sha = self.check(repo, given.get("sha"))
            if not repo.refs.add_if_new(Ref(ref.encode()), sha):
                raise ApiError(422, "Reference already exists")
            return self.shown(repo, ref.encode(), sha)

        with self.state.repositories.lock(self.repository):
            made = self.with_git(write)
        self.state.repositories.update(self.repository, pushed_at=now())
        self.set_header("Location", made["url"])
        self.answer(made, 201)


class OneRef(OfRefs):
    """One reference: ``heads/main``."""

    def get(self, ref: str, **_: str) -> None:
        def read(repo: Repo) -> dict[str, Any]:
            name = f"refs/{ref}".encode()
            refs = self.all_refs(repo)
            if not refs:
                raise ApiError(409, "Git Repository is empty.")
            if name not in refs:
                raise not_found()
            return self.shown(repo, name, refs[name])

        self.answer(self.with_git(read))

    def patch(self, ref: str, **_: str) -> None:
        given = self.fields()
        name = Ref(f"refs/{ref}".encode())
        rules = protections.rules(self.state.database, self.repository)

        def write(repo: Repo) -> dict[str, Any]:
            old = self.all_refs(repo).get(name)
            if old is None:
                raise ApiError(422, "Reference does not exist")
            new = self.check(repo, given.get("sha"))
            forced = bool(given.get("force"))
            if not forced and not descends(repo, new, old):
                raise ApiError(422, "Update is not a fast forward")
            rule = rules.get(ref.removeprefix("heads/")) if ref.startswith("heads/") else None
            if rule and (rule.pull_request or (not rule.force and not descends(repo, new, old))):
                raise ApiError(422, "Protected branch update failed")
            if not repo.refs.set_if_equals(name, old, new):
                raise ApiError(409, "Reference cannot be updated")
            return self.shown(repo, name, new)

        with self.state.repositories.lock(self.repository):
            made = self.with_git(write)
        self.state.repositories.update(self.repository, pushed_at=now())
        self.answer(made)

    def delete(self, ref: str, **_: str) -> None:
        name = Ref(f"refs/{ref}".encode())
        rule = protections.rules(self.state.database, self.repository).get(ref.removeprefix("heads/"))
        if ref == f"heads/{self.repository.default_branch}" or (rule and not rule.deletion):
            raise ApiError(422, "Cannot delete this branch" if rule else "Cannot delete the default branch")

        def write(repo: Repo) -> None:
            old = self.all_refs(repo).get(name)
            if old is None:
                raise ApiError(422, "Reference does not exist")
            repo.refs.remove_if_equals(name, old)

        with self.state.repositories.lock(self.repository):
            self.with_git(write)
        self.nothing()


def _good_ref(ref: str) -> bool:
    return ref.startswith(("refs/heads/", "refs/tags/")) and check_ref_format(Ref(ref.encode()))
