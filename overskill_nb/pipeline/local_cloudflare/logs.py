"""Workers Logs as far as it is asked for the lines of one script: ``observability/telemetry/query``."""

from __future__ import annotations

import time
import uuid
from typing import Any

from .api import Handler
from .database import LogLine
from .envelope import ApiError

MAX_LINES = 2000
_SCRIPT = {"$workers.scriptName", "$metadata.service"}
_NAMESPACE = {"$workers.dispatchNamespace"}


class Telemetry(Handler):
    """The events of one script, newest first."""

    def post(self, account: str) -> None:
        query = self.fields()
        if query.get("view", "events") != "events":
            raise ApiError(400, 10021, "The local Cloudflare has the view 'events' only.")
        parameters = query.get("parameters") or {}
        wanted = {
            str(term.get("key")): str(term.get("value"))
            for term in parameters.get("filters") or []
            if isinstance(term, dict) and term.get("operation") == "eq"
        }
        script = next((wanted[key] for key in _SCRIPT if key in wanted), "")
        namespace = next((wanted[key] for key in _NAMESPACE if key in wanted), "")
        if not script:
            raise ApiError(400, 10021, "Which script? Give a filter on $workers.scriptName.")
        frame = query.get("timeframe") or {}
        limit = max(1, min(int(query.get("limit") or 100), MAX_LINES))
        known = [namespace] if namespace else [space.name for space in self.state.database.namespaces()]
        begin, end = float(frame.get("from") or 0), float(frame.get("to") or time.time() * 1000)
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
                        "id": str(query.get("queryId", "")),
                        "adhoc": True,
                        "created": "",
                        "createdBy": "",
                        "description": "",
                        "name": "",
                        "parameters": parameters,
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
