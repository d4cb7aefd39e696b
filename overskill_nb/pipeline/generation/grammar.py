"""What a small model may write, as llama.cpp's grammar: one file, its imports from what there is, its default export.

A model that cannot name a package that is not there, or forget the export, need not be told of either.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

import httpx

from .model_spec import ModelSpec
from .prompts import specifier
from .surroundings import Surroundings

BEGINNING = 'import { useState } from \\"react\\";\\n'
"""A small model that begins to import goes on with what does not exist, or with comments in its place. What else of
React it uses is imported for it, and this is taken out where it is not used: ``js/src/worker/repair/``."""


def of_file(name: str, around: Surroundings) -> str:
    """The grammar of a component's file. ``name`` is its default export; empty where that is not asked for."""
    sources = " | ".join(f'"{source}"' for source in importable(around, name) if source != "react")
    imports = " other{0,6}" if sources else ""
    body = "before* export line*" if name else "line+"
    rules = f"""\
root ::= "```tsx\\n{BEGINNING}"{imports} "\\n" {body} "```"
export ::= "export default function {name or "Component"}(" [^\\n]* "\\n"
before ::= "\\n" | [^i`/\\n] rest | "i" [^m\\n] rest
line ::= "\\n" | [^i`\\n] rest | "i" [^m\\n] rest
rest ::= [^\\n]* "\\n"
"""
    if sources:
        rules += f"""\
other ::= "import " [^"'`;\\n]+ " from " (["] source ["] | ['] source [']) ";"? "\\n"
source ::= {sources}
"""
    return rules


def importable(around: Surroundings, name: str = "") -> Sequence[str]:
    """Everything that an import may name."""
    own = {one.path for one in around.components if one.name not in {name, "App"}}
    own |= {one.path for one in around.helpers}
    packages = sorted({"react", *around.packages} - {"react-dom"})
    return [*packages, *sorted({specifier(path, around) for path in own})]


async def understood(spec: ModelSpec, address: str) -> bool:
    """Whether the server of a model takes grammars: llama.cpp's does."""
    if spec.kind == "file":
        return True
    if spec.kind != "address":
        return False
    parts = urlsplit(address or spec.address)
    try:
        async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
            answer = await client.get(f"{parts.scheme}://{parts.netloc}/props")
            return answer.status_code == 200 and "default_generation_settings" in answer.json()
    except (httpx.HTTPError, ValueError):
        return False
