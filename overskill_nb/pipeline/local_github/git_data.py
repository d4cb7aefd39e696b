"""Git's own objects: commits, trees, blobs and tags."""

from __future__ import annotations

import base64
import binascii
import time
from datetime import datetime
from typing import Any

from dulwich.objects import Blob, Commit, ObjectID, ShaFile, Tag, Tree
from dulwich.repo import Repo

from .address import LOGIN
from .api import OfRepository
from .commits import OfCommits
from .refusal import ApiError, invalid, not_found

MODES = {"100644": 0o100644, "100755": 0o100755, "120000": 0o120000, "040000": 0o040000, "160000": 0o160000}
MAX_TREE = 100_000


def object_of(repo: Repo, sha: str, kind: type[ShaFile]) -> ShaFile:
    """An object by its full hash."""
    found = find_object(repo, sha)
    if not isinstance(found, kind):
        raise not_found()
    return found


def find_object(repo: Repo, sha: str) -> ShaFile | None:
    """What has that full hash, if anything."""
    name = ObjectID(sha.encode())
    return repo[name] if len(name) == 40 and name in repo.object_store else None


class GitCommits(OfCommits):
    """Commits that are made by hand."""

    def post(self, **_: str) -> None:
        given = self.fields()
        message, tree, parents = given.get("message"), given.get("tree"), given.get("parents") or []
        if not isinstance(message, str) or not isinstance(tree, str) or not isinstance(parents, list):
            raise ApiError(422, 'Invalid request.\n\n"message", "tree" weren\'t supplied.')

        def write(repo: Repo) -> dict[str, Any]:
            _exists(repo, tree, Tree, "tree")
            for parent in parents:
                _exists(repo, str(parent), Commit, "parents")
            made = Commit()
            made.tree = ObjectID(tree.encode())
            made.parents = [ObjectID(str(parent).encode()) for parent in parents]
            made.message = message.encode()
            author = _person(given.get("author"))
            committer = _person(given.get("committer")) if given.get("committer") else author
            made.author, made.author_time, made.author_timezone = author
            made.committer, made.commit_time, made.commit_timezone = committer
            repo.object_store.add_object(made)
            return self.git_commit(made)

        made = self.with_git(write)
        self.set_header("Location", made["url"])
        self.answer(made, 201)


class OneGitCommit(OfCommits):
    def get(self, sha: str, **_: str) -> None:
        def read(repo: Repo) -> dict[str, Any]:
            found = object_of(repo, sha, Commit)
            assert isinstance(found, Commit)
            return self.git_commit(found)

        self.answer(self.with_git(read))


class OfTrees(OfRepository):
    """Calls about trees."""

    def shown(self, repo: Repo, tree: Tree, deep: bool) -> dict[str, Any]:
        entries = list(self._entries(repo, tree, "", deep))
        return {
            "sha": tree.id.decode(),
            "url": f"{self.url}/git/trees/{tree.id.decode()}",
            "tree": entries[:MAX_TREE],
            "truncated": len(entries) > MAX_TREE,
        }

    def _entries(self, repo: Repo, tree: Tree, prefix: str, deep: bool) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for entry in tree.iteritems():
            assert entry.path is not None
            assert entry.sha is not None
            path, sha, mode = prefix + entry.path.decode("utf-8", "replace"), entry.sha.decode(), f"{entry.mode:06o}"
            kind = {"040000": "tree", "160000": "commit"}.get(mode, "blob")
            shown: dict[str, Any] = {"path": path, "mode": mode, "type": kind, "sha": sha}
            if kind == "blob":
                shown["size"] = repo[entry.sha].raw_length()
            if kind != "commit":
                shown["url"] = f"{self.url}/git/{kind}s/{sha}"
            found.append(shown)
            if deep and kind == "tree":
                inner = repo[entry.sha]
                assert isinstance(inner, Tree)
                found += self._entries(repo, inner, f"{path}/", deep)
        return found


class Trees(OfTrees):
    """New trees."""

    def post(self, **_: str) -> None:
        given = self.fields()
        entries = given.get("tree")
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise ApiError(422, 'Invalid request.\n\n"tree" wasn\'t supplied.')

        def write(repo: Repo) -> dict[str, Any]:
            files: dict[str, tuple[int, ObjectID]] = {}
            if base := given.get("base_tree"):
                files = flat(repo, _base(repo, str(base)))
            for entry in entries:
                _put(repo, files, entry)
            made = build(repo, files)
            return self.shown(repo, made, False)

        made = self.with_git(write)
        self.set_header("Location", made["url"])
        self.answer(made, 201)


class OneTree(OfTrees):
    def get(self, sha: str, **_: str) -> None:
        from .commits import resolve

        def read(repo: Repo) -> dict[str, Any]:
            commit = resolve(repo, sha)
            named = repo[commit].tree.decode() if commit else sha  # type: ignore[attr-defined]
            found = object_of(repo, named, Tree)
            assert isinstance(found, Tree)
            return self.shown(repo, found, self.get_query_argument("recursive", "") not in {"", "0", "false"})

        self.answer(self.with_git(read))


class Blobs(OfRepository):
    """New blobs."""

    def post(self, **_: str) -> None:
        given = self.fields()
        content = given.get("content")
        if not isinstance(content, str):
            raise ApiError(422, 'Invalid request.\n\n"content" wasn\'t supplied.')
        try:
            data = base64.b64decode(content, validate=False) if given.get("encoding") == "base64" else content.encode()
        except (binascii.Error, ValueError) as error:
            raise invalid("Blob", "content", "content is not valid Base64") from error
        blob = Blob.from_string(data)
        self.with_git(lambda repo: repo.object_store.add_object(blob))
        url = f"{self.url}/git/blobs/{blob.id.decode()}"
        self.set_header("Location", url)
        self.answer({"url": url, "sha": blob.id.decode()}, 201)


