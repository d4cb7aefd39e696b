"""What ``html_url`` leads to: pages to read, for a browser on this machine."""

from __future__ import annotations

import posixpath
from typing import Any
from urllib.parse import quote

from dulwich.objects import Blob, ObjectID, Tree
from dulwich.refs import Ref
from dulwich.repo import Repo
from dulwich.walk import ORDER_TOPO
from tornado.web import HTTPError

from . import layout
from .commits import commit_at, merge_base, moment, person, resolve
from .layout import escape, link
from .pulls import OfPulls
from .receive import descends
from .refusal import ApiError
from .visitor import own

MAX_SHOWN = 512 * 1024
MAX_COMMITS = 30


class Page(OfPulls):
    """Base of all pages."""

    def prepare(self) -> None:
        if self.request.method not in {"GET", "HEAD"}:
            raise HTTPError(405)
        if not own(self.request):
            raise HTTPError(403)
        if "repo" in self.path_kwargs:
            self.repository = self.state.repositories.get(
                self.path_kwargs["owner"] or "", self.path_kwargs["repo"] or ""
            )

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header(
            "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
        )
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = kwargs.get("exc_info", (None, None, None))[1]
        status = error.status if isinstance(error, ApiError) else status_code
        self.set_status(status)
        title = {404: "Not found", 403: "Forbidden"}.get(status, "Something went wrong")
        self.finish(layout.page(title, f"<h1>{title}</h1><p>{link('/', 'Repositories on this machine')}</p>"))

    @property
    def base(self) -> str:
        return f"/{self.repository.full_name}"

    def head_line(self, *more: str) -> str:
        """Where one is."""
        name = link(self.base, self.repository.full_name)
        others = " · ".join([link(f"{self.base}/actions", "Actions"), link(f"{self.base}/pulls", "Pull requests")])
        return f'<p>{" / ".join([name, *more])} <span class="dim">· {others}</span></p>'

    def named(self, repo: Repo, rest: str) -> tuple[str, str]:
        """A branch and a path, of which both may have slashes."""
        branches = {name.decode() for name in repo.refs.as_dict(Ref(b"refs/heads"))}
        parts = rest.strip("/").split("/")
        for count in range(len(parts), 0, -1):
            name = "/".join(parts[:count])
            if name in branches:
                return name, "/".join(parts[count:])
        return parts[0], "/".join(parts[1:])

    def at(self, repo: Repo, ref: str, path: str) -> Tree | Blob:
        """What is there."""
        if resolve(repo, ref) is None:
            raise HTTPError(404)
        here: Any = repo[commit_at(repo, ref).tree]
        for part in filter(None, path.split("/")):
            if not isinstance(here, Tree) or part.encode() not in here:
                raise HTTPError(404)
            here = repo[here[part.encode()][1]]
        assert isinstance(here, (Tree, Blob))
        return here


class Home(Page):
    """All repositories, or an owner's."""

    def get(self, login: str = "") -> None:
        found = self.state.repositories.all(login)
        if login and not found:
            raise HTTPError(404)
        rows = [[link(f"/{known.full_name}", known.full_name), escape(known.pushed_at)] for known in found]
        self.finish(layout.page("Local GitHub", "<h1>Repositories on this machine</h1>", layout.table(rows)))


class RepositoryPage(Page):
    """Files, and the last commits."""

    def get(self, rest: str = "", **_: str) -> None:
        self.finish(self.with_git(lambda repo: self._page(repo, rest or self.repository.default_branch)))

    def _page(self, repo: Repo, rest: str) -> bytes:
        name = self.repository.full_name
        if not repo.refs.as_dict(Ref(b"refs/heads")):
            return layout.page(name, self.head_line(), f"<h1>{escape(name)}</h1><p>Nothing was pushed yet.</p>")
        ref, path = self.named(repo, rest)
        here = self.at(repo, ref, path)
        if isinstance(here, Blob):
            raise HTTPError(404)
        rows = []
        for entry in sorted(here.iteritems(), key=lambda entry: (entry.mode != 0o040000, entry.path or b"")):
            label = (entry.path or b"").decode("utf-8", "replace")
            folder = entry.mode == 0o040000
            target = f"{self.base}/{'tree' if folder else 'blob'}/{quote(ref)}/{quote(posixpath.join(path, label))}"
            size = "" if folder or entry.sha is None else f"{repo[entry.sha].raw_length():,} bytes"
            rows.append([link(target, label + "/" * folder), size])
        commits = repo.get_walker(include=[commit_at(repo, ref).id], max_entries=MAX_COMMITS, order=ORDER_TOPO)
        history = [
            [
                link(f"{self.base}/commit/{entry.commit.id.decode()}", _subject(entry.commit.message)),
                f"{escape(person(entry.commit.author).name)} · {moment(entry.commit.commit_time)}",
            ]
            for entry in commits
        ]
        return layout.page(
            name,
            self.head_line(escape(ref), *map(escape, filter(None, path.split("/")))),
            f"<h1>{escape(name)}</h1><h2>Files</h2>",
            layout.table(rows),
            "<h2>Last commits</h2>",
            layout.table(history),
        )


class FilePage(Page):
    def get(self, rest: str, **_: str) -> None:
        self.finish(self.with_git(lambda repo: self._page(repo, rest)))

    def _page(self, repo: Repo, rest: str) -> bytes:
        ref, path = self.named(repo, rest)
        here = self.at(repo, ref, path)
        if not isinstance(here, Blob):
            raise HTTPError(404)
        text = b"\0" not in here.data[:8000] and len(here.data) <= MAX_SHOWN
        shown = here.data.decode("utf-8", "replace") if text else f"{len(here.data):,} bytes that are not shown"
        raw = link(f"{self.base}/raw/{quote(ref)}/{quote(path)}", "as it is")
        return layout.page(path, self.head_line(escape(ref), escape(path), raw), f"<pre>{escape(shown)}</pre>")


