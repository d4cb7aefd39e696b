"""GitHub: an app's repository there, what goes to and fro, and the workflow that makes production."""

from .settings import Settings

__all__ = ["Settings"]
