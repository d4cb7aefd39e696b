"""The local GitHub's one port: the API under ``/api/v3``, git under ``/<owner>/<repo>.git``, pages elsewhere."""

from __future__ import annotations

from pathlib import Path

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from ..node import Node
from . import (
    accounts,
    branches,
    commits,
    contents,
    git_data,
    git_http,
    graphql,
    issues,
    pages,
    pulls,
    refs,
    repository,
    run_calls,
    run_logs,
    secret,
    variable,
    workflows,
)
from .address import Address
from .api import Missing
from .database import Database
from .front import Front
from .machine import Machine
from .repositories import Repositories
from .runs import Runs
from .state import State

MAX_BODY = 100 * 1024 * 1024
HOST = "127.0.0.1"


def application(state: State) -> Application:
    """Everything that is answered."""
    api = "/api/v3"
    of = rf"{api}/repos/(?P<owner>[^/]+)/(?P<repo>[^/]+)"
    git = r"/(?P<owner>[^/]+)/(?P<repo>[^/]+?)(?:\.git)?"
    calls: list[tuple[str, type[RequestHandler]]] = [
        (rf"{git}/info/refs", git_http.Refs),
        (rf"{git}/(?P<service>git-upload-pack|git-receive-pack)", git_http.Service),
        (rf"{api}/?", accounts.Root),
        (rf"{api}/meta", accounts.Meta),
        (rf"{api}/rate_limit", accounts.RateLimit),
        (rf"{api}/user", accounts.User),
        (rf"{api}/user/orgs", accounts.UserOrganizations),
        (rf"{api}/users/(?P<login>[^/]+)", accounts.OneUser),
        (rf"{api}/orgs/(?P<org>[^/]+)", accounts.Organization),
        (rf"{api}/user/repos", repository.UserRepositories),
        (rf"{api}/users/(?P<login>[^/]+)/repos", repository.AccountRepositories),
        (rf"{api}/orgs/(?P<org>[^/]+)/repos", repository.OrganizationRepositories),
        (of, repository.OneRepository),
        (rf"{of}/git/refs", refs.Refs),
        (rf"{of}/git/matching-refs/(?P<prefix>.+)", refs.Refs),
        (rf"{of}/git/refs?/(?P<ref>.+)", refs.OneRef),
        (rf"{of}/git/commits", git_data.GitCommits),
        (rf"{of}/git/commits/(?P<sha>[0-9a-f]+)", git_data.OneGitCommit),
        (rf"{of}/git/trees", git_data.Trees),
        (rf"{of}/git/trees/(?P<sha>.+)", git_data.OneTree),
        (rf"{of}/git/blobs", git_data.Blobs),
        (rf"{of}/git/blobs/(?P<sha>[0-9a-f]+)", git_data.OneBlob),
        (rf"{of}/git/tags/(?P<sha>[0-9a-f]+)", git_data.OneTag),
        (rf"{of}/readme", contents.Readme),
        (rf"{of}/contents(?:/(?P<path>.*))?", contents.Contents),
        (rf"{of}/branches", branches.Branches),
        (rf"{of}/branches/(?P<branch>.+)/protection", branches.Protection),
        (rf"{of}/branches/(?P<branch>.+)", branches.OneBranch),
        (rf"{of}/commits", commits.Commits),
        (rf"{of}/commits/(?P<ref>.+)", commits.OneCommit),
        (rf"{of}/compare/(?P<base>.+)\.\.\.(?P<head>.+)", commits.Compare),
        (rf"{of}/pulls", pulls.Pulls),
        (rf"{of}/pulls/(?P<number>\d{{1,18}})", pulls.OnePull),
        (rf"{of}/pulls/(?P<number>\d{{1,18}})/commits", pulls.PullCommits),
        (rf"{of}/pulls/(?P<number>\d{{1,18}})/files", pulls.PullFiles),
        (rf"{of}/pulls/(?P<number>\d{{1,18}})/merge", pulls.Merge),
        (rf"{of}/issues/(?P<number>\d{{1,18}})/comments", issues.Comments),
        (rf"{of}/check-runs/(?P<job>\d{{1,18}})/annotations", run_calls.Annotations),
        *_actions(f"{of}/actions"),
        (r"/api/graphql", graphql.GraphQL),
        (r"/_/logs/(job|run)/(\d{1,18})/(\d{1,18})/([0-9a-f]+)", run_logs.Log),
        *_pages(),
    ]
    with_state = {"state": state}
    return Application(
        [(pattern, handler, with_state) for pattern, handler in calls],
        default_handler_class=Missing,
        default_handler_args=with_state,
        log_function=lambda _: None,
    )


