"""GitHub: an app's repository there, what goes to and fro, and the workflow that makes production."""

from .client import GithubClient
from .settings import Settings
from .synchroniser import Synchroniser

__all__ = ["GithubClient", "Settings", "Synchroniser"]
