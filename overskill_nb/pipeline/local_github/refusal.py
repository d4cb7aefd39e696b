"""Errors as GitHub words them."""

from __future__ import annotations

from typing import Any

DOCUMENTATION = "https://docs.github.com/rest"


class ApiError(Exception):
    """An answer other than the one that was asked for."""

    def __init__(self, status: int, message: str, errors: list[dict[str, Any]] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors

    def body(self) -> dict[str, Any]:
        told: dict[str, Any] = {"message": self.message}
        if self.errors is not None:
            told["errors"] = self.errors
        return {**told, "documentation_url": DOCUMENTATION, "status": str(self.status)}


def not_found() -> ApiError:
    """Nothing is there, or nothing that the token may see."""
    return ApiError(404, "Not Found")


def invalid(resource: str, field: str, message: str, code: str = "custom") -> ApiError:
    """A value that cannot be taken."""
    problem = {"resource": resource, "field": field, "code": code, "message": message}
    return ApiError(422, "Validation Failed", [problem])
