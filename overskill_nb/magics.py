"""%%component, %%source, %%generate and %overskill: parse a cell, then call App."""

from __future__ import annotations

import ast
import json
import os
import shlex
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring
from IPython.display import display

from . import config
from .app import App
from .errors import AppError
from .generation import checked_mode, mode

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


@magics_class
class OverskillMagics(Magics):
    """The cell magics of overskill_nb."""

    @magic_arguments()
    @argument("name", help="the component's name, such as TipCalculator")
    @argument("--app", help="the app: a Python variable or an open app's name; by default the one opened last")
    @argument("--path", help="the file to write; by default the component's own, or src/components/<name>.tsx")
    @argument("--props", help="props: JSON, a Python expression in quotes, or a variable's name")
    @argument("--height", type=int, help="height of the preview in pixels; by default that of its content")
    @cell_magic
    def component(self, line: str, cell: str) -> None:
        """Write a React component, compile it and show it live.

        Running the cell again changes every open preview of the component in place; its state is kept.
        """
        options = parse_argstring(self.component, line)
        app = self._app(options.app)
        app.component(
            options.name,
            cell,
            path=options.path,
            props=self._props(options.props),
            height=options.height,
            display=display,
        )

    @magic_arguments()
    @argument("path", help="the file to write, such as src/lib/money.ts")
    @argument("--app", help="the app: a Python variable or an open app's name; by default the one opened last")
    @cell_magic
    def source(self, line: str, cell: str) -> None:
        """Write any file of an app; previews follow."""
        options = parse_argstring(self.source, line)
        self._app(options.app).source(options.path, cell)

    @magic_arguments()
    @argument("name", help="the component's name, such as PricingCard; one that is there is changed")
    @argument("--model", default="", help="such as anthropic:…, openai:…, ollama:…, an address, or a .gguf file")
    @argument("--app", help="the app: a Python variable or an open app's name; by default the one opened last")
    @argument("--path", default="", help="the file to write; by default the component's own")
    @argument("--context", default="", help="files, tables, images, values: paths and variables, with commas between")
    @argument("--attempts", type=int, default=0, help="how many versions at most")
    @argument("--tokens", type=int, default=0, help="how many tokens at most, in and out")
    @argument("--seconds", type=float, default=0.0, help="how long at most")
    @argument("--money", type=float, default=0.0, help="how many US dollars at most, where the price is known")
    @argument("--propose", action="store_true", help="do not write what passed before Keep is pressed")
    @cell_magic
    def generate(self, line: str, cell: str) -> None:
        """Have a model write a React component, or change it; the cell is the prompt.

        What passed the check is kept, and shown live. Interrupting the cell stops it at once.
        """
        options = parse_argstring(self.generate, line)
        self._app(options.app).generate(
            cell,
            options.name,
            path=options.path,
            model=_unquoted(options.model),
            context=self._context(options.context),
            attempts=options.attempts,
            tokens=options.tokens,
            seconds=options.seconds,
            money=options.money,
            keep=not options.propose,
        )

    @line_magic
    def overskill(self, line: str) -> Any:
        """``%overskill doctor`` says which engine this notebook talks to, why, and what is missing.

        ``%overskill mode replay`` has recordings answer in place of models; the modes are auto, record, replay and
        live. ``%overskill mode`` says which it is.
        """
        words = shlex.split(line)
        if words == ["doctor"]:
            from .checkup import doctor

            return doctor()
        if words == ["mode"]:
            return mode() or "auto"
        if len(words) == 2 and words[0] == "mode":
            os.environ[config.MODE] = checked_mode(words[1])
            return None
        raise UsageError("%overskill knows: doctor, mode, and mode auto, record, replay or live")

    def _app(self, named: str | None) -> App:
        if named is None:
            if App.current is None:
                raise AppError('No app is open yet; run `import overskill_nb as ov; app = ov.App("tips")` first.')
            return App.current
        value = self._shell.user_ns.get(named)
        if isinstance(value, App):
            return value
        if value is not None:
            raise AppError(f"The variable '{named}' is a {type(value).__name__}, not an App.")
        return App.named(named)

    def _context(self, text: str) -> dict[str, Any]:
        """Values by name: a variable's where there is one of that name, else a path."""
        names = [name.strip() for name in _unquoted(text).split(",") if name.strip()]
        return {name: self._shell.user_ns.get(name, name) for name in names}

    def _props(self, text: str | None) -> Any:
        if text is None:
            return None
        text = _unquoted(text.strip())
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            pass
        try:
            return self._shell.ev(text)
        except Exception as error:
            raise UsageError(f"--props is neither JSON nor a Python expression: {text} ({error})") from error

    @property
    def _shell(self) -> InteractiveShell:
        assert self.shell is not None
        return self.shell


def _unquoted(text: str) -> str:
    """IPython leaves the quotes around an option's value."""
    return str(ast.literal_eval(text)) if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text
