"""The report in a real browser, where there is one: other tests cannot see what its security policy forbids."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from playout.present.report import write_page
from present.made_up import made_up_page

BROWSER = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)

QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    "--window-size=1280,8000",  # all of the page in sight: no chart waits for a turn that time cuts short
    "--virtual-time-budget=60000",
]


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine (Debian: apt-get install chromium)")
def test_every_chart_is_drawn_under_the_pages_own_policy(tmp_path: Path) -> None:
    report = write_page(made_up_page(), tmp_path / "report.html")
    command = [str(BROWSER), *QUIET, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", report.as_uri()]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    assert not re.findall(r".*CONSOLE.*", shown.stderr)
    page = shown.stdout.partition("<script")[0]
    places = page.split('<div class="chart" data-chart=')[1:]
    assert len(places) == report.read_text(encoding="utf-8").count('<div class="chart" data-chart=')
    for place in places:
        assert re.match(r'"[a-z-]+" role="img"( data-from="[^"]+")? aria-label="[^"]{20,}">', place), (
            "the chart kept its words"
        )
        assert "<svg" in place
        assert "NaN" not in place
    assert page.count('class="marks"') == len(places)
