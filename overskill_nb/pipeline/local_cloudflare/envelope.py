"""Cloudflare's answers: one envelope for results and errors, and the error codes that clients know."""

from __future__ import annotations

from typing import Any

NOT_FOUND = 10007
AUTHENTICATION = 10000


class ApiError(Exception):
    """An error as Cloudflare words it."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def success(result: Any, **info: Any) -> dict[str, Any]:
    """A result in Cloudflare's envelope; ``info`` becomes ``result_info``."""
    answer: dict[str, Any] = {"success": True, "errors": [], "messages": [], "result": result}
    if info:
        answer["result_info"] = info
    return answer


def failure(error: ApiError) -> dict[str, Any]:
    """An error in Cloudflare's envelope."""
    problem = {"code": error.code, "message": error.message}
    return {"success": False, "errors": [problem], "messages": [], "result": None}


def no_namespace(name: str) -> ApiError:
    return ApiError(404, 100119, f"workers.api.error.dispatch_namespace_not_found: no dispatch namespace '{name}'")


def no_script(name: str) -> ApiError:
    return ApiError(404, NOT_FOUND, f"This Worker does not exist on your account: '{name}'.")
