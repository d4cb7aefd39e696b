"""Logs of runs, behind addresses that are good for a minute: ``/_/logs/<what>/<id>/<until>/<signature>``."""

from __future__ import annotations

import hashlib
import hmac
import io
import re
import time
import zipfile
from collections.abc import Awaitable

from tornado.web import HTTPError, RequestHandler

from .refusal import ApiError
from .runs import Run
from .state import State

SECONDS = 60


def address(state: State, what: str, number: int) -> str:
    """Where a log is for the next minute."""
    until = int(time.time()) + SECONDS
    return f"{state.web_url}/_/logs/{what}/{number}/{until}/{_signature(state, what, number, until)}"


def _signature(state: State, what: str, number: int, until: int) -> str:
    return hmac.new(state.box_key, f"log {what} {number} {until}".encode(), hashlib.sha256).hexdigest()


def text(state: State, job: int, step: int = 0) -> str:
    """A job's log with times, or one step's."""
    return "".join(
        f"{line['at']} {line['text']}\n" for line in state.runs.lines(job) if not step or line["step"] == step
    )


def archive(state: State, run: Run) -> bytes:
    """A run's logs as GitHub packs them: a file a job, and one a step in a folder of the job's name."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for number, job in enumerate(state.runs.jobs(run)):
            name = _file_name(job["name"])
            file.writestr(f"{number}_{name}.txt", text(state, job["id"]))
            for step in state.runs.steps(job["id"]):
                step_name = f"{name}/{step['number']}_{_file_name(step['name'])}.txt"
                file.writestr(step_name, text(state, job["id"], step["number"]))
    return made.getvalue()


def _file_name(name: str) -> str:
    return re.sub(r'[/\\:<>|*?"\x00-\x1f]', "", name)[:90] or "step"


class Log(RequestHandler):
    """Wants no token: the address is one."""

    def initialize(self, state: State) -> None:
        self.state = state

    def get(self, what: str, number: str, until: str, signature: str) -> None:
        expected = _signature(self.state, what, int(number), int(until))
        if not hmac.compare_digest(expected, signature) or int(until) < time.time():
            raise HTTPError(403)
        try:
            if what == "job":
                body: bytes = text(self.state, int(number)).encode()
                self.set_header("Content-Type", "text/plain; charset=utf-8")
            else:
                body = archive(self.state, self.state.runs.by_id(int(number)))
                self.set_header("Content-Type", "application/zip")
        except ApiError as error:
            raise HTTPError(404) from error
        self.finish(body)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Bodies are read whole."""
