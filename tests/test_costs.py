from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pandas as pd
import pytest

import overskill_nb as ov
from overskill_nb.cost_model import PRICES, Costs, costs, measured
from overskill_nb.protocol_deployments import Deployment, Transition

pytestmark = pytest.mark.usefixtures("folder")

DAY = 24 * 3600 * 1000.0


@pytest.fixture
def found() -> Costs:
    return costs(apps=1000)


def published(found: Costs, case: str, item: str) -> float:
    return next(line.published for line in found if (line.case, line.item) == (case, item))


def test_the_plans_two_columns_are_there_item_by_item(found: Costs) -> None:
    stated = {(line.case, line.item): line.stated for line in found if line.stated is not None}
    assert stated == {
        ("GitHub Actions", "GitHub Actions"): 200,
        ("GitHub Actions", "Workers"): 100,
        ("Workers for Platforms", "Workers for Platforms"): 25,
        ("Workers for Platforms", "Server"): 50,
        ("Workers for Platforms", "Builds"): 100,
    }
    assert {case: total for case, (total, _) in found.totals.items()} == {
        "GitHub Actions": 300,
        "Workers for Platforms": 175,
        "Yours": None,
    }


def test_what_prices_give_is_beside_it_with_the_reason(found: Costs) -> None:
    # 20,000 minutes, 2,000 of them included, at 0.006
    assert published(found, "GitHub Actions", "GitHub Actions") == 108
    # 25, 2,000 scripts more at 0.02, 40 M CPU ms more at 0.02 a million
    assert published(found, "Workers for Platforms", "Workers for Platforms") == pytest.approx(65.8)
    # two accounts of 500 Workers; 40 M CPU ms more
    assert published(found, "GitHub Actions", "Workers") == pytest.approx(10.8)
    assert all(line.why.endswith(".") for line in found)
    assert all(
        re.fullmatch(r"20\d\d-\d\d", price.as_of) and price.source.startswith("https://") for price in PRICES.values()
    )
    text = repr(found)
    for price in PRICES.values():
        assert price.source in text


def test_other_numbers_of_apps_have_no_figure_in_the_plan() -> None:
    few = costs(apps=10)
    assert [total for total, _ in few.totals.values()] == [None, None, None]
    assert published(few, "GitHub Actions", "GitHub Actions") == 0  # 200 minutes are included
    assert published(few, "Workers for Platforms", "Workers for Platforms") == 25
    assert published(costs(apps=100_000), "Workers for Platforms", "Builds") > 0
    for wrong in (0, -1, 1.5, True, "1"):
        with pytest.raises(ValueError, match="number of apps"):
            costs(apps=wrong)  # type: ignore[arg-type]


def deployment(number: int, app: str, environment: str, at: float, **more: object) -> Deployment:
    fields = {"status": "deployed", "transitions": [Transition(status="pending", at=at)], **more}
    return Deployment(id=f"d{number}", app=app, name=app, environment=environment, **fields)  # type: ignore[arg-type]


def test_your_own_case_is_what_was_measured_in_thirty_days() -> None:
    now = 100 * DAY
    rows = [
        deployment(1, "a", "preview", now - DAY, timings={"build": 400.0}),
        deployment(2, "a", "preview", now - 2 * DAY, status="superseded", timings={"build": 600.0}),
        deployment(3, "a", "staging", now - DAY, kind="promote"),
        deployment(4, "b", "preview", now - DAY, status="failed", timings={}),
        deployment(5, "c", "preview", now - 40 * DAY, timings={"build": 9000.0}),
    ]
    usage = measured(1000, rows, now)
    assert usage.measured == "2 apps, 4 deployments, 2 builds in 30 days"
    assert usage.scripts == 1500  # of the three that are served, by the two apps of these days
    assert usage.builds == 1000
    assert usage.build_seconds == pytest.approx(0.5)


def test_it_is_a_table_for_pandas_and_a_plot_for_a_notebook(found: Costs) -> None:
    assert pd.DataFrame(found.records()).equals(pd.DataFrame(found.to_dict()))
    root = ET.fromstring(found.svg())
    bars = root.findall("{http://www.w3.org/2000/svg}rect")
    widths = [float(bar.get("width", "0")) for bar in bars if float(bar.get("height", "0")) > 10]
    assert widths[0] / widths[1] == pytest.approx(2, rel=0.01)  # 200 and 100
    assert "300.00" in str(root.get("aria-label"))
    html = found._repr_html_()
    assert "<svg" in html
    assert "<script" not in html
    assert repr(ov.costs(apps=1000)) == repr(found)
