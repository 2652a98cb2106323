from __future__ import annotations

import pytest

from conformance import scenario
from playout.compile.lower import lower
from playout.errors import ScenarioError


def test_names_that_would_draw_the_same_numbers_are_refused() -> None:
    """Found by trying: the stream keys of these two names agree."""
    checked = scenario(
        """
beliefs:
  b23345: {is: 1 to 2, unit: "1", assumed: a test}
  b132403: {is: 1 to 2, unit: "1", assumed: a test}
measures:
  m: {of: b23345 + b132403}
"""
    )
    with pytest.raises(ScenarioError, match=r"same-draws\]: `belief b132403` and `belief b23345` would draw the same"):
        lower(checked)
