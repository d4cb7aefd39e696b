"""Public values of an app in an environment."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from . import moves
from .models import VariableRow


def read(session: Session, app: str, environment: str) -> dict[str, str]:
    """All of them."""
    query = sa.select(VariableRow.name, VariableRow.value).where(
        VariableRow.app == app, VariableRow.environment == environment
    )
    return {name: value for name, value in session.execute(query.order_by(VariableRow.name))}  # noqa: C416


def replace(session: Session, app: str, environment: str, values: Mapping[str, str]) -> None:
    """Let these be all that there are."""
    moves.alone(session, f"{app}\n{environment}")
    session.execute(sa.delete(VariableRow).where(VariableRow.app == app, VariableRow.environment == environment))
    session.add_all(
        VariableRow(app=app, environment=environment, name=name, value=value) for name, value in values.items()
    )