def _pages() -> list[tuple[str, type[RequestHandler]]]:
    """What people read."""
    of = r"/(?!api/|_/)(?P<owner>[^/]+)/(?P<repo>[^/]+)"
    return [
        (r"/", pages.Home),
        (r"/(?!api|_)(?P<login>[^/]+)", pages.Home),
        (of, pages.RepositoryPage),
        (rf"{of}/tree/(?P<rest>.+)", pages.RepositoryPage),
        (rf"{of}/blob/(?P<rest>.+)", pages.FilePage),
        (rf"{of}/raw/(?P<rest>.+)", pages.RawFile),
        (rf"{of}/commit/(?P<sha>[^/]+)", pages.CommitPage),
        (rf"{of}/pulls", pages.PullList),
        (rf"{of}/pull/(?P<number>\d{{1,18}})", pages.PullPage),
        (rf"{of}/actions", pages.RunPages),
        (rf"{of}/actions/runs/(?P<run>\d{{1,18}})(?:/job/\d{{1,18}})?", pages.RunPage),
    ]


def _actions(of: str) -> list[tuple[str, type[RequestHandler]]]:
    """The calls of Actions."""
    run = rf"{of}/runs/(?P<run>\d{{1,18}})"
    attempt = rf"{run}/attempts/(?P<attempt>\d{{1,18}})"
    workflow = rf"{of}/workflows/(?P<workflow>[^/]+)"
    return [
        (rf"{of}/secrets/public-key", secret.PublicKey),
        (rf"{of}/secrets", secret.Secrets),
        (rf"{of}/secrets/(?P<name>[^/]+)", secret.OneSecret),
        (rf"{of}/variables", variable.Variables),
        (rf"{of}/variables/(?P<name>[^/]+)", variable.OneVariable),
        (rf"{of}/workflows", workflows.Workflows),
        (workflow, workflows.OneWorkflow),
        (rf"{workflow}/(?P<switch>enable|disable)", workflows.Switch),
        (rf"{workflow}/dispatches", workflows.Dispatches),
        (rf"{workflow}/runs", run_calls.RunList),
        (rf"{of}/runs", run_calls.RunList),
        (run, run_calls.OneRun),
        (attempt, run_calls.OneRun),
        (rf"{run}/jobs", run_calls.Jobs),
        (rf"{attempt}/jobs", run_calls.Jobs),
        (rf"{run}/logs", run_calls.RunLog),
        (rf"{attempt}/logs", run_calls.RunLog),
        (rf"{run}/(?:cancel|force-cancel)", run_calls.Cancel),
        (rf"{run}/(?:rerun|rerun-failed-jobs)", run_calls.Rerun),
        (rf"{run}/artifacts", run_calls.Artifacts),
        (rf"{of}/jobs/(?P<job>\d{{1,18}})", run_calls.OneJob),
        (rf"{of}/jobs/(?P<job>\d{{1,18}})/logs", run_calls.JobLog),
    ]


class LocalServer:
    """Everything that runs in the local GitHub's process."""

    def __init__(self, folder: Path, address: Address, node: Node) -> None:
        database = Database(folder / "github.db")
        self.state = State(
            database=database,
            repositories=Repositories(folder / "repositories", database),
            runs=Runs(database),
            token=address.token,
            box_key=bytes.fromhex(address.box_key),
        )
        self.state.machine = Machine(self.state, node, folder)
        self._server = HTTPServer(Front(application(self.state)), max_body_size=MAX_BODY, max_buffer_size=MAX_BODY)
        self.port = 0

    async def start(self, port: int) -> None:
        """Listen, on another port where the wanted one is taken."""
        try:
            sockets = bind_sockets(port, HOST)
        except OSError:
            sockets = bind_sockets(0, HOST)
        self.port = sockets[0].getsockname()[1]
        self.state.web_url = f"http://{HOST}:{self.port}"
        self.state.api_url = f"{self.state.web_url}/api/v3"
        self._server.add_sockets(sockets)
        self.state.machine.recover()

    async def close(self) -> None:
        self._server.stop()
        await self.state.machine.close()
        self.state.database.close()
