"""Which status may follow which, whatever is asked in whatever order."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from overskill_nb.errors import DeploymentError
from overskill_nb.pipeline.deployments import ledger, moves, states
from overskill_nb.pipeline.deployments.database import open_database
from overskill_nb.pipeline.deployments.models import DeploymentRow
from overskill_nb.pipeline.deployments.names import LONGEST, slug
from overskill_nb.protocol_deployments import DeploymentStatus

STATUSES = get_args(DeploymentStatus)


@pytest.mark.parametrize("now", STATUSES)
def test_only_what_the_table_allows_may_follow(now: DeploymentStatus) -> None:
    for then in STATUSES:
        if then in states.FOLLOWING[now]:
            states.check(now, then, "d1")
        else:
            with pytest.raises(states.IllegalTransition, match=f"is {now} and cannot become {then}"):
                states.check(now, then, "d1")


def test_every_deployment_can_end_and_none_begins_again() -> None:
    assert states.FOLLOWING.keys() == set(STATUSES)
    for status in states.UNDER_WAY:
        assert {"failed", "cancelled"} <= states.FOLLOWING[status]
    for now, then in itertools.product(STATUSES, STATUSES):
        if now not in states.UNDER_WAY:
            assert not states.FOLLOWING[now] & set(states.UNDER_WAY)
        assert not (now == then and then in states.FOLLOWING[now])


@pytest.mark.parametrize("seed", range(30))
def test_no_order_of_calls_breaks_a_rule(tmp_path: Path, seed: int) -> None:
    """Submissions, steps of runs that are repeated or come late, cancellations: chosen by chance."""
    chance = random.Random(seed)
    engine = open_database(tmp_path)
    made: list[str] = []

    def written(work: Callable[[Session], object]) -> None:
        with Session(engine) as session, session.begin():
            try:
                work(session)
            except states.IllegalTransition:
                raise
            except DeploymentError:
                session.rollback()

    def submit(session: Session) -> None:
        kind = chance.choice(["deploy", "promote", "rollback"])
        app = chance.choice(["one", "two"])
        environment = chance.choice(["preview", "staging"])
        made.append(ledger.submit(session, app=app, name=app, environment=environment, kind=kind, artefact="a")[0])

    for _ in range(120):
        if not made or chance.random() < 0.15:
            written(submit)
            continue
        one = chance.choice(made[-6:])
        written(
            chance.choice(
                [
                    lambda session, one=one: ledger.begin(session, one),
                    lambda session, one=one: ledger.advance(session, one, "uploading", {"artefact": "b"}, ["line"]),
                    lambda session, one=one: _in_order(session, one, "verifying"),
                    lambda session, one=one: _recorded(session, one),
                    lambda session, one=one: ledger.finish(session, one, error="no"),
                    lambda session, one=one: ledger.ask_cancel(session, one),
                    lambda session, one=one: moves.park(
                        session, ledger.row(session, one), moves.now() + 5, "waits", []
                    ),
                ]
            )
        )
    with Session(engine) as session:
        deployments = ledger.newest(session, "", 1000)
        assert len(deployments) == len(made)
        live = [(one.app, one.environment) for one in deployments if one.status == "deployed"]
        assert len(live) == len(set(live))
        for one in deployments:
            steps = [step.status for step in one.transitions]
            assert steps[0] == "pending"
            assert steps[-1] == one.status
            for now, then in itertools.pairwise(steps):
                assert now == then or then in states.FOLLOWING[now]
            if one.status in {"superseded", "rolled_back"}:
                assert one.superseded_by
    engine.dispose()


def _in_order(session: Session, deployment: str, status: DeploymentStatus) -> None:
    # A run takes this step only after the one before it.
    if ledger.row(session, deployment).status not in {"pending", "building"}:
        ledger.advance(session, deployment, status, {}, [])


def _recorded(session: Session, deployment: str) -> None:
    if ledger.row(session, deployment).status in {"verifying", "deployed"}:
        ledger.record(session, deployment, {}, [])


def test_the_database_itself_refuses_a_second_live_deployment(tmp_path: Path) -> None:
    engine = open_database(tmp_path)
    with Session(engine) as session, session.begin():
        for _ in range(2):
            ledger.submit(session, app="one", name="one", environment="preview", kind="deploy")
    with pytest.raises(sa.exc.IntegrityError), Session(engine) as session, session.begin():
        session.execute(sa.update(DeploymentRow).values(status="deployed"))
    engine.dispose()


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("tips", "tips"),
        ("Tip Calculator", "tip-calculator"),
        ("  __Tips--2__ ", "tips-2"),
        ("Größe & Maß", "groe-ma"),
        ("a" * 54, "a" * 54),
    ],
)
def test_a_name_becomes_a_label(name: str, label: str) -> None:
    assert slug(name) == label


def test_long_names_stay_apart() -> None:
    one, two = slug("a" * 100 + "1"), slug("a" * 100 + "2")
    assert one != two
    assert len(one) == len(two) == LONGEST


def test_every_label_can_be_a_part_of_an_address() -> None:
    from overskill_nb.pipeline.cloudflare.addresses import check_name

    chance = random.Random(1)
    for _ in range(2000):
        name = "".join(
            chr(chance.choice([chance.randrange(32, 127), chance.randrange(0x2000)]))
            for _ in range(chance.randrange(1, 90))
        )
        try:
            label = slug(name)
        except DeploymentError:
            continue
        check_name(label)
