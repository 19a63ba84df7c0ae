"""The linter and the type checker of our scripts: each finds a mistake in a copy of static/js/ that has one."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.machine.node import node_path
from tracker.config import ROOT

LINT = ["node_modules/@biomejs/biome/bin/biome", "lint", "--error-on-warnings"]
TYPES = ["node_modules/typescript/bin/tsc", "-p", "."]
"""The checks as bin/test calls them."""


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """Return the folder of scripts in a copy of everything that the checks read."""
    for name in ("biome.jsonc", "tsconfig.json"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    return shutil.copytree(ROOT / "static/js", tmp_path / "static/js")


def run(check: list[str], scripts: Path) -> subprocess.CompletedProcess[str]:
    """Run a check on the copy, as bin/test does."""
    command = [node_path(), *check]
    return subprocess.run(command, cwd=scripts.parents[1], capture_output=True, text=True, check=False)


def test_the_checks_that_bin_test_runs_are_these() -> None:
    commands = (ROOT / "bin/test").read_text()

    assert f'"$bin/node" {" ".join(LINT)}\n' in commands
    assert f'"$bin/node" {" ".join(TYPES)}\n' in commands


@pytest.mark.parametrize(
    ("check", "mistake", "complaint"),
    [
        (LINT, "if (document.title == 1) location.reload();", "noDoubleEquals"),
        (
            TYPES,
            'document.addEventListener("htmx:after:swap", ({ detail }) => detail.swapped);',
            "'swapped' does not exist",
        ),
    ],
)
def test_a_mistake_in_a_script_fails_the_check(scripts: Path, check: list[str], mistake: str, complaint: str) -> None:
    with (scripts / "copy.js").open("a") as script:
        script.write(f"{mistake}\n")

    result = run(check, scripts)

    assert result.returncode != 0
    assert complaint in result.stdout + result.stderr
    assert "static/js/copy.js" in result.stdout + result.stderr
