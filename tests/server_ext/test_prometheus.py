"""What the server tells Prometheus of us."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families
from tornado.httpclient import HTTPClientError

from overskill_nb.server_ext.app import OverskillExtension


@pytest_asyncio.fixture(autouse=True)
async def started(extension: OverskillExtension, jp_serverapp: Any) -> AsyncIterator[None]:
    await extension._start_jupyter_server_extension(jp_serverapp)
    yield
    await extension.stop_extension()


async def told(jp_fetch: Any) -> dict[str, dict[str, float]]:
    """Our metrics, by family and by sample."""
    answer = await jp_fetch("metrics")
    families = text_string_to_metric_families(answer.body.decode())
    return {
        family.name: {sample.name + str(sample.labels.get("le", "")): sample.value for sample in family.samples}
        for family in families
        if family.name.startswith("overskill_nb_")
    }


async def test_it_is_there_before_anything_was_measured(jp_fetch: Any, extension: OverskillExtension) -> None:
    found = await told(jp_fetch)
    assert set(found) == {
        "overskill_nb_bundles",
        "overskill_nb_bundles_under_1mb",
        "overskill_nb_connections",
        "overskill_nb_connections_dropped",
        "overskill_nb_preview_deployment_seconds",
        "overskill_nb_update_seconds",
        "overskill_nb_updates_failed",
    }
    assert found["overskill_nb_update_seconds"]["overskill_nb_update_seconds_count"] == 0
    assert extension._engine is None


async def test_it_counts_what_the_engine_measures(jp_fetch: Any, extension: OverskillExtension) -> None:
    extension.engine.measures.shown(12.0)
    extension.engine.measures.shown(700.0)
    extension.engine.measures.connected(again=True)
    found = await told(jp_fetch)
    updates = found["overskill_nb_update_seconds"]
    assert updates["overskill_nb_update_seconds_bucket0.02"] == 1
    assert updates["overskill_nb_update_seconds_bucket+Inf"] == 2
    assert updates["overskill_nb_update_seconds_sum"] == pytest.approx(0.712)
    assert found["overskill_nb_connections_dropped"]["overskill_nb_connections_dropped_total"] == 1


async def test_only_those_see_it_who_see_the_servers(jp_fetch: Any, anonymous: dict[str, str]) -> None:
    with pytest.raises(HTTPClientError) as refused:
        await jp_fetch("metrics", headers=anonymous)
    assert refused.value.code == 403


async def test_a_server_that_stopped_tells_nothing_more(jp_fetch: Any, extension: OverskillExtension) -> None:
    await extension.stop_extension()
    assert await told(jp_fetch) == {}
    await extension.stop_extension()


async def test_a_database_elsewhere_keeps_nobody_waiting(
    extension: OverskillExtension, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from overskill_nb.pipeline import metrics as measuring
    from overskill_nb.server_ext.metrics import Metrics

    monkeypatch.setattr(
        measuring, "_rows_of_postgres", lambda *_: [("preview", "deploy", "deployed", {"total": 5.0}, "a", 7)]
    )
    made = Metrics(workspace, "postgresql://elsewhere/overskill", lambda: None)
    try:
        first = {family.name for family in made.collect()}
        assert "overskill_nb_bundles" not in first
        assert made._reading is not None
        made._reading.result(20)
        assert "overskill_nb_bundles" in {family.name for family in made.collect()}
    finally:
        made._threads.shutdown()
    assert made not in REGISTRY._collector_to_names
