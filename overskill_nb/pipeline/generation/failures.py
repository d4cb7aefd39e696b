"""What goes wrong between here and a model, each in one sentence."""

from __future__ import annotations

import re

from ...errors import GenerationError, ModelError, OverskillError
from .model_spec import ModelSpec

_BROKEN = re.compile(r"RemoteProtocol|ReadError|IncompleteRead|peer closed|incomplete")


def meaning(error: Exception, spec: ModelSpec) -> OverskillError:
    """The error to raise for what pydantic-ai, or a provider's client, raised."""
    from pydantic_ai import exceptions as e

    who = f"'{spec.shown}'"
    said = _said(error)
    status = int(getattr(error, "status_code", 0) or 0)
    after = getattr(error, "retry_after", None)

    def failed(message: str, *, temporary: bool = False) -> ModelError:
        return ModelError(message, status=status, temporary=temporary, retry_after=after)

    if isinstance(error, OverskillError):
        return error
    if isinstance(error, e.ModelAuthenticationError):
        return failed(f"The key for {who} was refused: check it, and that it may use this model.")
    if isinstance(error, e.ModelNotFoundError):
        return failed(f"There is no model {who} at its provider: check the name.{said}")
    if isinstance(error, e.ModelContextWindowExceededError):
        return failed(f"The prompt and what belongs to it are longer than {who} reads: give less context.")
    if isinstance(error, e.ModelQuotaExceededError):
        return failed(f"The account of {who} has no credit left.{said}")
    if isinstance(error, e.ModelRateLimitError):
        wait = f" in {after:.0f} seconds" if after else " later"
        return failed(f"{who} refused the request for being too many: try again{wait}.", temporary=True)
    if isinstance(error, (e.ModelTimeoutError, e.ModelRequestTimeout)):
        return failed(f"{who} did not answer in time.", temporary=True)
    if isinstance(error, e.ModelConnectionError):
        if getattr(error, "in_stream", False) or _began(error):
            return failed(f"The connection to {who} broke off in the middle of the answer.", temporary=True)
        return failed(f"{who} cannot be reached: check that it runs, and the network.", temporary=True)
    if isinstance(error, (e.ModelUnavailableError, e.ModelServerError)):
        return failed(f"The service of {who} is overloaded or out of order: try again later.{said}", temporary=True)
    if isinstance(error, e.ModelRequestRejectedError):
        return failed(f"{who} refused the request.{said}")
    if isinstance(error, e.ContentFilterError):
        return GenerationError(f"{who} declined to answer this prompt.")
    if isinstance(error, e.UsageLimitExceeded):
        return GenerationError(f"The generation used up its budget: {_first(str(error))}")
    if isinstance(error, e.OutputTokenLimitExceeded):
        return GenerationError(f"The answer of {who} is longer than it may be, and ends in the middle.")
    if isinstance(error, e.UnexpectedModelBehavior):
        return GenerationError(f"{who} gave no answer that can be used: {_first(str(error))}")
    if isinstance(error, e.ModelAPIError):
        temporary = status >= 500 or status in {408, 429}
        return failed(f"{who} failed{f' ({status})' if status else ''}.{said}", temporary=temporary)
    if isinstance(error, e.UserError):
        return failed(f"{who} cannot be asked: {_first(str(error))}")
    name = type(error).__name__
    if re.search(r"Protocol|Read|Connect|Network|Incomplete|Closed", name):
        return failed(f"The connection to {who} broke off in the middle of the answer.", temporary=True)
    return failed(f"{who} failed: {name}: {_first(str(error))}")


def _began(error: BaseException) -> bool:
    """Whether a cause says that the answer had begun."""
    cause: BaseException | None = error
    while cause is not None:
        if re.search(
            r"RemoteProtocol|ReadError|IncompleteRead|peer closed|incomplete", f"{type(cause).__name__} {cause}"
        ):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _said(error: Exception) -> str:
    """What the service itself said, where it said something."""
    body = getattr(error, "body", None)
    if isinstance(body, dict):
        inner = body.get("error", body)
        message = inner.get("message") if isinstance(inner, dict) else inner
        if isinstance(message, str) and message.strip():
            return f" It said: {_first(message)}"
    return ""


def _first(text: str) -> str:
    line = text.strip().splitlines()[0][:300] if text.strip() else "no reason was given"
    return _without_keys(line if line.endswith((".", "!", "?")) else f"{line}.")


def _without_keys(text: str) -> str:
    """Services repeat a part of a key that they refuse."""
    return re.sub(r"\b(?:sk|pk|key|api)[-_][\w*.-]{6,}", "…", text)
