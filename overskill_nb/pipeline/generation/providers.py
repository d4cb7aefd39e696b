"""From a model's specification to what pydantic-ai asks. All that is heavy is imported here, and when it is used."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ... import config
from ...errors import ModelError
from .model_spec import ModelSpec

if TYPE_CHECKING:
    from pydantic_ai.models import Model

INSTALL = "pip install 'pydantic-ai-slim[anthropic,openai]'"
OLLAMA = "http://localhost:11434/v1"
NO_KEY = "none"
"""What is sent where a server of one's own asks for no key."""


def model(spec: ModelSpec, address: str = "", environment: Mapping[str, str] = os.environ) -> Model[Any]:
    """What pydantic-ai asks. ``address`` is where a model's file is served. Raises ModelError."""
    _quiet()
    try:
        return _MAKERS[spec.kind](spec, address, environment)
    except ImportError as error:
        if sys.version_info < (3, 11):
            raise ModelError("Models can be asked from Python 3.11 on.") from error
        raise ModelError(f"Asking '{spec.shown}' needs a package that is not installed: run `{INSTALL}`.") from error


def _anthropic(spec: ModelSpec, _address: str, environment: Mapping[str, str]) -> Model[Any]:
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    key = _key(spec, environment, "ANTHROPIC_API_KEY")
    base = environment.get("ANTHROPIC_BASE_URL") or None
    return AnthropicModel(spec.name, provider=AnthropicProvider(api_key=key, base_url=base))


def _openai(spec: ModelSpec, _address: str, environment: Mapping[str, str]) -> Model[Any]:
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    key = _key(spec, environment, "OPENAI_API_KEY")
    base = environment.get("OPENAI_BASE_URL") or None
    return OpenAIChatModel(spec.name, provider=OpenAIProvider(api_key=key, base_url=base))


def _ollama(spec: ModelSpec, _address: str, environment: Mapping[str, str]) -> Model[Any]:
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.ollama import OllamaProvider

    base = environment.get("OLLAMA_BASE_URL") or OLLAMA
    return OpenAIChatModel(
        spec.name, provider=OllamaProvider(base_url=base, api_key=environment.get("OLLAMA_API_KEY") or NO_KEY)
    )


def _compatible(spec: ModelSpec, address: str, environment: Mapping[str, str]) -> Model[Any]:
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    # A key for somebody else's service is never sent to this one.
    key = environment.get(config.MODEL_KEY) or NO_KEY
    provider = OpenAICompatibleProvider("compatible", base_url=address or spec.address, api_key=key)
    return OpenAIChatModel(spec.name, provider=provider)


def _other(spec: ModelSpec, _address: str, _environment: Mapping[str, str]) -> Model[Any]:
    from pydantic_ai.exceptions import UserError
    from pydantic_ai.models import infer_model

    try:
        return infer_model(spec.name)
    except (UserError, ValueError) as error:
        raise ModelError(f"'{spec.name}' cannot be asked: {_sentence(str(error))}") from error


_MAKERS: dict[str, Callable[[ModelSpec, str, Mapping[str, str]], Model[Any]]] = {
    "anthropic": _anthropic,
    "openai": _openai,
    "ollama": _ollama,
    "address": _compatible,
    "file": _compatible,
    "other": _other,
}


def _key(spec: ModelSpec, environment: Mapping[str, str], name: str) -> str:
    key = environment.get(name, "").strip()
    if not key:
        raise ModelError(f"There is no key for '{spec.shown}': set {name}, or name another model.")
    return key


def _quiet() -> None:
    """Nothing of a library's own goes to the notebook."""
    os.environ.setdefault("PYDANTIC_AI_NO_BANNER", "1")


def _sentence(text: str) -> str:
    first = text.strip().splitlines()[0] if text.strip() else "no reason was given"
    return first if first.endswith(".") else f"{first}."
