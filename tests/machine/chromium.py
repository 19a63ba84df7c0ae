"""The Chromium in which the tests open pages. `python -m tests.machine.chromium` prints the path of a full one."""

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
HEADLESS_SHELL = "chromium-headless-shell"
"""Chromium's engine without a browser's windows: it needs a third of the time and reads no profile's preferences."""
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_APPS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# This runs in a process of its own, because Playwright refuses to start where a test has started it already.
ASK_PLAYWRIGHT = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


@cache
def chromium_path() -> str:
    """Return the path of the fastest Chromium that runs: TRACKER_CHROMIUM if set, else the headless shell, else any."""
    if setting := os.environ.get("TRACKER_CHROMIUM"):
        if not _is_runnable(setting):
            raise MissingOnThisMachine(f"TRACKER_CHROMIUM is {setting}, which does not run as a Chromium.")
        return setting
    shell = shutil.which(HEADLESS_SHELL)
    return shell if shell and _is_runnable(shell) else full_chromium_path()


@cache
def full_chromium_path() -> str:
    """Return the path of a Chromium that reads the preferences of a profile: the machine's, else Playwright's."""
    if os.environ.get("TRACKER_CHROMIUM"):
        return chromium_path()
    for candidate in _candidates():
        if _is_runnable(candidate):
            return candidate
    raise MissingOnThisMachine(
        "Chromium is missing. Install it (Debian: apt-get install chromium chromium-headless-shell; "
        "macOS: brew install --cask chromium; elsewhere: .venv/bin/playwright install --with-deps chromium) "
        "or set TRACKER_CHROMIUM to its path."
    )


def _candidates() -> Iterator[str]:
    if FOUND_BY_SETUP.exists():
        yield FOUND_BY_SETUP.read_text().strip()
    yield from filter(None, map(shutil.which, NAMES))
    yield from MAC_APPS
    yield _playwrights_own({"PLAYWRIGHT_BROWSERS_PATH": str(VENV / "browsers")})
    yield _playwrights_own({})


def _playwrights_own(environment: dict[str, str]) -> str:
    command = [sys.executable, "-c", ASK_PLAYWRIGHT]
    return subprocess.run(
        command, env=os.environ | environment, stdout=subprocess.PIPE, text=True, check=False
    ).stdout.strip()


def _is_runnable(path: str) -> bool:
    """Return whether the program runs. Ubuntu's chromium-browser exists, but only prints "install the snap"."""
    if not os.access(path, os.X_OK):
        return False
    result = subprocess.run([path, "--version"], capture_output=True, text=True, check=False, timeout=30)
    return result.returncode == 0 and "Chrom" in result.stdout


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{full_chromium_path()}\n")
    except MissingOnThisMachine as missing:
        sys.exit(str(missing))
