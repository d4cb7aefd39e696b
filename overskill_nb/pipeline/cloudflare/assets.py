"""The files of an artefact, on their way into a namespace."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ...errors import CloudflareError, DeploymentError
from .asset_session import Asset, AssetSession, expired
from .client import Cloudflare
from .script import Part, Script

if TYPE_CHECKING:
    from ..artefacts import Artefact, ArtefactFile, ArtefactStore

MAX_BYTES = 25 * 1024 * 1024
MAX_FILES = 100_000
CONCURRENCY = 3
SINGLE_CONCURRENCY = 50
SESSIONS = 3
"""A session ends after an hour; files that arrived stay, so the next one goes on."""

Progress = Callable[[int, int], None]
"""Told how many files are there, and how many there are to be."""


def asset_hash(app: str, file: ArtefactFile) -> str:
    """What Cloudflare knows the file as, in this namespace.

    Salted with the app, since whoever knows a hash may refer to the file; with the extension and type, since equal
    bytes of two types are two assets.
    """
    extension = PurePosixPath(file.path).suffix
    told = f"{app}\0{file.sha256}\0{extension}\0{file.content_type}"
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def manifest(app: str, artefact: Artefact) -> dict[str, Asset]:
    """Every file with its hash. Raises where one is larger, or there are more, than Cloudflare takes."""
    if len(artefact.files) > MAX_FILES:
        raise DeploymentError(f"The build has {len(artefact.files):,} files and Cloudflare takes {MAX_FILES:,}.")
    for file in artefact.files:
        if file.size > MAX_BYTES:
            raise DeploymentError(
                f"{file.path} has {file.size / 1024 / 1024:.1f} MiB and Cloudflare takes 25 MiB a file; "
                "make it smaller or serve it from elsewhere."
            )
    return {file.path: Asset(asset_hash(app, file), file.size) for file in artefact.files}


async def upload(
    cloudflare: Cloudflare,
    script: Script,
    artefact: Artefact,
    store: ArtefactStore,
    *,
    app: str,
    on_progress: Progress | None = None,
) -> str:
    """Bring all files that are missing; the completion token, which the script's upload needs.

    What arrived is kept by its hash: a repetition brings only the rest.
    """
    listed = manifest(app, artefact)
    for attempt in range(1, SESSIONS + 1):
        session = await cloudflare.asset_session(script, listed)
        try:
            if token := await _fill(cloudflare, session, listed, artefact, store, on_progress):
                return token
        except CloudflareError as error:
            if attempt == SESSIONS or not (expired(session.jwt, cloudflare.clock.wall()) or _ended(error)):
                raise
    raise CloudflareError(
        f"The upload of {script.name} failed: all files are there, and Cloudflare gave no completion token; try again.",
        temporary=True,
    )


async def _fill(
    cloudflare: Cloudflare,
    session: AssetSession,
    listed: dict[str, Asset],
    artefact: Artefact,
    store: ArtefactStore,
    on_progress: Progress | None,
) -> str:
    """Hand in every bucket; the completion token, whichever answer brought it."""
    total = len({asset.hash for asset in listed.values()})
    done = total - sum(len(bucket) for bucket in session.buckets)
    tell = on_progress or (lambda _there, _all: None)
    tell(done, total)
    if not any(session.buckets):
        return session.jwt
    files = {listed[file.path].hash: file for file in artefact.files}
    unknown = [name for bucket in session.buckets for name in bucket if name not in files]
    if unknown:
        raise CloudflareError(f"Cloudflare asks for a file that is not in the build ({unknown[0]}); try again.")
    single = bool(session.claims.get("wrangler_single_asset_uploads"))
    asked = session.claims.get("edge_kv_upload_concurrency")
    at_once = (asked if isinstance(asked, int) and asked > 0 else SINGLE_CONCURRENCY) if single else CONCURRENCY
    buckets = [[name] for bucket in session.buckets for name in bucket] if single else session.buckets
    gate = asyncio.Semaphore(at_once)
    tokens: list[str] = []

    async def hand_in(names: Sequence[str]) -> None:
        nonlocal done
        async with gate:
            parts = await asyncio.to_thread(lambda: [_part(name, files[name], store) for name in names])
            sent = (
                cloudflare.upload_asset(parts[0], session.jwt)
                if single
                else cloudflare.upload_bucket(parts, session.jwt)
            )
            if token := await sent:
                tokens.append(token)
        done += len(names)
        tell(done, total)

    tasks = [asyncio.ensure_future(hand_in(bucket)) for bucket in buckets if bucket]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return tokens[-1] if tokens else ""


def _part(name: str, file: ArtefactFile, store: ArtefactStore) -> Part:
    # "application/null" asks for no content type: multipart has no other way to say so.
    return Part(name, store.read(file.sha256), filename=name, content_type=file.content_type or "application/null")


def _ended(error: CloudflareError) -> bool:
    """Whether the session's token was refused, which is not the account's."""
    return error.status == 401 or (error.status == 403 and error.code != 0)  # a firewall's page has no code