class RawFile(Page):
    """A file as it is, which no browser takes for anything but text."""

    def get(self, rest: str, **_: str) -> None:
        def read(repo: Repo) -> Tree | Blob:
            return self.at(repo, *self.named(repo, rest))

        found = self.with_git(read)
        if not isinstance(found, Blob):
            raise HTTPError(404)
        text = b"\0" not in found.data[:8000]
        self.set_header("Content-Type", "text/plain; charset=utf-8" if text else "application/octet-stream")
        self.finish(found.data)


class CommitPage(Page):
    def get(self, sha: str, **_: str) -> None:
        def read(repo: Repo) -> bytes:
            commit = commit_at(repo, sha)
            before = commit_at(repo, commit.parents[0].decode()).tree if commit.parents else None
            files = self.changed(repo, before, commit.tree, commit.id.decode())
            who = person(commit.author)
            return layout.page(
                _subject(commit.message),
                self.head_line(escape(commit.id.decode()[:10])),
                f"<h1>{escape(_subject(commit.message))}</h1>",
                f"<pre>{escape(commit.message.decode('utf-8', 'replace'))}</pre>",
                f'<p class="dim">{escape(who.name)} · {moment(commit.author_time)}</p>',
                _files(files),
            )

        self.finish(self.with_git(read))


class PullList(Page):
    def get(self, **_: str) -> None:
        rows = self.state.database.all(
            "SELECT * FROM pulls WHERE repository = ? ORDER BY number DESC", self.repository.id
        )
        shown = [
            [link(f"{self.base}/pull/{row['number']}", f"#{row['number']} {row['title']}"), escape(row["state"])]
            for row in map(self.refreshed, rows)
        ]
        self.finish(layout.page("Pull requests", self.head_line(), "<h1>Pull requests</h1>", layout.table(shown)))


class PullPage(Page):
    """A pull request with what it changes."""

    def get(self, number: str, **_: str) -> None:
        row = self.find(number)
        head, base = ObjectID(row["head_sha"].encode()), ObjectID(row["base_sha"].encode())

        def read(repo: Repo) -> list[dict[str, Any]]:
            common = merge_base(repo, base, head) if not descends(repo, base, head) else None
            if common is None:
                return []
            before, after = commit_at(repo, common.decode()).tree, commit_at(repo, head.decode()).tree
            return self.changed(repo, before, after, row["head_sha"])

        state = "merged" if row["merged_at"] else row["state"]
        comments = self.state.database.all(
            "SELECT body, created_at FROM comments WHERE repository = ? AND number = ? ORDER BY id",
            self.repository.id,
            row["number"],
        )
        self.finish(
            layout.page(
                row["title"],
                self.head_line(f"#{row['number']}"),
                f"<h1>{escape(row['title'])}</h1>",
                f'<p class="dim">{escape(state)} · {escape(row["head"])} into {escape(row["base"])}</p>',
                f"<pre>{escape(row['body'])}</pre>" if row["body"] else "",
                *(f"<pre>{escape(comment['body'])}</pre>" for comment in comments),
                _files(self.with_git(read)),
            )
        )


class RunPages(Page):
    """A repository's runs."""

    def get(self, **_: str) -> None:
        rows = [
            [
                link(f"{self.base}/actions/runs/{run.id}", f"#{run.number} {run.content.title}"),
                f'<span class="{run.conclusion or ""}">{run.conclusion or run.status}</span>',
            ]
            for run in self.state.runs.all(self.repository.id)[:100]
        ]
        self.finish(layout.page("Runs", self.head_line(), "<h1>Runs</h1>", layout.table(rows)))


class RunPage(Page):
    """A run's steps with their logs."""

    def get(self, run: str, **_: str) -> None:
        found = self.state.runs.get(self.repository.id, run)
        commit = link(f"{self.base}/commit/{found.content.sha}", found.content.sha[:10])
        about = f"{escape(found.content.name)} · {escape(found.branch)} · {commit} · attempt {found.attempt}"
        state = found.conclusion or found.status
        parts = [
            self.head_line(link(f"{self.base}/actions", "Runs"), f"#{found.number}"),
            f"<h1>{escape(found.content.title)}</h1>",
            f'<p><b class="{state}">{state}</b> <span class="dim">· {about} · {escape(found.created_at)}</span></p>',
        ]
        for job in self.state.runs.jobs(found):
            parts.append(f"<h2>{escape(job['name'])}</h2>")
            lines = self.state.runs.lines(job["id"])
            for step in self.state.runs.steps(job["id"]):
                text = "\n".join(line["text"] for line in lines if line["step"] == step["number"])
                state = step["conclusion"] or step["status"]
                shown = " open" if state in {"failure", "in_progress", "cancelled"} else ""
                parts.append(
                    f'<details{shown}><summary>{escape(step["name"])} <span class="{state}">{state}</span></summary>'
                    f"<pre>{escape(text)}</pre></details>"
                )
        self.finish(layout.page(found.content.title, *parts, refresh=found.status != "completed"))


def _subject(message: bytes) -> str:
    return message.decode("utf-8", "replace").strip().partition("\n")[0] or "(no message)"


def _files(files: list[dict[str, Any]]) -> str:
    return "".join(
        f'<h2>{escape(file["filename"])} <span class="dim">{file["status"]}, +{file["additions"]} '
        f"−{file['deletions']}</span></h2>{layout.patch(file.get('patch', ''))}"
        for file in files
    )
