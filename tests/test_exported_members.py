from __future__ import annotations

import ast
import inspect
from pathlib import Path

import overskill_nb
from overskill_nb import errors


def test_the_list_of_names_is_sorted_and_each_of_them_is_there() -> None:
    assert overskill_nb.__all__ == sorted(overskill_nb.__all__)
    for name in overskill_nb.__all__:
        assert getattr(overskill_nb, name) is not None


def test_the_list_of_names_is_what_type_checkers_see() -> None:
    tree = ast.parse(Path(overskill_nb.__file__).read_text("utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.name
        for statement in block.body
        if isinstance(statement, ast.ImportFrom) and statement.level
        for alias in statement.names
    }
    assert {*overskill_nb.__all__} == {*seen, "__version__"}


def test_dir_shows_the_names_and_nothing_else() -> None:
    assert dir(overskill_nb) == overskill_nb.__all__


def test_every_error_is_exported() -> None:
    defined = {
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, Exception) and value.__module__ == errors.__name__
    }
    assert defined == {*errors.__all__}
    assert defined <= {*overskill_nb.__all__}
    assert errors.__all__ == sorted(errors.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    assert not hasattr(overskill_nb, "Apps")
    # What a name is imported from is not itself a name of the package's interface.
    assert "Callable" not in dir(overskill_nb)
