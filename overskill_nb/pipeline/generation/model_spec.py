"""What a user calls a model, read: ``anthropic:…``, ``openai:…``, ``ollama:…``, an address, or a GGUF file."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from ... import config
from ...errors import ModelError
from .families import Family, family

Kind = Literal["anthropic", "openai", "ollama", "address", "file", "other"]

_FORMS = (
    "give one such as 'anthropic:<name>', 'openai:<name>', 'ollama:<name>', 'http://localhost:8080/v1#<name>' or "
    "the path of a .gguf file"
)


class ModelSpec(NamedTuple):
    """A model that can be asked."""

    kind: Kind
    name: str
    address: str
    """Base URL or path; empty for the provider's own."""

    @property
    def shown(self) -> str:
        """For recordings and people: without a path of this machine, without a password."""
        if self.kind == "file":
            return f"file:{Path(self.address).name}"
        if self.kind == "address":
            parts = urlsplit(self.address)
            host = parts.hostname or ""
            port = f":{parts.port}" if parts.port else ""
            return f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}#{self.name}"
        return self.name if self.kind == "other" else f"{self.kind}:{self.name}"

    @property
    def family(self) -> Family:
        return family(self.name)


def read(spec: str, environment: Mapping[str, str] = os.environ) -> ModelSpec:
    """The model that a specification names, or the environment's where it is empty. Raises ModelError."""
    spec = spec.strip() or environment.get(config.MODEL, "").strip()
    if not spec:
        raise ModelError(f"No model was named: {_FORMS}, with --model or in {config.MODEL}.")
    if spec.startswith(("http://", "https://")):
        address, _, name = spec.partition("#")
        if not urlsplit(address).hostname:
            raise ModelError(f"'{spec}' is no address of a model: {_FORMS}.")
        return ModelSpec("address", name or "default", address.rstrip("/"))
    if spec.lower().endswith(".gguf"):
        path = Path(spec).expanduser()
        if not path.is_file():
            raise ModelError(f"There is no model file '{spec}'.")
        return ModelSpec("file", path.stem, str(path.resolve()))
    match = re.fullmatch(r"([a-z][a-z0-9_-]*):(\S+)", spec)
    if not match:
        raise ModelError(f"'{spec}' names no model: {_FORMS}.")
    provider, name = match[1], match[2]
    if provider == "anthropic":
        return ModelSpec("anthropic", name, "")
    if provider == "openai":
        return ModelSpec("openai", name, "")
    if provider == "ollama":
        return ModelSpec("ollama", name, "")
    return ModelSpec("other", spec, "")


def name_only(spec: str) -> str:
    """What recordings call a model that a request names; it need not be there. Raises ModelError."""
    spec = spec.strip()
    if not spec:
        return ""
    if spec.lower().endswith(".gguf") and not spec.startswith(("http://", "https://")):
        return ModelSpec("file", Path(spec).stem, spec).shown
    return read(spec).shown
