from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import overskill_nb

PACKAGE = Path(overskill_nb.__file__).parent

# The rule of the house: each floor imports from its own and from those below it.
FLOORS = (
    {"message", "protocol", "events", "errors", "config", "_version"}
    | {
        "protocol_deployments",
        "protocol_diagnostics",
        "protocol_editor",
        "protocol_generation",
        "protocol_github",
        "protocol_history",
        "protocol_looking",
        "protocol_metrics",
        "protocol_trials",
    },
    {"values", "diagnostics", "file_text", "redaction", "steps", "trees"},
    {"pipeline"},
    {"session", "background", "server_link", "browser"},
    {
        "app",
        "shipping",
        "generating",
        "editing",
        "generation",
        "variants",
        "context",
        "notebook",
        "setup_progress",
        "deployment",
        "bindings",
        "history",
        "github",
        "cost_model",
        "cost_table",
        "checking",
        "headless",
        "interactions",
        "outcome",
        "picture",
        "recorded",
        "recorder",
        "refreshing",
        "replaying",
        "visit",
        "handover",
        "measured",
        "network",
        "notebook_previews",
        "shown",
    },
    {"widgets", "server_ext", "magics", "cli", "checkup", "exporting", "notebook_pictures", "testing"},
)
# Imported where it is used, so that ``app`` can be had without a widget.
LAZY_EXCEPTIONS = {
    ("app", "widgets"),
    ("generation", "widgets"),
    ("editing", "widgets"),
    ("deployment", "widgets"),
    ("history", "widgets"),
    ("github", "widgets"),
}


def run(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stderr
    return done.stdout


def noun(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def floor(name: str) -> int:
    return next(level for level, names in enumerate(FLOORS) if name in names)


def imports(file: Path) -> Iterator[tuple[str, bool]]:
    """What a file imports of the package, and whether only when a function runs. Imports for types do not count."""

    def visit(node: ast.AST, lazy: bool) -> Iterator[tuple[str, bool]]:
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return
        if isinstance(node, ast.ImportFrom) and node.level:
            here = file.relative_to(PACKAGE).parent.parts
            base = here[: len(here) - (node.level - 1)]
            path = (*base, *(node.module.split(".") if node.module else ()))
            for name in [path[0]] if path else [alias.name for alias in node.names]:
                yield name, lazy
        inside = lazy or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        for child in ast.iter_child_nodes(node):
            yield from visit(child, inside)

    yield from visit(ast.parse(file.read_text("utf-8")), False)


FILES = [file for file in PACKAGE.rglob("*.py") if file != PACKAGE / "__init__.py"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_imports_run_one_way(file: Path) -> None:
    for wanted, lazy in imports(file):
        allowed = floor(wanted) <= floor(noun(file)) or (lazy and (noun(file), wanted) in LAZY_EXCEPTIONS)
        assert allowed, f"{file.name} imports {wanted}, which stands above it"


def test_every_file_of_the_package_has_a_floor() -> None:
    assert {noun(file) for file in FILES} == set().union(*FLOORS)


def test_the_engine_needs_neither_jupyter_nor_ipython_nor_widgets() -> None:
    modules = [
        f"overskill_nb.pipeline.{file.stem}" for file in (PACKAGE / "pipeline").glob("*.py") if file.stem != "__init__"
    ]
    run(f"""
import importlib, sys
blocked = ("jupyter", "notebook", "IPython", "ipykernel", "ipywidgets", "anywidget", "traitlets", "tornado")

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.startswith(blocked):
            raise ImportError(f"the engine imported {{name}}")

sys.meta_path.insert(0, Refuse())
for name in {modules!r} + ["overskill_nb.protocol", "overskill_nb.errors", "overskill_nb.config"]:
    importlib.import_module(name)
""")


def test_the_engine_asks_no_model_before_it_has_to() -> None:
    heavy = run(
        "import sys, overskill_nb.pipeline\n"
        "print([n for n in ('pydantic', 'pydantic_ai', 'openai', 'anthropic', 'yaml') if n in sys.modules])"
    )
    assert heavy.strip() == "[]"


def test_a_session_without_a_server_needs_no_jupyter_either() -> None:
    heavy = run(
        "import sys, overskill_nb.session\n"
        "print([n for n in ('IPython', 'ipywidgets', 'anywidget', 'jupyter_server', 'tornado') if n in sys.modules])"
    )
    assert heavy.strip() == "[]"


def test_importing_the_package_loads_nothing_heavy() -> None:
    loaded = run("import sys, overskill_nb; print(' '.join(sys.modules))").split()
    heavy = {"anywidget", "ipywidgets", "tornado", "httpx", "github", "jupyter_server", "IPython", "asyncio", "msgspec"}
    heavy |= {"pydantic", "pydantic_ai"}
    assert heavy.isdisjoint(loaded)


@pytest.mark.skipif(bool(os.environ.get("COVERAGE_RUN")), reason="measuring coverage slows imports down")
def test_importing_the_package_costs_little() -> None:
    program = "import time; t = time.process_time(); import overskill_nb; print(time.process_time() - t)"
    assert min(float(run(program)) for _ in range(5)) <= 0.15
