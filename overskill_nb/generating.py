"""Generating: what an app has written, changed, mended and explained by a model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from . import context as material
from . import protocol_generation as wire
from .diagnostics import errors as failures
from .errors import GenerationError
from .generation import Generation, asking
from .notebook import in_notebook
from .protocol import Files, ListFiles
from .variants import Variants

if TYPE_CHECKING:
    from .protocol import Diagnostic
    from .session import Session
    from .widgets.preview import Preview

APP = "src/App.tsx"
MOST_VARIANTS = 8
_WORDS_BEFORE = re.compile(
    r"(?<![\w-])(?:with|without|that|which|for|of|where|whose|who|having|containing|showing|from|to|in|on|and|or)(?![\w-])|[^\w\s'-]"
)
_NO_NAME = {
    "a",
    "an",
    "the",
    "some",
    "make",
    "create",
    "write",
    "build",
    "generate",
    "add",
    "me",
    "please",
    "component",
}


class Generating:
    """What is done with an app by prompt."""

    id: str
    name: str
    _session: Session
    _previews: dict[str, Preview]

    if TYPE_CHECKING:
        # App has them.
        def _call(self, request: Any, expect: type[Any]) -> Any: ...
        def read(self, path: str) -> str: ...
        def preview(self, target: str = "") -> Preview: ...

    def generate(
        self,
        prompt: str,
        name: str = "",
        *,
        path: str = "",
        model: str = "",
        context: object = None,
        attempts: int = 0,
        tokens: int = 0,
        seconds: float = 0.0,
        money: float = 0.0,
        keep: bool = True,
    ) -> Generation:
        """Have a model write a component (``name``), or change it where there is one; without a name, the app.

        What passed the check is kept, all else leaves the files as they are; ``keep=False`` proposes only. ``model``
        is such as ``"anthropic:…"``, by default the one in ``OVERSKILL_MODEL``. ``context`` are further files of the
        app, tables, images or values. ``attempts``, ``tokens``, ``seconds`` and ``money`` (US dollars) limit what it
        takes; 0 is the default of each.

        Waits for the end; a notebook shows how it goes. Raises GenerationError or ModelError.
        """
        budget = wire.Budget(attempts=attempts, tokens=tokens, seconds=seconds, money=money)
        given: dict[str, Any] = {"app": self.id, "prompt": _prompt(prompt), "budget": budget, "keep": keep}
        given |= asking(model) | self._read(context).fields
        if not name:
            return self._generation(wire.GenerateApp(**given))
        made = self._generation(wire.GenerateComponent(name=name, path=path, **given), wait=False)
        shown = self._show_preview(path or name) if in_notebook() and self._exists(name, path) else None
        made.wait()
        if shown is None and in_notebook() and made.status == "kept":
            self._show_preview(next(iter(made.files), name))
        return made

    def ask(self, question: str, *, model: str = "", context: object = None) -> Generation:
        """Ask a model about the app; nothing is changed. ``answer`` of what is given is what it said."""
        given: dict[str, Any] = (
            {"app": self.id, "question": _prompt(question)} | asking(model) | self._read(context).fields
        )
        return self._generation(wire.AskModel(**given))

    def fix(self, *, model: str = "", attempts: int = 0, keep: bool = True) -> Generation:
        """Have a model mend the errors on screen: of the sources, and those that previews report.

        Where no page reports any, what was previewed is rendered once to see.
        """
        errors = [found for preview in self._previews.values() for found in preview.errors]
        if not failures(errors):
            errors = [found for target in self._previews or (APP,) for found in self._check(target)]
        request = wire.FixApp(
            app=self.id, errors=_distinct(errors), budget=wire.Budget(attempts=attempts), keep=keep, **asking(model)
        )
        return self._generation(request)

    def variants(self, prompt: str, name: str = "", *, n: int = 3, model: str = "", context: object = None) -> Variants:
        """Have ``n`` answers to one prompt, side by side; ``choose`` makes one of them the component.

        ``name`` is the component's; by default what the prompt's first words say. One that is there is changed in
        each, and stays what it is until one is chosen.
        """
        if not 1 <= n <= MOST_VARIANTS:
            raise GenerationError(f"variants() makes 1 to {MOST_VARIANTS} variants, not {n}.")
        given: dict[str, Any] = {"prompt": _prompt(prompt)} | asking(model) | self._read(context).fields
        made = Variants(self, name or component_name(prompt))
        made.make(n, given)
        return made

    def _check(self, target: str) -> list[Diagnostic]:
        found: wire.CheckInfo = self._call(wire.CheckFiles(app=self.id, target=target or APP), wire.CheckInfo)
        return failures(found.diagnostics)

    def _generation(self, request: Any, *, wait: bool = True) -> Generation:
        made = Generation(self._session, self._call(request, wire.GenerationInfo).generation)
        if in_notebook():
            made.show()
        return made.wait() if wait else made

    def _read(self, context: object) -> material.Context:
        if context is None:
            return material.read(None, ())
        return material.read(context, self._call(ListFiles(app=self.id), Files).paths)

    def _exists(self, name: str, path: str) -> bool:
        paths = self._call(ListFiles(app=self.id), Files).paths
        return path in paths if path else any(re.search(rf"(?:^|/){re.escape(name)}\.[jt]sx$", one) for one in paths)

    def _show_preview(self, target: str) -> Preview:
        from IPython.display import display

        preview = self.preview(target)
        display(preview)  # type: ignore[no-untyped-call]
        return preview


def component_name(prompt: str) -> str:
    """A component's name from the first words of a prompt. Raises GenerationError where they give none."""
    first = _WORDS_BEFORE.split(prompt.strip().lower(), maxsplit=1)[0]
    words = [word for word in re.findall(r"[a-z][a-z0-9]*", first) if word not in _NO_NAME][:3]
    if not words:
        raise GenerationError("The prompt's first words give no name: say it, as in variants(prompt, 'PricingCard').")
    return "".join(word.capitalize() for word in words)


def _prompt(text: object) -> str:
    if not isinstance(text, str):
        raise GenerationError(f"A prompt is a str, not a {type(text).__name__}.")
    return text


def _distinct(errors: list[Diagnostic]) -> list[Diagnostic]:
    out: list[Diagnostic] = []
    for error in errors:
        if error not in out:
            out.append(error)
    return out[:20]


__all__ = ["Generating"]
