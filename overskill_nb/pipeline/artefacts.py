"""Artefacts: the immutable outputs of production builds, kept by the hash of their content.

On disk: ``blobs/<2>/<sha256>``, each content once, and ``artefacts/<id>.json``, what an artefact consists of. An
artefact is there once its file is, and that comes last.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import msgspec

from ..errors import ArtefactError

COMPATIBILITY_DATE = "2026-11-01"
"""Of the Workers runtime, for all that is built by this version."""
NOT_FOUND_HANDLING = "single-page-application"
GRACE_SECONDS = 3600.0
"""What is younger is not collected: a deployment may be about to name it."""

_HEX = re.compile(r"[0-9a-f]{64}")


class ArtefactFile(msgspec.Struct, frozen=True):
    """A file as it is served."""

    path: str
    sha256: str
    size: int
    content_type: str = ""


class PackageSize(msgspec.Struct, frozen=True):
    """What a package adds to the first load, minified; the app's own code has no name."""

    name: str
    bytes: int


class BuiltFile(msgspec.Struct, frozen=True):
    """A file as the builder left it: its content is in ``source``, or in the store by its hash."""

    path: str
    sha256: str
    size: int
    source: str
    content_type: str = ""


class BuiltFiles(msgspec.Struct):
    """What a build gave."""

    files: list[BuiltFile]
    maps: list[BuiltFile] = []
    worker: BuiltFile | None = None
    first_load: list[str] = []
    first_load_gzip: int = 0
    headers: str = ""
    redirects: str = ""
    uses_env: bool = False
    packages: list[PackageSize] = []
    warnings: list[str] = []


class Artefact(msgspec.Struct, frozen=True):
    """One build's output."""

    id: str
    files: list[ArtefactFile]
    worker: str = ""
    """Hash of the Worker's module; empty where files are all there is."""
    first_load: list[str] = []
    """Paths that a first visit loads, index.html first."""
    first_load_gzip: int = 0
    headers: str = ""
    redirects: str = ""
    uses_env: bool = False
    """Whether the app looks for values of the environment that it runs in."""
    packages: list[PackageSize] = []
    warnings: list[str] = []
    compatibility_date: str = COMPATIBILITY_DATE


class _Stored(msgspec.Struct):
    artefact: Artefact
    maps: list[ArtefactFile] = []
    """Source maps: kept for reading errors, never served."""


