"""What the tests need from the machine exists and works."""

import socket
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from pytest_socket import SocketConnectBlockedError
from sqlalchemy import create_engine, text

from tests.machine import chromium
from tests.machine.missing import MissingOnThisMachine
from tests.machine.node import node_path
from tests.machine.ports import free_port
from tests.machine.postgres import postgres_server

ROOT = Path(__file__).parents[2]


def test_a_real_postgresql_answers_and_each_of_its_new_databases_is_empty() -> None:
    with postgres_server() as new_database:
        first, second = create_engine(new_database()), create_engine(new_database())

        with first.begin() as connection:
            connection.execute(text("CREATE TABLE dish (name text)"))
            server = connection.execute(text("SELECT version()")).scalar_one()
        with second.begin() as connection:
            tables = connection.execute(text("SELECT to_regclass('dish')")).scalar_one()
        first.dispose()
        second.dispose()

    assert server.startswith("PostgreSQL 18")
    assert tables is None


def test_nothing_of_a_postgresql_is_left_when_the_tests_are_killed() -> None:
    tests = """
import os, signal
from tests.machine.postgres import postgres_server
with postgres_server() as new_database:
    print(new_database(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    with subprocess.Popen(
        [ROOT / ".venv/bin/python", "-c", tests], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as killed:
        assert killed.stdout
        folder = killed.stdout.readline().partition("host=")[2].partition("&")[0].replace("%2F", "/")
        killed.wait()

    wait_for_the_guard = ["sh", "-c", 'while test -e "$1"; do sleep 0.05; done', "sh", folder]
    assert "tracker-pg-" in folder
    assert subprocess.run(wait_for_the_guard, check=False, timeout=20).returncode == 0


def test_chromium_opens_a_page() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.chromium_path())
        page = browser.new_page()
        page.goto("data:text/html,<title>Your order</title>")
        title = page.title()
        browser.close()

    assert title == "Your order"


def test_a_configured_chromium_that_does_not_run_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    only_says_install_the_snap = tmp_path / "chromium-browser"
    only_says_install_the_snap.write_text("#!/bin/sh\necho 'Please install the snap'\nexit 1\n")
    only_says_install_the_snap.chmod(0o755)
    monkeypatch.setenv("TRACKER_CHROMIUM", str(only_says_install_the_snap))

    with pytest.raises(MissingOnThisMachine, match=f"TRACKER_CHROMIUM is {only_says_install_the_snap}"):
        chromium.chromium_path.__wrapped__()


def test_node_runs_the_official_client() -> None:
    program = "console.log(typeof require('pusher-js').prototype.subscribe)"

    answer = subprocess.run([node_path(), "-e", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert answer.stdout == "function\n"


def test_a_free_port_can_be_listened_on() -> None:
    port = free_port()

    with socket.create_server(("127.0.0.1", port)) as server:
        assert server.getsockname() == ("127.0.0.1", port)


def test_a_test_reaches_no_other_machine() -> None:
    with pytest.warns(UserWarning, match=r"192\.0\.2\.1"), pytest.raises(SocketConnectBlockedError):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
