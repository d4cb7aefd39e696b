"""%%component, %%source and %overskill: parse a cell, then call App."""

from __future__ import annotations

import ast
import json
import shlex
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring
from IPython.display import display

from .app import App
from .errors import AppError

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

    @line_magic
    def overskill(self, line: str) -> Any:
        """``%overskill doctor`` says which engine this notebook talks to, why, and what is missing."""
        words = shlex.split(line)
        if words != ["doctor"]:
            raise UsageError("%overskill knows one word: doctor")
        from .checkup import doctor

        return doctor()

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

    def _props(self, text: str | None) -> Any:
        if text is None:
            return None
        text = text.strip()
        if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
            text = str(ast.literal_eval(text))
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
