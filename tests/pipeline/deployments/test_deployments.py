"""Deployments in one process, over the real client and a Cloudflare in another process."""

from __future__ import annotations

import asyncio

import pytest


async def test_what_is_deployed_is_live_and_each_step_is_told(workspace) -> None:
    made = await workspace.deploy("tips", "<p>one</p>")
    assert (made.status, made.error) == ("deployed", "")
    print(made)
    assert workspace.world.served("tips", "preview") == "<p>one</p>"
