"""The live preview of an app or of one of its components."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import traitlets

from .. import config, values
from ..errors import BuildError
from ..handover import Handover
from ..protocol import Diagnostic, Prepared
from ..shown import NAME, Shown, keep
from . import bundle
from .linked import LinkedWidget

if TYPE_CHECKING:
    from ..session import Session

log = logging.getLogger(__name__)

Device = Literal["", "phone", "tablet", "desktop"]
Handler = Callable[..., Any]

MAX_CONSOLE = 1000
"""Lines of the console kept for ``preview.console``; older ones go first."""


class Preview(LinkedWidget):
    """A live preview. It follows every change of the app; ``props`` are live in both senses.

    ``height`` is in pixels, 0 for the content's own; ``device`` one of "", "phone", "tablet", "desktop".
    Made by ``App.preview`` and ``%%component``.
    """

    title = traitlets.Unicode("", read_only=True).tag(sync=True)
    target = traitlets.Dict(read_only=True).tag(sync=True)
    props = traitlets.Any().tag(sync=True)
    functions = traitlets.List(traitlets.Unicode(), read_only=True).tag(sync=True)
    height = traitlets.Int(0, min=0, max=20000).tag(sync=True)
    device = traitlets.Enum(["", "phone", "tablet", "desktop"], default_value="").tag(sync=True)
    allow = traitlets.List(traitlets.Unicode(), read_only=True).tag(sync=True)
    problems: traitlets.List[dict[str, Any]] = traitlets.List(read_only=True).tag(sync=True)
    recording = traitlets.Unicode("", read_only=True).tag(sync=True)
    """The name under which what a person does is written down at Python's word; empty where it is not."""

    def __init__(
        self,
        session: Session,
        *,
        app: str,
        name: str,
        target: str,
        export: str,
        props: Mapping[str, Any],
        height: int,
        device: Device,
        allow: Sequence[str],
        folder: Path | None = None,
    ) -> None:
        self._folder = folder or Path(name)
        self._handlers: dict[str, list[Handler]] = {}
        self._lock = threading.Lock()
        self._status = "waiting"
        self._errors: list[Diagnostic] | None = None
        self._console: list[dict[str, Any]] = []
        self.recorded_steps: list[dict[str, Any]] = []
        """What was written down until now, as the page says it."""
        super().__init__(session, view="preview", app=app, name=name, props=dict(props), height=height, device=device)
        self.set_trait("allow", list(allow))
        self.aim(target, export)

    def aim(self, module: str, export: str) -> None:
        """Show another target: a module's export, or the whole app where the module is empty."""
        self.set_trait("target", {"module": module, "export": export})
        component = export if export not in ("", "default") else module.rpartition("/")[2].partition(".")[0]
        self.set_trait("title", f"{self.name} · {component}" if module else self.name)

    def take(self, prepared: Prepared) -> None:
        """What the engine knew when the preview was prepared: its exact target, and the problems of the sources."""
        if prepared.module:
            self.aim(prepared.module, prepared.export)
        self._set_problems(prepared.diagnostics)

    def show_problems(self, problems: Sequence[Diagnostic]) -> None:
        """What is wrong with the sources, for a page that has not heard from the engine yet."""
        with self._lock:
            self._errors = None  # what was reported before is of another version
        self._set_problems(problems)

    def _set_problems(self, problems: Sequence[Diagnostic]) -> None:
        self.set_trait("problems", [msgspec.to_builtins(problem) for problem in problems])

    # ------------------------------------------------------------------------------------------------- Python

    @traitlets.validate("props")
    def _plain_props(self, proposal: Mapping[str, Any]) -> dict[str, Any]:
        return values.as_props(proposal["value"])

    def on(self, name: str, handler: Handler) -> Callable[[], None]:
        """Call ``handler`` when the component calls its function prop of this name; returns what takes that back.

        ``on("submit", f)`` gives the component both ``submit`` and ``onSubmit``. The handler gets the call's
        arguments as plain data, an event as a dict with ``type`` and ``value``; what it returns is what the
        component's call resolves to.
        """
        if not callable(handler):
            raise TypeError(f"the handler of '{name}' is a {type(handler).__name__}, not a function")
        with self._lock:
            self._handlers.setdefault(name, []).append(handler)
            self.set_trait("functions", sorted(self._handlers))

        def remove() -> None:
            with self._lock:
                if handler in self._handlers.get(name, []):
                    self._handlers[name].remove(handler)
                if not self._handlers.get(name):
                    self._handlers.pop(name, None)
                self.set_trait("functions", sorted(self._handlers))

        return remove

    @property
    def status(self) -> str:
        """``waiting`` before a browser shows the preview; then ``loading``, ``building``, ``live``, ``error`` or
        ``disconnected``."""
        return self._status

    @property
    def errors(self) -> list[Diagnostic]:
        """The problems on screen now: build errors, and errors at run time mapped back to the sources."""
        with self._lock:
            if self._errors is not None:
                return list(self._errors)
        return [msgspec.convert(problem, Diagnostic) for problem in self.problems]

    @property
    def console(self) -> list[dict[str, Any]]:
        """What the app wrote to its console: dicts with ``level``, ``text``, ``count`` and ``time`` (Unix ms)."""
        with self._lock:
            return list(self._console)

    def reload(self) -> None:
        """Start the preview anew; its state is lost."""
        self.send({"type": "command", "command": "reload"})

    def to_html(self, path: str | Path) -> Path:
        """Write a page that shows this preview live, with its props as they are: one file, with no need of a notebook,
        a server or a network. What Python functions answered is not answered there.

        Raises BuildError where the sources do not compile.
        """
        shown = self._shown()
        page = Handover(bundle.handover())
        [taken] = page.take(self._session, self.app, [shown])
        if isinstance(taken, str):
            raise BuildError(taken, self.errors)
        file = Path(path).expanduser()
        file.write_text(page.page(taken), "utf-8")
        return file

    def _shown(self) -> Shown:
        """What it takes to show it elsewhere."""
        try:
            folder = Path(os.path.relpath(self._folder, config.find_workspace(Path.cwd()))).as_posix()
        except ValueError:  # on another drive
            folder = self._folder.name
        return Shown(
            folder=folder,
            title=self.title,
            module=self.target["module"].partition("?")[0],  # of an editor its page
            export=self.target["export"],
            props=self.props,
            functions=self.functions,
            allow=self.allow,
            height=self.height,
            device=self.device,
        )

    def _repr_mimebundle_(self, **given: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_(**given) or ({}, {})
        return data, {**metadata, NAME: keep(self._shown())}

    def record(self, name: str) -> None:
        """Begin to write down what a person does, under a name; end it, and forget it, where that is empty."""
        self.recorded_steps = []
        self.set_trait("recording", "")
        self.set_trait("recording", name)

    @traitlets.default("props")
    def _no_props(self) -> dict[str, Any]:
        return {}

    def __repr__(self) -> str:
        return f"Preview({self.title})"

    # ------------------------------------------------------------------------------------------------ browser

    def _said(self, kind: str, content: dict[str, Any]) -> None:
        if kind == "invoke":
            self._invoke(content)
        elif kind == "report":
            self._reported(content)
        elif kind == "steps":
            self._stepped(content)

    def _invoke(self, content: dict[str, Any]) -> None:
        with self._lock:
            handlers = list(self._handlers.get(content["name"], []))
        answer: dict[str, Any] = {"type": "returned", "id": content["id"]}
        try:
            value: Any = None
            for handler in handlers:
                value = handler(*content["args"])
            answer["value"] = values.as_props({"value": value})["value"]
        except Exception as error:
            log.exception("the handler of '%s' failed", content["name"])
            answer["error"] = f"{type(error).__name__}: {error}"
            show_exception()
        self.send(answer)

    def _stepped(self, content: dict[str, Any]) -> None:
        self.recorded_steps = [step for step in content["steps"] if isinstance(step, dict)]
        if not content.get("keep"):
            return
        from ..recorder import Recorder

        answer: dict[str, Any] = {"type": "recorded", "failed": False}
        try:
            made = Recorder.of_preview(self._session, self, str(content["name"])).take(self.recorded_steps)
            answer["text"] = repr(made)
        except Exception as error:
            log.info("a recording could not be kept", exc_info=True)
            answer |= {"failed": True, "text": str(error)}
        else:
            self.record("")  # not before: what could not be kept is there still, under another name, say
        self.send(answer)

    def _reported(self, content: dict[str, Any]) -> None:
        with self._lock:
            self._status = str(content.get("status", self._status))
            if content.get("errors") is not None:
                self._errors = [msgspec.convert(error, Diagnostic) for error in content["errors"]]
            if lines := content.get("console"):
                self._console = [*self._console, *lines][-MAX_CONSOLE:]


def show_exception() -> None:
    """Show a handler's exception where a notebook shows those of callbacks."""
    try:
        from IPython import get_ipython

        shell = get_ipython()
    except ImportError:
        return
    if shell is not None:
        shell.showtraceback()
