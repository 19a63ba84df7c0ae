"""The commit-msg hook accepts the project's form of a subject and refuses any other with a reason."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tracker.config import ROOT

HOOK = ROOT / ".githooks/commit-msg"


def check(folder: Path, message: str) -> subprocess.CompletedProcess[str]:
    """Run the hook on this message as git does."""
    path = folder / "COMMIT_EDITMSG"
    path.write_text(message)
    return subprocess.run([HOOK, path], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "message",
    [
        "widget: Clear the previous order when the token changes",
        "web/api: Name what an event holds\n\nPrograms had to guess it.\n",
        "orders, live: Record one type for each event\n# Please enter the commit message\n",
        "fixup! anything at all",
        "Merge branch 'main'",
    ],
)
def test_a_subject_with_area_and_verb_is_accepted(tmp_path: Path, message: str) -> None:
    assert check(tmp_path, message).returncode == 0


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("Clear the previous order", "names no area"),
        ("widget: clear the previous order", "does not begin with a verb"),
        ("widget: Clear the previous order.", "full stop"),
        ("widget: " + "Clear " * 12, "72 are the most"),
        ("widget: Clear the previous order\nbecause it stayed", "second line"),
        ("", "names no area"),
    ],
)
def test_any_other_subject_is_refused_with_a_reason(tmp_path: Path, message: str, reason: str) -> None:
    refused = check(tmp_path, message)

    assert refused.returncode == 1
    assert reason in refused.stderr


def test_the_set_up_for_developers_installs_the_hooks(tmp_path: Path) -> None:
    checkout, programs = tmp_path / "a check out", tmp_path / "programs"
    for folder in (checkout / "bin", checkout / ".githooks", programs):
        folder.mkdir(parents=True)
    shutil.copy(ROOT / "bin/setup", checkout / "bin/setup")
    for name in ("bash", "dirname", "git"):
        (programs / name).symlink_to(str(shutil.which(name)))
    environment = {"PATH": str(programs), "HOME": str(tmp_path)}
    subprocess.run(["git", "init", "--quiet"], cwd=checkout, env=environment, check=True)

    # There is no Python on this path, so that the set-up ends right after it has installed the hooks.
    subprocess.run([checkout / "bin/setup", "--for", "test"], env=environment, capture_output=True, check=False)

    command = ["git", "config", "--local", "core.hooksPath"]
    assert (
        subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True).stdout == ".githooks\n"
    )
