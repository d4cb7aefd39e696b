"""A local Cloudflare in a folder of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from local_deployer import Deployer

from overskill_nb.pipeline import local_cloudflare
from overskill_nb.pipeline.local_cloudflare import LocalCloudflare
from overskill_nb.pipeline.node import Node


@pytest.fixture
async def cloudflare(tmp_path: Path, node: Node, workerd: Path) -> AsyncIterator[LocalCloudflare]:
    started = await local_cloudflare.ensure(tmp_path / "cloudflare", node, lambda _: None)
    yield started
    await started.close()
    assert "ERROR" not in (tmp_path / "cloudflare/log.txt").read_text()


@pytest.fixture
async def deployer(cloudflare: LocalCloudflare) -> AsyncIterator[Deployer]:
    made = Deployer(cloudflare)
    await made.namespace()
    yield made
    await made.close()
