"""A deployment's steps, from its files to its removal."""

from __future__ import annotations

import pytest
from small_build import Build

from overskill_nb.errors import VerificationError
from overskill_nb.pipeline.cloudflare import Target


async def deploy(target: Target, build: Build, name: str = "tips", app: str = "tips-0a1b", **rest: object) -> str:
    script = target.script(name, "preview")
    await target.check(name, "preview", app)
    token = await target.upload(script, build, build, app=app)
    await target.put(script, build, build, token, app=app, deployment="d1", **rest)
    return target.url(name, "preview")


async def test_what_was_deployed_is_served_and_removed_again(target: Target, build: Build) -> None:
    url = await deploy(target, build)
    await target.verify(url, build, deadline=5)
    state = await target.find(target.script("tips", "preview"))
    assert state
    assert state.tags == ["app-tips-0a1b", "environment-preview", "deployment-d1", f"artefact-{build.id[:16]}"]
    assert state.etag == "e1"
    await target.delete(target.script("tips", "preview"))
    await target.delete(target.script("tips", "preview"))
    assert await target.find(target.script("tips", "preview")) is None
    with pytest.raises(VerificationError, match='HTTP 404, which reads "No such app"'):
        await target.verify(url, build, deadline=5)
