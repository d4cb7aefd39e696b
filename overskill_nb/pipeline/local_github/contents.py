"""Files as they are at a branch: ``/contents/<path>``."""

from __future__ import annotations

import base64
from typing import Any

from dulwich.objects import Blob, ObjectID, Tree
from dulwich.repo import Repo

from .api import OfRepository
from .commits import commit_at, resolve
from .refusal import ApiError, not_found


class Contents(OfRepository):
    """A file, or what is in a folder."""

    def get(self, path: str = "", **_: str) -> None:
        ref = self.get_query_argument("ref", self.repository.default_branch)
        path = path.strip("/")
        found = self.with_git(lambda repo: self._read(repo, ref, path))
        if isinstance(found, dict) and "raw" in self.request.headers.get("Accept", ""):
            self.set_header("Content-Type", "application/vnd.github.raw; charset=utf-8")
            self.finish(base64.b64decode(found["content"]))
            return
        self.answer(found)

    def _read(self, repo: Repo, ref: str, path: str) -> Any:
        if resolve(repo, ref) is None:
            message = f"No commit found for the ref {ref}" if repo.refs.as_dict() else "This repository is empty."
            raise ApiError(404, message)
        tree: Tree | Blob = repo[commit_at(repo, ref).tree]  # type: ignore[assignment]
        sha = tree.id
        for part in filter(None, path.split("/")):
            if not isinstance(tree, Tree) or part.encode() not in tree:
                raise not_found()
            sha = tree[part.encode()][1]
            tree = repo[sha]  # type: ignore[assignment]
        if isinstance(tree, Tree):
            entries = [(entry.path or b"", entry.mode or 0, entry.sha) for entry in tree.iteritems()]
            return [
                self._shown(repo, f"{path}/{name.decode()}".lstrip("/"), ref, inner, mode)
                for name, mode, inner in entries
                if inner is not None
            ]
        assert isinstance(tree, Blob)
        shown = self._shown(repo, path, ref, sha, 0o100644)
        return {**shown, "content": base64.encodebytes(tree.data).decode(), "encoding": "base64"}

    def _shown(self, repo: Repo, path: str, ref: str, sha: ObjectID, mode: int) -> dict[str, Any]:
        folder = mode == 0o040000
        kind, object_kind, page = ("dir", "trees", "tree") if folder else ("file", "blobs", "blob")
        url = f"{self.url}/contents/{path}?ref={ref}"
        git_url, html_url = f"{self.url}/git/{object_kind}/{sha.decode()}", f"{self.html_url}/{page}/{ref}/{path}"
        return {
            "name": path.rpartition("/")[2],
            "path": path,
            "sha": sha.decode(),
            "size": 0 if folder else repo[sha].raw_length(),
            "url": url,
            "html_url": html_url,
            "git_url": git_url,
            "download_url": None if folder else f"{self.html_url}/raw/{ref}/{path}",
            "type": kind,
            "_links": {"self": url, "git": git_url, "html": html_url},
        }


class Readme(Contents):
    """The file that says what a repository is."""

    def get(self, path: str = "", **_: str) -> None:
        del path
        super().get("README.md")
