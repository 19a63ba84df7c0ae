"""bin/tracker and bin/demo run this checkout's Python from any directory, in the same process."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import json, os, subprocess, sys
child = subprocess.run([sys.executable, "-m", "tracker.child"], stdout=subprocess.PIPE, text=True)
print(json.dumps([os.getpid(), sys.argv[1:], child.stdout]))
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a checkout that is set up, with a program that prints how it was started."""
    folder = tmp_path / "a check out"
    for directory in ("bin", "tracker", ".venv/bin"):
        (folder / directory).mkdir(parents=True)
    for name in ("tracker", "demo"):
        shutil.copy(ROOT / "bin" / name, folder / "bin" / name)
    (folder / "bin/setup").write_text("#!/bin/sh\n")
    (folder / "bin/setup").chmod(0o755)
    (folder / ".venv/bin/python").symlink_to(sys.executable)
    (folder / "tracker/__main__.py").write_text(PROGRAM)
    (folder / "tracker/child.py").write_text("print('ours')")
    return folder


def run_program(command: Path, *arguments: str, cwd: Path) -> tuple[int, Any]:
    """Run the program, and return its process id and what it printed about itself."""
    with subprocess.Popen([command, *arguments], cwd=cwd, stdout=subprocess.PIPE, text=True) as process:
        return process.pid, json.loads(process.communicate(timeout=30)[0])


def test_another_directory_of_the_same_name_is_not_taken_for_the_program(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "tracker").mkdir()
    for name in ("__init__", "__main__", "child"):
        (tmp_path / f"tracker/{name}.py").write_text("print('another')")

    pid, description = run_program(checkout / "bin/tracker", "migrate", "to here", cwd=tmp_path)

    assert description == [pid, ["migrate", "to here"], "ours\n"]


def test_the_demo_is_the_process_that_a_signal_reaches(checkout: Path, tmp_path: Path) -> None:
    pid, description = run_program(checkout / "bin/demo", "--quiet-kitchen", cwd=tmp_path)

    assert description == [pid, ["demo", "--quiet-kitchen"], "ours\n"]
