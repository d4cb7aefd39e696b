"""An app's npm packages: its own ``node_modules``, else one folder per dependency set, kept per user."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from .. import config
from ..errors import PackageError
from . import npm, process
from .node import Node
from .project import Project

_DEFAULTS = {"react": "^19.2.0", "react-dom": "^19.2.0"}
# Tools of a build or an editor, which no preview needs. Packages that styles and their configuration load are needed.
_NOT_NEEDED = re.compile(
    r"^(vite|vitest|typescript|eslint|prettier|globals|jsdom|happy-dom|husky|lint-staged|msw|cypress|playwright|wrangler"
    r"|tsx|ts-node|terser|rimraf|concurrently|jest|knip|oxlint)$"
    r"|^(@types|@vitejs|@eslint|@biomejs|@testing-library|@vitest|@storybook|@typescript-eslint|@playwright|@cloudflare)/"
    r"|^(eslint|vite|typescript|prettier|vitest|jest|rollup|storybook)-"
    # Tailwind 4 comes with the tools; these two would bring a whole Vite along.
    r"|^@tailwindcss/(vite|postcss|cli)$"
)
# None begins with a dash: npm would take it for an option. A source's import must not give npm options.
_NAME = re.compile(r"(@[a-z0-9~][a-z0-9._~-]*/)?[a-z0-9~][a-z0-9._~-]*", re.IGNORECASE)


def is_package_name(name: str) -> bool:
    """Whether npm could have a package of this name."""
    return len(name) <= 214 and bool(_NAME.fullmatch(name))


class Packages:
    """The packages of one app."""

    def __init__(self, project: Project, node: Node, on_line: Callable[[str], None]) -> None:
        self._project = project
        self._node = node
        self._on_line = on_line
        self.folder = project.root
        """The folder whose ``node_modules`` the app is compiled against."""

    async def ensure(self) -> Path:
        """Make sure that the packages which ``package.json`` names are installed. Raises PackageError."""
        needed = self._needed()
        if self._satisfied(self._project.root, needed):
            self.folder = self._project.root
        elif (self._project.root / "node_modules").is_dir() and not self._empty(self._project.root / "node_modules"):
            await self._install_in_app([])
            self.folder = self._project.root
        else:
            self.folder = await self._shared(needed, None)
        return self.folder

    async def add(self, names: Iterable[str]) -> Path:
        """Install packages and write them to ``package.json``; all of them or none. Raises PackageError."""
        wanted = sorted(set(names))
        for name in wanted:
            if not is_package_name(name):
                raise PackageError(f"'{name}' cannot be the name of an npm package.")
        self._on_line(f"Installing {', '.join(wanted)}")
        if self.folder == self._project.root:
            await self._install_in_app(wanted)
            return self.folder
        self.folder = await self._shared(self._needed(), wanted)
        versions = {name: _installed_version(self.folder, name) for name in wanted}
        self._save({name: f"^{version}" for name, version in versions.items() if version})
        return self.folder

    # ------------------------------------------------------------------------------------------- package.json

    def manifest(self) -> dict[str, Any]:
        """The app's ``package.json``, empty where there is none. Raises PackageError where it is not JSON."""
        try:
            read = json.loads((self._project.root / "package.json").read_text("utf-8-sig"))
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            raise PackageError(f"package.json cannot be read: {error}.") from error
        except json.JSONDecodeError as error:
            raise PackageError(
                f"package.json is not JSON: {error.msg} (line {error.lineno}, column {error.colno})."
            ) from error
        if not isinstance(read, dict):
            raise PackageError("package.json is not a JSON object.")
        return read

    def _needed(self) -> dict[str, str]:
        manifest = self.manifest()
        needed: dict[str, str] = {}
        for field in ("devDependencies", "optionalDependencies", "dependencies"):
            listed = manifest.get(field) or {}
            if not isinstance(listed, dict):
                raise PackageError(f"'{field}' in package.json is not an object of names and versions.")
            for name, version in listed.items():
                local = str(version).startswith(("file:", "link:", "workspace:", "portal:"))
                of_the_build = _NOT_NEEDED.match(name) or (name == "tailwindcss" and "4" in str(version).split(".")[0])
                if not local and not (field == "devDependencies" and of_the_build):
                    needed[name] = str(version)
        return (
            _DEFAULTS | needed
            if "react" not in needed
            else {**needed, "react-dom": needed.get("react-dom", needed["react"])}
        )

    def _save(self, added: dict[str, str]) -> None:
        manifest = self.manifest()
        listed = dict(manifest.get("dependencies") or {})
        listed.update(added)
        manifest["dependencies"] = dict(sorted(listed.items()))
        text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
        self._project.write(self._project.root / "package.json", text.encode())

    # ------------------------------------------------------------------------------------------- installing

    async def _install_in_app(self, added: list[str]) -> None:
        """npm in the app's own folder, as the user would; npm changes nothing when it fails."""
        done = await process.run(
            [*self._node.npm, "install", *added, "--ignore-scripts", *npm.QUIET],
            cwd=self._project.root,
            env=self._node.environment,
        )
        if done.code != 0:
            raise PackageError(await self._explain(added or sorted(self._needed()), done.tail))

    async def _shared(self, needed: dict[str, str], added: list[str] | None) -> Path:
        """The folder of a dependency set, made where it is missing. What is added starts from the set without it."""
        base = self._set_folder(needed)
        if added is None:
            if (base / "node_modules").is_dir():
                return base
            self._on_line(f"Installing {len(needed)} packages")
        target = self._set_folder({**needed, **dict.fromkeys(added, "*")}) if added else base
        if (target / "node_modules").is_dir():
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".set-", dir=target.parent) as scratch:
            made = Path(scratch) / "set"
            if added and (base / "node_modules").is_dir():
                await asyncio.to_thread(_link_tree, base, made)
            else:
                made.mkdir()
            for name in ("package-lock.json", ".npmrc"):
                if (self._project.root / name).is_file() and not (made / name).exists():
                    shutil.copyfile(self._project.root / name, made / name)
            manifest = {"name": "packages", "private": True, "dependencies": needed}
            overrides = self.manifest().get("overrides")
            if overrides:
                manifest["overrides"] = overrides
            (made / "package.json").write_text(json.dumps(manifest, indent=2), "utf-8")
            done = await process.run(
                [*self._node.npm, "install", *(added or []), "--ignore-scripts", *npm.QUIET],
                cwd=made,
                env=self._node.environment,
            )
            if npm.code(done.tail) == "ERESOLVE":
                done = await process.run(
                    [*self._node.npm, "install", *(added or []), "--ignore-scripts", "--legacy-peer-deps", *npm.QUIET],
                    cwd=made,
                    env=self._node.environment,
                )
            if done.code != 0:
                raise PackageError(await self._explain(added or sorted(needed), done.tail))
            (made / "node_modules").mkdir(exist_ok=True)
            # It may hold a registry's password, and is copied from the project for each installation anyway.
            (made / ".npmrc").unlink(missing_ok=True)
            process.publish(made, target)
        if added:
            # The same set under the name that package.json will give it.
            versions = {name: f"^{_installed_version(target, name)}" for name in added}
            named = self._set_folder({**needed, **versions})
            if named != target and not named.exists():
                os.rename(target, named)
                return named
        return target

    async def _explain(self, names: list[str], output: str) -> str:
        """Which package it was, and why."""
        if npm.code(output) == "E404" and len(names) > 1:
            for name in names:
                if re.search(rf"(?<![\w@/-]){re.escape(name)}(?:@|\b)", output.replace("%2f", "/")):
                    return _no_such_package(name)
        if npm.code(output) == "E404" and names:
            return _no_such_package(names[0])
        what = (
            f"'{names[0]}'"
            if len(names) == 1
            else f"The packages {', '.join(names[:4])}{' …' if len(names) > 4 else ''}"
        )
        return f"{what} could not be installed: {npm.reason(output)}"

    def _set_folder(self, needed: dict[str, str]) -> Path:
        lock = self._project.root / "package-lock.json"
        key = json.dumps(
            [sorted(needed.items()), _hash(lock) if lock.is_file() else "", self._node.version.split(".")[0]]
        )
        return config.cache_folder() / "packages" / hashlib.sha256(key.encode()).hexdigest()[:20]

    @staticmethod
    def _satisfied(folder: Path, needed: dict[str, str]) -> bool:
        return all((folder / "node_modules" / name / "package.json").is_file() for name in needed)

    @staticmethod
    def _empty(folder: Path) -> bool:
        return not any(not entry.name.startswith(".") for entry in folder.iterdir())


def _no_such_package(name: str) -> str:
    return f"There is no npm package '{name}': the registry does not know it. Check the spelling of the import."


def _installed_version(folder: Path, name: str) -> str:
    try:
        version = json.loads((folder / "node_modules" / name / "package.json").read_text("utf-8")).get("version", "")
        return str(version)
    except (OSError, json.JSONDecodeError):
        return ""


def _link_tree(source: Path, target: Path) -> None:
    """A copy that shares file contents by hard links; npm replaces files instead of changing them in place."""

    def link(a: str, b: str) -> None:
        if Path(a).name in {"package-lock.json", ".package-lock.json"} or Path(a).parent == source:
            shutil.copyfile(a, b)
            return
        try:
            os.link(a, b)
        except OSError:
            shutil.copy2(a, b)

    shutil.copytree(source, target, copy_function=link, symlinks=True)


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
