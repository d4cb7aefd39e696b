"""Installing an app's packages while it is open: what cannot be had is said, and keeps nothing else from coming."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..errors import PackageError
from ..protocol import Diagnostic, Location
from .packages import Packages


class Installing:
    """The installations of one app. ``done`` is told when one has ended, whichever way."""

    def __init__(self, packages: Packages, done: Callable[[], None]) -> None:
        self._packages = packages
        self._done = done
        self.problem: Diagnostic | None = None
        """Why what ``package.json`` names could not be installed; its file can be mended."""

    async def ensure(self) -> bool:
        """Install what ``package.json`` names; whether the packages changed."""
        before, failed_before = self._packages.folder, self.problem is not None
        try:
            await self._packages.ensure()
            self.problem = None
        except PackageError as error:
            location = Location(file="package.json", line=1, column=1)
            self.problem = Diagnostic(severity="error", kind="install", message=str(error), location=location)
        finally:
            self._done()
        return self._packages.folder != before or failed_before

    async def add(self, wanted: Sequence[str]) -> dict[str, str]:
        """Install packages; those that cannot be had, and why. One that cannot does not keep the others away."""
        try:
            await self._packages.add(wanted)
        except PackageError as error:
            if len(wanted) == 1:
                return {wanted[0]: str(error)}
        else:
            return {}
        finally:
            self._done()
        unavailable: dict[str, str] = {}
        for name in wanted:
            unavailable |= await self.add([name])
        return unavailable
