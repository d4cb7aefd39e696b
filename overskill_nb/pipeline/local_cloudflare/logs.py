"""Workers Logs as far as it is asked for the lines of one script: ``observability/telemetry/query``."""

from __future__ import annotations

import time
import uuid
from typing import Any

import msgspec

from .api import Handler
from .database import LogLine
from .envelope import ApiError

MAX_LINES = 2000
_SCRIPT = {"$workers.scriptName", "$metadata.service"}
_NAMESPACE = {"$workers.dispatchNamespace"}


class _Filter(msgspec.Struct):
    key: str = ""
    operation: str = ""
    type: str = "string"
    value: str | float | bool | None = None


class _Parameters(msgspec.Struct):
    filters: list[_Filter] | None = None


class _Timeframe(msgspec.Struct):
    begin: float = msgspec.field(name="from", default=0.0)
    end: float = msgspec.field(name="to", default_factory=lambda: time.time() * 1000)


class _Query(msgspec.Struct):
    query_id: str = msgspec.field(name="queryId", default="")
    view: str = "events"
    limit: int = 100
    parameters: _Parameters | None = None
    timeframe: _Timeframe | None = None


class Telemetry(Handler):
    """The events of one script, newest first."""

    def post(self, account: str) -> None:
        try:
            query = msgspec.json.decode(self.request.body, type=_Query)
        except msgspec.DecodeError as error:
            raise ApiError(400, 10026, f"The query cannot be read: {error}") from error
        if query.view != "events":
            raise ApiError(400, 10021, "The local Cloudflare has the view 'events' only.")
        filters = query.parameters.filters if query.parameters else []
        wanted = {term.key: str(term.value) for term in filters or [] if term.operation == "eq"}
        script = next((wanted[key] for key in _SCRIPT if key in wanted), "")
        namespace = next((wanted[key] for key in _NAMESPACE if key in wanted), "")
        if not script:
            raise ApiError(400, 10021, "Which script? Give a filter on $workers.scriptName.")
        limit = max(1, min(query.limit, MAX_LINES))
        begin = query.timeframe.begin if query.timeframe else 0.0
        end = query.timeframe.end if query.timeframe else time.time() * 1000
        known = [namespace] if namespace else [space.name for space in self.state.database.namespaces()]
        events = [
            _event(space, script, line)
            for space in known
            for line in self.state.database.lines(space, script, begin, end, limit)
        ]
        events.sort(key=lambda event: event["timestamp"], reverse=True)
        events = events[:limit]
        self.answer(
            {
                "events": {"count": len(events), "events": events, "fields": [], "series": []},
                "run": {
                    "id": uuid.uuid4().hex,
                    "accountId": account,
                    "dry": True,
                    "granularity": 0,
                    "query": {
                        "id": query.query_id,
                        "adhoc": True,
                        "created": "",
                        "createdBy": "",
                        "description": "",
                        "name": "",
                        "parameters": {"filters": filters},
                        "updated": "",
                        "updatedBy": "",
                    },
                    "status": "COMPLETED",
                    "timeframe": {"from": begin, "to": end},
                    "userId": "",
                },
                "statistics": {"bytes_read": 0, "elapsed": 0, "rows_read": len(events)},
            }
        )


def _event(namespace: str, script: str, line: LogLine) -> dict[str, Any]:
    return {
        "$metadata": {
            "id": uuid.uuid4().hex,
            "service": script,
            "level": line.level,
            "message": line.text,
            **({"error": line.text} if line.level == "error" else {}),
        },
        "$workers": {
            "eventType": "fetch",
            "requestId": "",
            "scriptName": script,
            "dispatchNamespace": namespace,
            "outcome": "exception" if line.level == "error" else "ok",
        },
        "dataset": "cloudflare-workers",
        "source": {"level": line.level, "message": line.text},
        "timestamp": line.at,
    }
