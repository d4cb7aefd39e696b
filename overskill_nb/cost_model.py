"""What deployments cost a month: two plans as OverSkill stated them, what published prices make of them, your case."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from .cost_table import as_html, as_svg, as_text
from .errors import OverskillError
from .protocol_deployments import Deployment


class Price(NamedTuple):
    """A published price. ``as_of`` is when its source was last changed or read."""

    what: str
    usd: float
    unit: str
    source: str
    as_of: str


_CLOUDFLARE = "https://developers.cloudflare.com"
_WFP = f"{_CLOUDFLARE}/cloudflare-for-platforms/workers-for-platforms/reference/pricing/"
_WORKERS = f"{_CLOUDFLARE}/workers/platform/pricing/"
_ACTIONS = "https://docs.github.com/en/billing/reference/actions-runner-pricing"
_DROPLETS = "https://www.digitalocean.com/pricing/droplets"

PRICES = {
    "wfp": Price("Workers for Platforms, with 20 M requests, 60 M CPU ms, 1,000 scripts", 25, "month", _WFP, "2026-04"),
    "wfp_script": Price("a script more", 0.02, "month", _WFP, "2026-04"),
    "request": Price("a million requests more", 0.30, "million", _WFP, "2026-04"),
    "cpu": Price("a million CPU milliseconds more", 0.02, "million", _WFP, "2026-04"),
    "workers": Price("Workers Paid, with 10 M requests, 30 M CPU ms, 500 Workers", 5, "month", _WORKERS, "2026-08"),
    "minute": Price("a minute on a Linux runner, beyond 2,000 a month", 0.006, "minute", _ACTIONS, "2026-01"),
    "server": Price("a server with 4 shared cores and 8 GB", 48, "month", _DROPLETS, "2022-07"),
}  # fmt: skip

PLANNED_APPS = 1000
"""What OverSkill's plan is for, and the only number that it has figures for."""
# The plan's own assumptions for 1,000 apps, and its measured times, where it has them.
REQUESTS_AN_APP = 10_000
CPU_MS_AN_APP = 100_000
RUNNER_MINUTES = 2
"""A workflow took 1 min 24 s; every begun minute is paid."""
BUILD_SECONDS = 11.0
# The plan does not say how often an app is built.
BUILDS_AN_APP = 10
ENVIRONMENTS = 3
CORE_HOURS = 4 * 730
"""What the server has in a month."""
MONTH_MS = 30 * 24 * 3600 * 1000


class Usage(NamedTuple):
    """What is paid for in a month."""

    apps: int
    scripts: int
    builds: float
    build_seconds: float
    """Of one build."""
    measured: str = ""
    """What of this was measured, in words; empty where nothing was."""


class Line(NamedTuple):
    """One item of one case, in USD a month. ``stated`` is the plan's own figure, None where it has none."""

    case: str
    item: str
    stated: float | None
    published: float
    why: str


class Costs(Sequence[Line]):
    """A small table: iterate over its lines, or hand ``records()`` to ``pandas.DataFrame``. Notebooks show a plot."""

    def __init__(self, usage: Usage, lines: Sequence[Line]) -> None:
        self.usage = usage
        self._lines = list(lines)

    def __getitem__(self, index: Any) -> Any:
        return self._lines[index]

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def totals(self) -> dict[str, tuple[float | None, float]]:
        """By case: the plan's own figure (None where it has none), and what published prices give."""
        found: dict[str, tuple[float | None, float]] = {}
        for case in dict.fromkeys(line.case for line in self._lines):
            lines = [line for line in self._lines if line.case == case]
            stated = [line.stated for line in lines if line.stated is not None]
            found[case] = (sum(stated) if stated else None, round(sum(line.published for line in lines), 2))
        return found

    def records(self) -> list[dict[str, Any]]:
        """One dict a line."""
        return [line._asdict() for line in self._lines]

    def to_dict(self) -> dict[str, list[Any]]:
        """The same by column."""
        return {name: [getattr(line, name) for line in self._lines] for name in Line._fields}

    def svg(self) -> str:
        """The plot."""
        return as_svg(self._lines, self.totals, self.usage.apps)

    def __repr__(self) -> str:
        return as_text(self._lines, self.totals, PRICES.values(), self.usage.apps)

    def _repr_html_(self) -> str:
        return as_html(self._lines, self.totals, PRICES.values(), self.usage.apps)


def costs(apps: int = 1000) -> Costs:
    """What so many apps cost a month, in USD.

    Two cases are OverSkill's plan (GitHub Actions, and Workers for Platforms), with the plan's figures beside what
    published prices give and why they differ. The third is yours: what this workspace's deployments of the last 30
    days come to where there are so many apps like them.
    """
    if isinstance(apps, bool) or not isinstance(apps, int) or apps < 1:
        raise ValueError(f"apps is a number of apps, 1 or more, not {apps!r}")
    usage = measured(apps, _deployments())
    return Costs(usage, [*_github_actions(apps), *_platforms(apps), *_yours(usage)])


def _deployments() -> list[Deployment]:
    """The workspace's deployments; none where the engine cannot say."""
    from . import session
    from .protocol_deployments import DeploymentTable, ListDeployments

    try:
        return session.current().call(ListDeployments(limit=1000), DeploymentTable).deployments
    except OverskillError:
        return []


