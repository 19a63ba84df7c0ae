"""The Chromium that the tests look at pages with. `python -m tests.machine.chromium` prints its path."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.machine.missing import MissingOnThisMachine

VENV = Path(__file__).parents[2] / ".venv"
FOUND_BY_SETUP = VENV / "ready/chromium"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_APPS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# In a process of its own: Playwright refuses to start where a test has started it already.
ASK_PLAYWRIGHT = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


@cache
def chromium_path() -> str:
    """Return the path of a Chromium that runs: TRACKER_CHROMIUM if set, else the machine's, else Playwright's."""
    if asked_for := os.environ.get("TRACKER_CHROMIUM"):
        if not _runs(asked_for):
            raise MissingOnThisMachine(f"TRACKER_CHROMIUM is {asked_for}, which does not run as a Chromium.")
        return asked_for
    for candidate in _candidates():
        if _runs(candidate):
            return candidate
    raise MissingOnThisMachine(
        "Chromium is missing. Install it (Debian: apt-get install chromium; macOS: brew install --cask chromium; "
        "elsewhere: .venv/bin/playwright install --with-deps chromium) or set TRACKER_CHROMIUM to its path."
    )


def _candidates() -> Iterator[str]:
    if FOUND_BY_SETUP.exists():
        yield FOUND_BY_SETUP.read_text().strip()
    yield from filter(None, map(shutil.which, NAMES))
    yield from MAC_APPS
    yield _playwrights_own({"PLAYWRIGHT_BROWSERS_PATH": str(VENV / "browsers")})
    yield _playwrights_own({})


def _playwrights_own(where: dict[str, str]) -> str:
    question = [sys.executable, "-c", ASK_PLAYWRIGHT]
    return subprocess.run(
        question, env=os.environ | where, stdout=subprocess.PIPE, text=True, check=False
    ).stdout.strip()


def _runs(path: str) -> bool:
    """Ubuntu's chromium-browser is a script that only says "install the snap": being there is not enough."""
    if not os.access(path, os.X_OK):
        return False
    answer = subprocess.run([path, "--version"], capture_output=True, text=True, check=False, timeout=30)
    return answer.returncode == 0 and "Chrom" in answer.stdout


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{chromium_path()}\n")
    except MissingOnThisMachine as missing:
        sys.exit(str(missing))
