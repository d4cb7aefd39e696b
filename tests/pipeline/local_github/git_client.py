"""Git's own program, with a configuration of its own that has the token."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from overskill_nb.pipeline.local_github import LocalGithub


class GitFailed(Exception):
    pass


class Git:
    def __init__(self, program: str, folder: Path, github: LocalGithub) -> None:
        self._program = program
        self.folder = folder
        self.web_url = github.web_url
        self._config = folder / "gitconfig"
        self._config.write_text(
            "[user]\n\tname = Ada\n\temail = ada@example.org\n"
            "[init]\n\tdefaultBranch = main\n[pull]\n\trebase = false\n"
            f'[http "{github.web_url}/"]\n\textraHeader = "Authorization: Bearer {github.token}"\n'
        )

    async def __call__(self, *words: str | Path, cwd: Path | None = None) -> str:
        """What git prints, errors included. Raises GitFailed with it."""
        running = await asyncio.create_subprocess_exec(
            self._program,
            *map(str, words),
            cwd=cwd or self.folder,
            env={
                **os.environ,
                "GIT_CONFIG_GLOBAL": str(self._config),
                "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_TERMINAL_PROMPT": "0",
                "GIT_ASKPASS": "true",
            },
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        printed = (await running.communicate())[0].decode()
        if running.returncode != 0:
            raise GitFailed(printed)
        return printed

    async def project(self, name: str, files: dict[str, str], remote: str = "") -> Path:
        """A new work tree with one commit of ``files``."""
        folder = self.folder / name
        folder.mkdir()
        await self("init", "-q", cwd=folder)
        if remote:
            await self("remote", "add", "origin", f"{self.web_url}/{remote}.git", cwd=folder)
        await self.commit(folder, files, "Begin")
        return folder

    async def commit(self, folder: Path, files: dict[str, str], message: str) -> str:
        """Write ``files`` and commit them. Gives the commit."""
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        await self("add", "-A", cwd=folder)
        await self("commit", "-q", "-m", message, cwd=folder)
        return (await self("rev-parse", "HEAD", cwd=folder)).strip()
