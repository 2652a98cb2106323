"""What every test run shares: how hypothesis searches, and a line saying which Playout is under test."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# Two loaded cores make single examples slow now and then, and a suite should fail for its code, not for its dice:
# examples are derived from the test itself, and the search for new ones is `--hypothesis-profile=search`.
settings.register_profile("suite", deadline=None, derandomize=True, max_examples=60)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile("suite")

REPOSITORY = Path(__file__).resolve().parent.parent


def pytest_report_header() -> str:
    """Says whether the wheel or the source tree is tested: `make test` means the wheel."""
    spec = importlib.util.find_spec("playout")
    if spec is None or spec.origin is None:
        return "playout: not installed"
    installed = not Path(spec.origin).is_relative_to(REPOSITORY / "src")
    kind = f"the installed wheel, {importlib.metadata.version('playout')}" if installed else "the source tree"
    return f"playout: {kind} ({spec.origin})"


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the repository, where README.md and docs/ stand."""
    return REPOSITORY


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Interrupts arrive here and in child processes, though a shell starts what runs in its background without them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
