"""The upload of assets: a session says what is missing, uploads bring it, the last one gives the completion token."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from . import tokens, uploads
from .api import Handler
from .envelope import ApiError

BUCKET_FILES = 50
BUCKET_BYTES = 40 * 1024 * 1024
MAX_FILES = 100_000
MAX_BYTES = 25 * 1024 * 1024
_HASH = re.compile(r"^[0-9a-f]{32}$")


class UploadSession(Handler):
    """Begins an upload."""

    def post(self, account: str, namespace: str, script: str) -> None:
        del account
        uploads.check_name(script)
        known = self.state.database.namespace(namespace).name
        manifest = self.fields().get("manifest")
        if not isinstance(manifest, dict):
            raise ApiError(400, 10026, "The body has no 'manifest'.")
        if len(manifest) > MAX_FILES:
            raise ApiError(400, 10021, f"A version has at most {MAX_FILES} assets; {len(manifest)} were given.")
        sizes: dict[str, int] = {}
        for path, entry in manifest.items():
            hash_ = _hash(path, entry)
            sizes[hash_] = entry["size"]
        there = self.state.database.assets(known, sizes)
        missing = [hash_ for hash_ in sizes if hash_ not in there]
        session = self.state.database.add_session(
            known, script, {path: entry["hash"] for path, entry in manifest.items()}
        )
        claims = {"session": session, "namespace": known, "complete": not missing}
        self.answer({"jwt": tokens.sign(claims, self.state.signing_key), "buckets": _buckets(missing, sizes)}, 201)


def _hash(path: str, entry: Any) -> str:
    if not path.startswith("/"):
        raise ApiError(400, 10021, f"The asset path '{path}' does not begin with '/'.")
    if not isinstance(entry, dict) or not isinstance(entry.get("size"), int):
        raise ApiError(400, 10021, f"The asset '{path}' has no size.")
    if not isinstance(entry.get("hash"), str) or not _HASH.match(entry["hash"]):
        raise ApiError(400, 10021, f"The asset '{path}' has no hash of 32 hexadecimal digits.")
    if entry["size"] > MAX_BYTES:
        raise ApiError(413, 10027, f"The asset '{path}' has {entry['size']} bytes; assets have at most {MAX_BYTES}.")
    return str(entry["hash"])


def _buckets(missing: list[str], sizes: dict[str, int]) -> list[list[str]]:
    buckets: list[list[str]] = []
    room = 0
    for hash_ in missing:
        if not buckets or len(buckets[-1]) >= BUCKET_FILES or room < sizes[hash_]:
            buckets.append([])
            room = BUCKET_BYTES
        buckets[-1].append(hash_)
        room -= sizes[hash_]
    return buckets


class Upload(Handler):
    """Takes a bucket's files."""

    def authenticate(self, bearer: str) -> None:
        self.claims = tokens.read(bearer, self.state.signing_key)

    def post(self, account: str) -> None:
        del account
        if self.get_query_argument("base64", "") != "true":
            raise ApiError(400, 10021, "Upload assets with ?base64=true.")
        session = self.state.database.session(self.claims.get("session", ""))
        if session is None:
            raise ApiError(401, 10410, "The upload session has ended; start it again.")
        namespace, _, manifest = session
        wanted = set(manifest.values())
        kept: list[tuple[str, str, str]] = []
        for hash_, body, content_type in self._files():
            if hash_ not in wanted:
                raise ApiError(400, 10021, f"The file '{hash_}' is not in the manifest of this session.")
            try:
                content = base64.b64decode(body, validate=True)
            except binascii.Error as error:
                raise ApiError(400, 10021, f"The file '{hash_}' is not encoded in base64.") from error
            if len(content) > MAX_BYTES:
                raise ApiError(
                    413, 10027, f"The file '{hash_}' has {len(content)} bytes; at most {MAX_BYTES} are taken."
                )
            kept.append(
                (hash_, self.state.blobs.put(content), "" if content_type == "application/null" else content_type)
            )
        self.state.database.put_assets(namespace, kept)
        if wanted <= self.state.database.assets(namespace, wanted).keys():
            self.answer({"jwt": tokens.sign({**self.claims, "complete": True}, self.state.signing_key)}, 201)
        else:
            self.answer({}, 202)

    def _files(self) -> list[tuple[str, bytes, str]]:
        files = [(name, part["body"], part["content_type"]) for name, part in self.parts()]
        texts = [(name, values[-1], "") for name, values in self.request.body_arguments.items()]
        return files + texts
