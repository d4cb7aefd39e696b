"""GitHub: an app's repository there, what goes to and fro, and the workflow that makes production."""

from .client import GithubClient
from .settings import Settings

__all__ = ["GithubClient", "Settings"]
