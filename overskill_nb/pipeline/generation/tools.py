"""What a model may do: read, search, write and edit the draft, have it checked, look at what is on screen."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from ...errors import OverskillError
from .check import Checked
from .draft import Draft
from .ports import AppPort, BrowserPort
from .prompts import data, told

if TYPE_CHECKING:
    from pydantic_ai.tools import Tool

MAX_READ = 60_000
KNOWN_PACKAGES = frozenset(
    {
        "@dnd-kit/core",
        "@dnd-kit/sortable",
        "@floating-ui/react",
        "@headlessui/react",
        "@heroicons/react",
        "@react-three/drei",
        "@react-three/fiber",
        "@tanstack/react-query",
        "@tanstack/react-table",
        "canvas-confetti",
        "chart.js",
        "class-variance-authority",
        "clsx",
        "cmdk",
        "d3",
        "date-fns",
        "dayjs",
        "embla-carousel-react",
        "framer-motion",
        "fuse.js",
        "immer",
        "jotai",
        "leaflet",
        "lodash-es",
        "lucide-react",
        "motion",
        "nanoid",
        "papaparse",
        "react-chartjs-2",
        "react-day-picker",
        "react-hook-form",
        "react-leaflet",
        "react-markdown",
        "react-router",
        "react-router-dom",
        "recharts",
        "sonner",
        "tailwind-merge",
        "three",
        "vaul",
        "zod",
        "zustand",
    }
)
"""What a model may have installed without the user's act; also all of ``@radix-ui``."""


class Toolbox:
    """The tools of one generation."""

    def __init__(
        self,
        app: AppPort,
        draft: Draft,
        check: Callable[[], Awaitable[Checked]],
        browser: BrowserPort | None,
        *,
        sees: bool = True,
    ):
        """``sees``: whether the model takes pictures."""
        self._app = app
        self._draft = draft
        self._check = check
        self._browser = browser
        self._sees = sees

    def tools(self, *, writing: bool = True) -> Sequence[Tool[None]]:
        """Those that fit what is asked for. Without ``writing`` nothing can be changed."""
        from pydantic_ai.tools import Tool

        named: list[Callable[..., Awaitable[Any]]] = [self.list_files, self.read_file, self.search, self.read_errors]
        if writing:
            named += [self.write_file, self.edit_file, self.delete_file, self.add_dependency, self.check]
        if self._browser is not None:
            named += [self.read_console, self.accessible_text, *([self.screenshot] if self._sees else [])]
        return [Tool(_refusing(one), takes_ctx=False) for one in named]

    async def list_files(self) -> str:
        """List the app's files."""
        return "\n".join(self._draft.paths()[:500])

    async def read_file(self, path: str) -> str:
        """Read a file of the app.

        Args:
            path: Relative to the app's folder, such as src/App.tsx.
        """
        text = self._draft.read(path)
        return data(path, text if len(text) <= MAX_READ else f"{text[:MAX_READ]}\n… (cut off)")

    async def search(self, text: str) -> str:
        """Find the lines of the app's files that hold a text, whatever its case.

        Args:
            text: What to look for.
        """
        found = self._draft.search(text)
        return data(f"search: {text[:60]}", "\n".join(found)) if found else "Nothing holds that text."

    async def write_file(self, path: str, content: str) -> str:
        """Write a whole file: a new one, or in place of what is there.

        Args:
            path: Relative to the app's folder, such as src/components/Card.tsx.
            content: All of the file.
        """
        self._draft.write(path, content)
        return "Written."

    async def edit_file(self, path: str, old: str, new: str) -> str:
        """Replace one place of a file.

        Args:
            path: Relative to the app's folder.
            old: The text that stands there, with enough around it to stand there once.
            new: What to put in its place.
        """
        self._draft.edit(path, old, new)
        return "Edited."

    async def delete_file(self, path: str) -> str:
        """Take a file away.

        Args:
            path: Relative to the app's folder.
        """
        self._draft.delete(path)
        return "Deleted."

    async def add_dependency(self, package: str) -> str:
        """Install an npm package that is commonly used with React. Others only the user can install.

        Args:
            package: Its name, such as date-fns.
        """
        if package not in KNOWN_PACKAGES and not package.startswith("@radix-ui/"):
            return f"'{package}' is not on the list of packages that may be installed; do without it."
        await self._app.add_package(package)
        return "Installed."

    async def check(self) -> str:
        """Compile and render what is written until now, and use its controls once. Says what fails."""
        checked = await self._check()
        if not checked.passed:
            return "It fails:\n" + "\n".join(f"- {told(error)}" for error in checked.errors[:8])
        warnings = "\n".join(f"- {told(warning)}" for warning in checked.warnings[:5])
        said = f"\nWarnings:\n{warnings}" if warnings else ""
        return f"It compiles and renders. What a screen reader finds in it:\n{checked.text}{said}"

    async def read_errors(self) -> str:
        """Read what the app's sources, and its open previews, report at present."""
        found, silence = list(self._app.diagnostics), ""
        if self._browser is not None:
            try:
                found += await self._browser.errors()
            except OverskillError as error:
                silence = f"\n{error}"
        said = "\n".join(told(one) for one in found[:20])
        return (data("errors", said) if said else "There are no errors.") + silence

    async def read_console(self) -> str:
        """Read what the preview in the browser printed to its console."""
        assert self._browser is not None
        return data("console", "\n".join((await self._browser.console())[-100:]))

    async def accessible_text(self) -> str:
        """Read what a screen reader finds in the preview in the browser."""
        assert self._browser is not None
        return data("preview", (await self._browser.accessible_text())[:20_000])

    async def screenshot(self) -> Any:
        """Look at the preview in the browser."""
        from pydantic_ai import BinaryContent

        assert self._browser is not None
        picture = await self._browser.screenshot()
        return BinaryContent(picture, media_type="image/png" if picture.startswith(b"\x89PNG") else "image/jpeg")


def _refusing(work: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """A tool whose refusals the model reads, and may do better. They do not count against it: its budget does."""

    @functools.wraps(work)
    async def answer(**arguments: Any) -> Any:
        try:
            return await work(**arguments)
        except OverskillError as error:
            return f"Refused: {error}"

    return answer