def measured(apps: int, deployments: Sequence[Deployment], now: float | None = None) -> Usage:
    """The usage of so many apps like those that were deployed in the last 30 days."""
    since = (time.time() * 1000 if now is None else now) - MONTH_MS
    recent = [one for one in deployments if one.transitions and one.transitions[0].at >= since]
    seen = len({one.app for one in recent})
    if not seen:
        return Usage(apps, apps * ENVIRONMENTS, apps * BUILDS_AN_APP, BUILD_SECONDS)
    scripts = len({(one.app, one.environment) for one in deployments if one.status == "deployed"})
    took = [one.timings["build"] / 1000 for one in recent if one.kind == "deploy" and "build" in one.timings]
    seconds = sum(took) / len(took) if took else BUILD_SECONDS
    words = f"{_count(seen, 'app')}, {_count(len(recent), 'deployment')}, {_count(len(took), 'build')} in 30 days"
    return Usage(apps, math.ceil(scripts / seen * apps), len(took) / seen * apps, seconds, words)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _stated(apps: int, usd: float) -> float | None:
    return usd if apps == PLANNED_APPS else None


def _beyond(amount: float, included: float, price: str) -> float:
    """The price of what is not included, where the price is for a million."""
    return max(0.0, amount - included) / 1e6 * PRICES[price].usd


def _github_actions(apps: int) -> list[Line]:
    case = "GitHub Actions"
    minutes = apps * BUILDS_AN_APP * RUNNER_MINUTES
    minute = PRICES["minute"].usd
    planned = 200 / minute / (PLANNED_APPS * RUNNER_MINUTES)
    accounts = math.ceil(apps / 500)
    workers = (
        accounts * PRICES["workers"].usd
        + _beyond(apps * REQUESTS_AN_APP, accounts * 10e6, "request")
        + _beyond(apps * CPU_MS_AN_APP, accounts * 30e6, "cpu")
    )
    return [
        Line(
            case,
            "GitHub Actions",
            _stated(apps, 200),
            round(max(0, minutes - 2000) * minute, 2),
            f"{BUILDS_AN_APP} builds of {RUNNER_MINUTES} paid minutes an app make {minutes:,} minutes. The plan has"
            f" no number of builds: 200 USD would be {planned:.0f} for each of 1,000 apps.",
        ),
        Line(
            case,
            "Workers",
            _stated(apps, 100),
            round(workers, 2),
            f"An account has 500 Workers: {_count(accounts, 'account')}. With the plan's requests and CPU time the"
            " prices give no more; the plan does not say what its 100 USD are for.",
        ),
    ]


def _platform(scripts: int, apps: int) -> float:
    more = max(0, scripts - 1000) * PRICES["wfp_script"].usd
    requests = _beyond(apps * REQUESTS_AN_APP, 20e6, "request")
    return round(PRICES["wfp"].usd + more + requests + _beyond(apps * CPU_MS_AN_APP, 60e6, "cpu"), 2)


def _servers(core_hours: float) -> int:
    """Servers beside the first one, where half of their time is for builds."""
    return max(0, math.ceil(core_hours / (CORE_HOURS / 2)) - 1)


def _hours(builds: float, seconds: float) -> str:
    hours = builds * seconds / 3600
    return f"{hours:,.0f} hours" if hours >= 1.5 else "at most an hour"


def _platforms(apps: int) -> list[Line]:
    case = "Workers for Platforms"
    scripts, builds = apps * ENVIRONMENTS, apps * BUILDS_AN_APP
    servers = _servers(builds * BUILD_SECONDS / 3600)
    return [
        Line(
            case,
            "Workers for Platforms",
            _stated(apps, 25),
            _platform(scripts, apps),
            f"The plan counts one script an app. {ENVIRONMENTS} environments make {scripts:,}, of which 1,000 are"
            " included.",
        ),
        Line(case, "Server", _stated(apps, 50), PRICES["server"].usd, "A server of that price, with 4 shared cores."),
        Line(
            case,
            "Builds",
            _stated(apps, 100),
            servers * PRICES["server"].usd,
            f"{builds:,} builds of {BUILD_SECONDS:g} s are {_hours(builds, BUILD_SECONDS)} of a core; the server has"
            f" {CORE_HOURS:,}. The plan sets money aside for a second machine.",
        ),
    ]


def _yours(usage: Usage) -> list[Line]:
    case = "Yours"
    basis = f"measured: {usage.measured}" if usage.measured else "nothing was deployed yet: the plan's assumptions"
    servers = _servers(usage.builds * usage.build_seconds / 3600)
    return [
        Line(
            case,
            "Workers for Platforms",
            None,
            _platform(usage.scripts, usage.apps),
            f"{usage.scripts:,} scripts ({basis}); requests and CPU time as the plan has them.",
        ),
        Line(case, "Server", None, PRICES["server"].usd, "The machine that builds and deploys; none, if it is yours."),
        Line(
            case,
            "Builds",
            None,
            servers * PRICES["server"].usd,
            f"{usage.builds:,.0f} builds, {_hours(usage.builds, usage.build_seconds)} of a core; the server has"
            f" {CORE_HOURS:,}.",
        ),
    ]


__all__ = ["PRICES", "Costs", "Line", "Price", "Usage", "costs", "measured"]
