"""The pages of an app as files: which is its root page, and what a new one holds."""

from __future__ import annotations

import json
import re

from ..errors import AppError, FileError, OverskillError
from .project import Project

SUFFIXES = (".tsx", ".jsx", ".js")
NEW_SUFFIXES = (".tsx", ".jsx")
ROOT_PAGES = (
    *("src/App", "src/app/App", "App", "app/App"),
    *("src/pages/Home", "src/pages/index", "src/pages/Index", "pages/index"),
    *("src/app/page", "app/page", "src/routes/index", "app/routes/_index"),
)
"""Where the first page is in projects as people make them, without what the file's name ends with."""

_NAMED_BY_FOLDER = {"index", "page", "_index", "route"}


def root_page(project: Project) -> str:
    """The page that an app begins with. Raises AppError where none can be found."""
    there = {*project.files()}
    for place in ROOT_PAGES:
        for suffix in SUFFIXES:
            if place + suffix in there:
                return place + suffix
    raise AppError(
        f"'{project.name}' has no page at a place where a first one is looked for, such as src/App.tsx: name the page "
        "to edit by its path."
    )


def new_page(project: Project, path: str) -> str:
    """The text of a page with a heading and nothing else. Raises FileError where a page cannot have this path."""
    if not path.endswith(NEW_SUFFIXES):
        raise FileError(f"'{path}' cannot be a page: the path of a page ends in .tsx or .jsx.")
    words = _words(path)
    name = "".join(word[0].upper() + word[1:] for word in words)
    if not name[0].isalpha():
        name = f"Page{name}"
    heading = " ".join([words[0][0].upper() + words[0][1:], *(_lowered(word) for word in words[1:])])
    main, title = (' className="mx-auto max-w-2xl p-8"', ' className="text-2xl font-semibold"')
    if not _has_tailwind(project):
        main = title = ""
    return (
        f"export default function {name}() {{\n"
        "  return (\n"
        f"    <main{main}>\n"
        f"      <h1{title}>{heading}</h1>\n"
        "    </main>\n"
        "  );\n"
        "}\n"
    )


def _words(path: str) -> list[str]:
    """What a page is called: the words in its file's name, or in its folder's where many files have that name."""
    for part in reversed(path.rpartition(".")[0].split("/")):
        words = re.findall(r"[^\W\d_]+|\d+", re.sub(r"(?<=[a-zß-ÿ\d])(?=[A-ZÀ-Þ])", " ", part))
        words = [word for word in words if f"_{word}".isidentifier()]
        if words and part not in _NAMED_BY_FOLDER:
            return words
    return ["Page"]


def _lowered(word: str) -> str:
    return word if word.isupper() else word.lower()


def _has_tailwind(project: Project) -> bool:
    try:
        package = json.loads(project.read("package.json"))
    except (OverskillError, ValueError):
        return False
    kinds = ("dependencies", "devDependencies")
    return isinstance(package, dict) and any("tailwindcss" in (package.get(kind) or {}) for kind in kinds)