class ArtefactStore:
    """The artefacts of one workspace. Several processes may use the folder at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.blobs = folder / "blobs"
        self._artefacts = folder / "artefacts"

    # ------------------------------------------------------------------------------------------------ taking in

    def put(self, built: BuiltFiles) -> Artefact:
        """Keep a build. The same content is kept once, and gives the same artefact."""
        with self._lock(exclusive=False):
            for file in [*built.files, *built.maps, *([built.worker] if built.worker else [])]:
                self._keep(file)
            artefact = _artefact(built)
            stored = _Stored(artefact, [_served(file) for file in built.maps])
            self._write(self._artefacts / f"{artefact.id}.json", msgspec.json.encode(stored))
        return artefact

    def _keep(self, file: BuiltFile) -> None:
        target = self._blob(file.sha256)
        with contextlib.suppress(OSError):
            if target.stat().st_size == file.size:
                os.utime(target)
                return
        try:
            data = Path(file.source).read_bytes()
        except OSError as error:
            raise ArtefactError(f"{file.path} was built but cannot be read: {error.strerror}; deploy again.") from error
        if hashlib.sha256(data).hexdigest() != file.sha256:
            raise ArtefactError(f"{file.path} changed while the app was built; deploy again.")
        self._write(target, data)

    @staticmethod
    def _write(target: Path, data: bytes) -> None:
        """Whole or not at all."""
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, scratch = tempfile.mkstemp(prefix=".new-", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.replace(scratch, target)
        except BaseException:
            Path(scratch).unlink(missing_ok=True)
            raise

    # ------------------------------------------------------------------------------------------------ giving out

    def get(self, id: str) -> Artefact:  # noqa: A002
        """A stored artefact. Raises ArtefactError where it is unknown or damaged."""
        return self._stored(id).artefact

    def maps(self, id: str) -> list[ArtefactFile]:  # noqa: A002
        """The artefact's source maps, by the path of the script and ``.map``."""
        return self._stored(id).maps

    def read(self, sha256: str) -> bytes:
        """A content, checked against its hash. Raises ArtefactError."""
        blob = self._blob(sha256)
        try:
            data = blob.read_bytes()
        except OSError as error:
            raise ArtefactError(f"The content {sha256[:16]} of an artefact is gone; deploy the app again.") from error
        if hashlib.sha256(data).hexdigest() != sha256:
            # The next build writes it anew.
            blob.unlink(missing_ok=True)
            raise ArtefactError(f"The content {sha256[:16]} of an artefact is damaged; deploy the app again.")
        return data

    def path(self, sha256: str) -> Path:
        """The file of a content; whoever reads it trusts this machine. Raises ArtefactError."""
        return self._blob(sha256)

    def _stored(self, id: str) -> _Stored:  # noqa: A002
        if not _HEX.fullmatch(id):
            raise ArtefactError(f"'{id[:80]}' is no artefact's id.")
        try:
            stored = msgspec.json.decode((self._artefacts / f"{id}.json").read_bytes(), type=_Stored)
        except FileNotFoundError:
            raise ArtefactError(f"The artefact {id[:16]} is not in {self.folder}; deploy the app again.") from None
        except (OSError, msgspec.DecodeError) as error:
            raise ArtefactError(f"The artefact {id[:16]} cannot be read: {error}; deploy the app again.") from error
        if stored.artefact.id != id or _id(stored.artefact) != id:
            raise ArtefactError(f"The artefact {id[:16]} is damaged; deploy the app again.")
        return stored

    def _blob(self, sha256: str) -> Path:
        if not _HEX.fullmatch(sha256):
            raise ArtefactError(f"'{sha256[:80]}' is no content's hash.")
        return self.blobs / sha256[:2] / sha256

    # ------------------------------------------------------------------------------------------------ collecting

    def collect(self, keep: set[str], *, grace: float = GRACE_SECONDS) -> int:
        """Remove artefacts that are not to be kept, and contents of none; gives the bytes that became free."""
        before = time.time() - grace
        freed = 0
        with self._lock(exclusive=True):
            used: set[str] = set()
            for file in _files(self._artefacts):
                if file.stem not in keep and file.stat().st_mtime < before:
                    freed += _remove(file)
                    continue
                try:
                    stored = msgspec.json.decode(file.read_bytes(), type=_Stored)
                except msgspec.DecodeError:
                    continue
                used.update(entry.sha256 for entry in [*stored.artefact.files, *stored.maps])
                used.add(stored.artefact.worker)
            for folder in self.blobs.iterdir() if self.blobs.is_dir() else ():
                for file in _files(folder):
                    if file.name not in used and file.stat().st_mtime < before:
                        freed += _remove(file)
        return freed

    @contextlib.contextmanager
    def _lock(self, *, exclusive: bool) -> Iterator[None]:
        """Nothing is collected while something is put."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("a") as file:
            try:
                import fcntl
            except ImportError:  # Windows: one engine per workspace there
                yield
                return
            fcntl.flock(file, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
            yield


def _artefact(built: BuiltFiles) -> Artefact:
    files = sorted((_served(file) for file in built.files), key=lambda file: file.path)
    paths = [file.path for file in files]
    for path, following in pairwise(paths):
        if path == following:
            raise ArtefactError(f"The build gave {path} twice.")
    for path in paths:
        if not path.startswith("/") or ".." in path.split("/") or "\\" in path or "\0" in path:
            raise ArtefactError(f"The build gave a file with the path {path!r}, which cannot be served.")
    artefact = Artefact(
        id="",
        files=files,
        worker=built.worker.sha256 if built.worker else "",
        first_load=built.first_load,
        first_load_gzip=built.first_load_gzip,
        headers=built.headers,
        redirects=built.redirects,
        uses_env=built.uses_env,
        packages=built.packages,
        warnings=built.warnings,
    )
    return msgspec.structs.replace(artefact, id=_id(artefact))


def _id(artefact: Artefact) -> str:
    """Over all that decides how the app is served; not over what is told about it."""
    manifest = {
        "files": [[file.path, file.sha256, file.content_type] for file in artefact.files],
        "worker": artefact.worker,
        "not_found_handling": NOT_FOUND_HANDLING,
        "headers": artefact.headers,
        "redirects": artefact.redirects,
        "uses_env": artefact.uses_env,
        "compatibility_date": artefact.compatibility_date,
    }
    return hashlib.sha256(json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _served(file: BuiltFile) -> ArtefactFile:
    return ArtefactFile(path=file.path, sha256=file.sha256, size=file.size, content_type=file.content_type)


def _files(folder: Path) -> list[Path]:
    return [file for file in folder.iterdir() if file.is_file()] if folder.is_dir() else []


def _remove(file: Path) -> int:
    size = file.stat().st_size
    file.unlink(missing_ok=True)
    return size
