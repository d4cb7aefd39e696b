"""``ov.metrics()`` in a notebook without a server."""

from __future__ import annotations

from pathlib import Path

import pandas
import pytest

import overskill_nb as ov
from overskill_nb.measured import percentile
from overskill_nb.protocol_metrics import Metrics as Measured
from overskill_nb.widgets import bundle

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def measured() -> ov.Metrics:
    return ov.Metrics(
        Measured(
            since=0.0,
            update_ms=[10.0, 20.0, 30.0, 40.0],
            updates=4,
            failed_updates=1,
            connections=8,
            dropped=1,
            deployment_ms=[300.0, 500.0, 400.0],
            bundle_bytes=[70_000, 1_200_000],
        )
    )


def test_where_nothing_was_measured_it_says_so() -> None:
    found = ov.metrics()
    assert repr(found) == "Metrics(0 preview deployments, 0 updates, 0 of 0 connections dropped, 0 bundles)"
    assert str(found) == str(ov.metrics())
    assert str(found).count("not measured") == 5
    assert all(row["value"] is None for row in found.rows)


def test_the_four_indicators(measured: ov.Metrics) -> None:
    values = {(row["indicator"], row["figure"]): row["value"] for row in measured.rows}
    assert values == {
        ("preview deployment", "P50"): 0.4,
        ("update", "P50"): 25.0,
        ("update", "P95"): pytest.approx(38.5),
        ("connections", "dropped"): 0.125,
        ("bundles", "under 1 MB"): 0.5,
    }
    assert list(pandas.DataFrame(measured.rows)["measured"]) == [3, 4, 4, 8, 2]
    assert "0.40 s" in str(measured)
    assert "12.5%" in str(measured)


def test_no_time_gets_into_what_a_notebook_is_saved_with(measured: ov.Metrics) -> None:
    data, _ = measured._repr_mimebundle_()
    assert data["text/plain"] == "Metrics(3 preview deployments, 4 updates, 1 of 8 connections dropped, 2 bundles)"
    assert set(data) == {"text/plain", "application/vnd.jupyter.widget-view+json"}
    assert "0.40 s" in measured._table()


@pytest.mark.usefixtures("tools")
@pytest.mark.skipif(not bundle.LOADER.is_file(), reason="run `node build.mjs` in js/ first")
def test_it_is_drawn_by_a_component_of_ours(measured: ov.Metrics, folder: Path) -> None:
    preview = measured.plot()
    assert repr(preview) == "Preview(metrics · Metrics)"
    assert [chart["title"] for chart in preview.props["charts"]] == [
        "Preview deployments",
        "Updates",
        "Connections",
        "First loads",
    ]
    assert measured.plot(ov.App("tips")).name == "tips"
    assert (folder / "tips/src/components/Metrics.tsx").is_file()


@pytest.mark.slow
@pytest.mark.usefixtures("tools")
def test_a_deployment_is_measured() -> None:
    ov.App("tips").deploy().wait()
    found = ov.metrics()
    assert repr(found).startswith("Metrics(1 preview deployment, 0 updates,")
    assert found.deployment_ms[0] > 0
    assert 10_000 < found.bundle_bytes[0] < 1_000_000


@pytest.mark.parametrize(("share", "value"), [(0.0, 1.0), (0.5, 3.0), (0.95, 4.8), (1.0, 5.0)])
def test_percentiles_are_those_of_numpy(share: float, value: float) -> None:
    assert percentile([5.0, 1.0, 4.0, 2.0, 3.0], share) == pytest.approx(value)


def test_of_nothing_there_is_no_percentile() -> None:
    assert percentile([], 0.5) is None
