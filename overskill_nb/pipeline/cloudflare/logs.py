"""What Workers Logs is asked for a script's lines, and how its answer reads."""

from __future__ import annotations

from typing import Any

import msgspec

from .script import Script


class LogLine(msgspec.Struct):
    """One line that a Worker printed, or an error that it died of."""

    at: float
    """Seconds since 1970."""
    level: str
    text: str


def query(script: Script, since: float, until: float, limit: int) -> dict[str, Any]:
    """The request's body. Not every event says its namespace, so that is looked at afterwards."""
    name = {"key": "$workers.scriptName", "operation": "eq", "type": "string", "value": script.name}
    return {
        "queryId": "overskill",
        "dry": True,
        "view": "events",
        "limit": limit,
        "timeframe": {"from": int(since * 1000), "to": int(until * 1000)},
        "parameters": {"datasets": ["cloudflare-workers"], "filters": [name], "filterCombination": "and"},
    }


def lines(result: Any, script: Script) -> list[LogLine]:
    """The script's own lines, oldest first: an app's script has the same name in each environment's namespace.

    An event that tells a request's end says the namespace; what was printed meanwhile says the request.
    """
    events = [event for event in _list(_dict(_dict(result).get("events")).get("events")) if isinstance(event, dict)]
    of_request = {
        worker["requestId"]: worker["dispatchNamespace"]
        for worker in (_dict(event.get("$workers")) for event in events)
        if worker.get("requestId") and worker.get("dispatchNamespace")
    }
    found = []
    for event in events:
        worker = _dict(event.get("$workers"))
        namespace = worker.get("dispatchNamespace") or of_request.get(worker.get("requestId"))
        if namespace in {None, script.namespace}:
            found.append(_line(event))
    return sorted(found, key=lambda line: line.at)


def _line(event: dict[str, Any]) -> LogLine:
    about = _dict(event.get("$metadata"))
    text = about.get("message") or about.get("error") or event.get("source") or ""
    at = event.get("timestamp")
    return LogLine(
        at=at / 1000 if isinstance(at, (int, float)) else 0.0,
        level=str(about.get("level") or "log"),
        text=text if isinstance(text, str) else msgspec.json.encode(text).decode(),
    )


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
