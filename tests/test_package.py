"""What is installed: every file of the package, the command, and a version said once."""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.resources
import re
import resource
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
SOURCE = REPOSITORY / "src" / "playout"

LOCKS = (
    "requirements.lock",
    "requirements-dev.lock",
    "benchmarks/requirements.lock",
    "tests/solutions/requirements.lock",
)

# Each of these costs more to import than `playout --help` may take; a verb imports what it needs when it runs.
HEAVY = (
    "altair",
    "llvmlite",
    "networkx",
    "numpy",
    "pandas",
    "pint",
    "polars",
    "scipy",
    "sklearn",
    "vl_convert",
    "xarray",
)


def files_under(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    }


def test_every_file_of_the_package_is_installed() -> None:
    installed = Path(str(importlib.resources.files("playout")))
    assert files_under(SOURCE) == files_under(installed)


def test_the_package_carries_its_scenarios_and_says_that_it_is_typed() -> None:
    files = files_under(Path(str(importlib.resources.files("playout"))))
    assert "scenarios/us_mexico_cartels/scenario.yaml" in files
    assert "py.typed" in files


def test_the_version_is_the_one_of_pyproject() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert importlib.metadata.version("playout") == project["version"]


def test_the_command_is_installed_and_answers_from_any_folder(tmp_path: Path) -> None:
    command = shutil.which("playout", path=str(Path(sys.executable).parent))
    assert command, "the script `playout` is not beside this Python: these tests are for an installed package"
    done = subprocess.run([command, "--help"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "run" in done.stdout
    assert "check" in done.stdout


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys, playout.present.cli as cli\n"
        "sys.argv = ['playout', '--help']\n"
        "try:\n"
        "    cli.main()\n"
        "except SystemExit:\n"
        "    pass\n"
        f"print('heavy:', *sorted(set({HEAVY!r}) & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "heavy:"


@pytest.mark.bench
def test_help_takes_less_than_three_tenths_of_a_second() -> None:
    """Processor time, the best of five."""
    seconds = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-c", "from playout.present.cli import main; main()", "--help"],
            capture_output=True,
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(seconds) < 0.3


def test_the_locks_name_no_package_index() -> None:
    for name in LOCKS:
        text = (REPOSITORY / name).read_text(encoding="utf-8")
        assert "://" not in text
        assert not [line for line in text.splitlines() if line.startswith("--")]
        requirements = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
        assert requirements
        assert all("==" in line and line.endswith("\\") for line in requirements), "a requirement without hashes"


def declared_dependencies() -> set[str]:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {normal(requirement.split(">=")[0]) for requirement in project["dependencies"]}


def normal(distribution: str) -> str:
    """A distribution's name as indexes and locks spell it."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def imported_modules() -> set[str]:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in SOURCE.rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    return {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names) - {"playout"}


def measured_tools() -> set[str]:
    """Imported where they are installed, by `playout bench`."""
    lines = (REPOSITORY / "benchmarks" / "requirements.in").read_text(encoding="utf-8").splitlines()
    return {normal(line.split(">=")[0]) for line in lines if not line.startswith("#")}


def test_the_dependencies_are_what_the_package_imports() -> None:
    named = {"ruamel": "ruamel-yaml", "sklearn": "scikit-learn", "vl_convert": "vl-convert-python", "yaml": "pyyaml"}
    imported = {named.get(module, normal(module)) for module in imported_modules()}
    assert imported == declared_dependencies() | measured_tools()


def test_the_locks_hold_every_dependency_of_the_project() -> None:
    for name in LOCKS:
        lines = (REPOSITORY / name).read_text(encoding="utf-8").splitlines()
        assert declared_dependencies() <= {normal(line.split("==")[0]) for line in lines}
