"""What `import playout` offers: what it says it does, documented, and quick to import."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import playout
from playout import errors

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "python.md"
CALLS = [name for name in playout.__all__ if name != "__version__" and inspect.isfunction(getattr(playout, name))]


def test_all_names_everything_public_and_nothing_else() -> None:
    public = {
        name
        for name, value in vars(playout).items()
        if not name.startswith("_") and not inspect.ismodule(value) and getattr(value, "__module__", "") != "__future__"
    }
    assert public - {"TYPE_CHECKING"} == {name for name in playout.__all__ if not name.startswith("_")}
    assert len(set(playout.__all__)) == len(playout.__all__)


@pytest.mark.parametrize("name", playout.__all__)
def test_every_public_name_is_there_explained_and_in_the_reference(name: str) -> None:
    value = getattr(playout, name)
    if name != "__version__":
        assert inspect.getdoc(value), f"{name} has no docstring"
    assert f"`{name}" in PAGE.read_text(encoding="utf-8") or f"`playout.{name}`" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CALLS)
def test_every_argument_of_a_call_is_in_the_reference(name: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for parameter in inspect.signature(getattr(playout, name)).parameters.values():
        assert f"`{parameter.name}`" in page or f"{parameter.name}=" in page, (
            f"{name}({parameter.name}) is not explained"
        )
        assert parameter.annotation is not inspect.Parameter.empty


def test_every_exception_of_the_tree_is_public() -> None:
    tree = {name for name, value in vars(errors).items() if inspect.isclass(value) and issubclass(value, Exception)}
    assert tree <= set(playout.__all__)


def test_an_unknown_attribute_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_thing"):
        playout.no_such_thing  # noqa: B018 - the access is what is tested


def test_importing_playout_imports_nothing_but_its_errors() -> None:
    program = (
        "import sys, playout; print(*sorted(m for m in sys.modules if m.partition('.')[0] in {'playout', 'numpy'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["playout", "playout.errors"]
