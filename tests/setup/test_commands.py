"""bin/tracker and bin/demo hand over to this checkout's Python: from any directory, and as the same process."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
OURS = """
import json, os, subprocess, sys
child = subprocess.run([sys.executable, "-m", "tracker.child"], stdout=subprocess.PIPE, text=True)
print(json.dumps([os.getpid(), sys.argv[1:], child.stdout]))
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout that is set up, and whose program tells how it was started."""
    place = tmp_path / "a check out"
    for directory in ("bin", "tracker", ".venv/bin"):
        (place / directory).mkdir(parents=True)
    for name in ("tracker", "demo"):
        shutil.copy(ROOT / "bin" / name, place / "bin" / name)
    (place / "bin/setup").write_text("#!/bin/sh\n")
    (place / "bin/setup").chmod(0o755)
    (place / ".venv/bin/python").symlink_to(sys.executable)
    (place / "tracker/__main__.py").write_text(OURS)
    (place / "tracker/child.py").write_text("print('ours')")
    return place


def started(command: Path, *arguments: str, cwd: Path) -> tuple[int, Any]:
    """The process that was started, and what the program told about itself."""
    with subprocess.Popen([command, *arguments], cwd=cwd, stdout=subprocess.PIPE, text=True) as process:
        return process.pid, json.loads(process.communicate(timeout=30)[0])


def test_another_directory_of_the_same_name_is_not_taken_for_the_program(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "tracker").mkdir()
    for name in ("__init__", "__main__", "child"):
        (tmp_path / f"tracker/{name}.py").write_text("print('another')")

    pid, told = started(checkout / "bin/tracker", "migrate", "to here", cwd=tmp_path)

    assert told == [pid, ["migrate", "to here"], "ours\n"]


def test_the_demo_is_the_process_that_a_signal_reaches(checkout: Path, tmp_path: Path) -> None:
    pid, told = started(checkout / "bin/demo", "--quiet-kitchen", cwd=tmp_path)

    assert told == [pid, ["demo", "--quiet-kitchen"], "ours\n"]
