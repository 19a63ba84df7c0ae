"""bin/setup on a checkout with an empty list of packages and a fake npm."""

import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NO_NETWORK = {"PIP_INDEX_URL": "http://127.0.0.1:9", "npm_config_registry": "http://127.0.0.1:9", "PIP_NO_INDEX": "1"}
NO_SUCH_PACKAGE = f"no-such-package==1 --hash=sha256:{'0' * 64}\n"
FAKE_NPM = """#!/bin/sh
[ "$1" = --version ] && exec echo 10.0.0
echo ci >>npm.log
[ "$(cat package-lock.json)" = "{}" ] || { echo "npm error EJSONPARSE"; exit 1; }
mkdir -p node_modules/htmx.org/dist node_modules/pusher-js/dist/web
case " $* " in *" --omit=dev "*) ;; *) mkdir -p node_modules/typescript node_modules/@biomejs/biome ;; esac
cd node_modules
echo htmx | tee htmx.org/LICENSE >htmx.org/dist/htmx.min.js
echo pusher | tee pusher-js/LICENCE pusher-js/dist/web/pusher.min.js >pusher-js/dist/web/pusher.min.js.LICENSE.txt
"""
FAKE_NODE = """#!/bin/sh
[ "$1" = -p ] && echo "$0"
exit 0
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a checkout in a directory with a space in its name, which needs no packages."""
    folder = tmp_path / "a check out"
    for directory in ("bin", "fakes", "requirements"):
        (folder / directory).mkdir(parents=True)
    shutil.copy(ROOT / "bin/setup", folder / "bin/setup")
    for name, program in {"npm": FAKE_NPM, "node": FAKE_NODE}.items():
        (folder / "fakes" / name).write_text(program)
        (folder / "fakes" / name).chmod(0o755)
    for packages in ("build", "run"):
        (folder / f"requirements/{packages}.txt").write_text("# no packages\n")
    (folder / "package-lock.json").write_text("{}\n")
    return folder


def set_up(checkout: Path, *arguments: str, **more_environment: str) -> "subprocess.Popen[str]":
    """Start bin/setup from another directory, with an empty home and without a network."""
    home = checkout.parent / "home"
    home.mkdir(exist_ok=True)
    path = f"{checkout / 'fakes'}:{os.environ['PATH']}"
    environment = {"HOME": str(home), "PATH": path} | NO_NETWORK | more_environment
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [checkout / "bin/setup", *arguments], cwd=home, env=environment, stderr=pipe, text=True, start_new_session=True
    )


def output_of(set_up: "subprocess.Popen[str]", *, exit_code: int = 0) -> str:
    """Wait for the end, and return the standard error. The exit code must be the expected one."""
    with set_up:
        output = set_up.communicate(timeout=240)[1]
    assert set_up.returncode == exit_code, output
    return str(output)


def files_with_times(directory: Path) -> dict[Path, int]:
    return {path: path.lstat().st_mtime_ns for path in directory.rglob("*")}


def test_two_set_ups_at_once_install_everything_once_and_the_next_one_touches_nothing(checkout: Path) -> None:
    both = [set_up(checkout), set_up(checkout)]
    output = "".join(output_of(each) for each in both)
    before = files_with_times(checkout)
    output_again = output_of(set_up(checkout))

    assert output.count("Making .venv") == output.count("Installing Python packages") == 1
    assert (checkout / "npm.log").read_text() == "ci\n"
    assert (checkout / "static/vendor/htmx.min.js").read_text() == "htmx\n"
    assert (checkout / "static/vendor/pusher.min.js.LICENSE.txt").read_text() == "pusher\npusher\n"
    assert output_again == ""
    assert files_with_times(checkout) == before


def test_the_linter_and_the_type_checker_of_our_scripts_are_installed_only_for_the_tests(checkout: Path) -> None:
    (checkout / "requirements/test.txt").write_text("# no packages\n")
    (checkout / "tests/machine").mkdir(parents=True)
    (checkout / "tests/machine/postgres.py").write_text("")
    output_of(set_up(checkout))
    had_them_to_run = (checkout / "node_modules/typescript").exists()

    output = output_of(set_up(checkout, "--for", "test", TRACKER_CHROMIUM="/bin/sh"))
    output_again = output_of(set_up(checkout, "--for", "test", TRACKER_CHROMIUM="/bin/sh"))
    output_to_run = output_of(set_up(checkout))

    assert not had_them_to_run
    assert "Installing front-end packages from package-lock.json." in output.splitlines()
    assert (checkout / "node_modules/@biomejs/biome").exists()
    assert output_again == output_to_run == ""


def test_a_list_that_cannot_be_installed_is_named_in_one_sentence_and_mending_it_is_enough(checkout: Path) -> None:
    (checkout / "requirements/run.txt").write_text(NO_SUCH_PACKAGE)
    (checkout / "package-lock.json").write_text("{")
    output_of_python = output_of(set_up(checkout), exit_code=1).splitlines()
    (checkout / "requirements/run.txt").write_text("# no packages\n")
    output_of_npm = output_of(set_up(checkout), exit_code=1).splitlines()
    (checkout / "package-lock.json").write_text("{}")
    output_when_mended = output_of(set_up(checkout)).splitlines()

    assert output_of_python[-2].startswith("ERROR: No matching distribution found")
    assert output_of_python[-1].startswith(
        "bin/setup: The Python packages of requirements/run.txt could not be installed"
    )
    assert output_of_npm[-2] == "npm error EJSONPARSE"
    assert output_of_npm[-1].startswith("bin/setup: The front-end packages could not be installed")
    assert output_when_mended == ["Installing front-end packages from package-lock.json."]


def test_a_set_up_that_was_killed_while_it_installed_starts_again(checkout: Path) -> None:
    (checkout / "requirements/run.txt").write_text(NO_SUCH_PACKAGE)
    with socket.create_server(("127.0.0.1", 0)) as index_that_never_answers:
        index_that_never_answers.settimeout(60)
        url = f"http://127.0.0.1:{index_that_never_answers.getsockname()[1]}"
        killed = set_up(checkout, PIP_INDEX_URL=url, PIP_NO_INDEX="0")
        index_that_never_answers.accept()[0].close()
        os.killpg(killed.pid, signal.SIGKILL)
        output_of(killed, exit_code=-signal.SIGKILL)

    (checkout / "requirements/run.txt").write_text("# no packages\n")
    output = output_of(set_up(checkout))

    assert "Making .venv" in output
    assert (checkout / "static/vendor/htmx.min.js").exists()


def test_this_checkout_is_ready_and_needs_no_network_to_know_it() -> None:
    again = subprocess.run(
        [ROOT / "bin/setup", "--for", "test"],
        env=os.environ | NO_NETWORK,
        capture_output=True,
        text=True,
        check=False,
        timeout=10,
    )

    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