class OneBlob(OfRepository):
    def get(self, sha: str, **_: str) -> None:
        found = self.with_git(lambda repo: object_of(repo, sha, Blob))
        assert isinstance(found, Blob)
        if "raw" in self.request.headers.get("Accept", ""):
            self.set_header("Content-Type", "application/vnd.github.raw; charset=utf-8")
            self.finish(found.data)
            return
        self.answer(
            {
                "sha": sha,
                "node_id": f"B_{sha}",
                "size": len(found.data),
                "url": f"{self.url}/git/blobs/{sha}",
                "content": base64.encodebytes(found.data).decode(),
                "encoding": "base64",
            }
        )


class OneTag(OfRepository):
    """An annotated tag."""

    def get(self, sha: str, **_: str) -> None:
        found = self.with_git(lambda repo: object_of(repo, sha, Tag))
        assert isinstance(found, Tag)
        from .commits import UNSIGNED, moment, person

        kind, target = found.object
        name = kind.type_name.decode()
        tagger = person(found.tagger or b"")
        self.answer(
            {
                "node_id": f"T_{sha}",
                "tag": found.name.decode(),
                "sha": sha,
                "url": f"{self.url}/git/tags/{sha}",
                "message": (found.message or b"").decode("utf-8", "replace"),
                "tagger": {"name": tagger.name, "email": tagger.email, "date": moment(found.tag_time or 0)},
                "object": {"sha": target.decode(), "type": name, "url": f"{self.url}/git/{name}s/{target.decode()}"},
                "verification": dict(UNSIGNED),
            }
        )


def flat(repo: Repo, tree: Tree) -> dict[str, tuple[int, ObjectID]]:
    """Path -> (mode, hash) of everything in a tree but trees."""
    found: dict[str, tuple[int, ObjectID]] = {}
    for entry in repo.object_store.iter_tree_contents(tree.id):
        assert entry.path is not None
        assert entry.sha is not None
        found[entry.path.decode("utf-8", "surrogateescape")] = (entry.mode or 0o100644, entry.sha)
    return found


def build(repo: Repo, files: dict[str, tuple[int, ObjectID]]) -> Tree:
    """The tree that holds ``files``; it and its folders are added."""
    from dulwich.index import commit_tree

    entries = [(path.encode("utf-8", "surrogateescape"), sha, mode) for path, (mode, sha) in files.items()]
    made = repo[commit_tree(repo.object_store, entries)]
    assert isinstance(made, Tree)
    return made


def _put(repo: Repo, files: dict[str, tuple[int, ObjectID]], entry: dict[str, Any]) -> None:
    path, mode = entry.get("path"), entry.get("mode", "100644")
    if (
        not isinstance(path, str)
        or not path
        or path.startswith("/")
        or any(part in {"", ".", "..", ".git"} for part in path.split("/"))
    ):
        raise ApiError(422, f"tree.path contains a malformed path component: {path}")
    if mode not in MODES:
        raise ApiError(422, f"Must supply a valid tree.mode: {mode}")
    if "content" in entry and isinstance(entry["content"], str):
        blob = Blob.from_string(entry["content"].encode())
        repo.object_store.add_object(blob)
        files[path] = (MODES[mode], blob.id)
        return
    sha = entry.get("sha")
    if sha is None:
        gone = [known for known in files if known == path or known.startswith(f"{path}/")]
        if not gone:
            raise ApiError(422, "GitRPC::BadObjectState")
        for known in gone:
            del files[known]
        return
    there = find_object(repo, sha) if isinstance(sha, str) else None
    if there is None:
        raise ApiError(422, f"tree.sha {sha} is not a valid {entry.get('type', 'blob')}")
    for known in [known for known in files if known == path or known.startswith(f"{path}/")]:
        del files[known]
    if isinstance(there, Tree):
        files.update({f"{path}/{inner}": known for inner, known in flat(repo, there).items()})
    else:
        files[path] = (MODES[mode], there.id)


def _base(repo: Repo, sha: str) -> Tree:
    found = find_object(repo, sha)
    if isinstance(found, Commit):
        found = repo[found.tree]
    if not isinstance(found, Tree):
        raise ApiError(422, "base_tree is not a valid tree oid")
    return found


def _exists(repo: Repo, sha: str, kind: type[ShaFile], field: str) -> None:
    if not isinstance(find_object(repo, sha), kind):
        raise ApiError(
            422, "Tree SHA does not exist" if field == "tree" else "Parent SHA does not exist or is not a commit object"
        )


def _person(given: Any) -> tuple[bytes, int, int]:
    """Who and when, in git's form."""
    told = given if isinstance(given, dict) else {}
    name, email = str(told.get("name") or LOGIN), str(told.get("email") or f"{LOGIN}@localhost")
    line = f"{name} <{email}>".replace("\n", " ").encode()
    try:
        at = datetime.fromisoformat(str(told["date"]).replace("Z", "+00:00")) if told.get("date") else None
    except ValueError as error:
        raise ApiError(422, "Invalid request.\n\nThe date is not a valid ISO 8601 date.") from error
    if at is None:
        return line, int(time.time()), 0
    offset = at.utcoffset()
    return line, int(at.timestamp()), int(offset.total_seconds()) if offset else 0
