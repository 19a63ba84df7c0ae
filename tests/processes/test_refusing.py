"""What cannot work is refused before anything starts: with a sentence and exit code 2, without a traceback."""

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.machine import Machine, a_machine
from tests.site import wait_for
from tracker.config import ROOT
from tracker.database import Database
from tracker.live.notifier import socket_directory
from tracker.schema import migrate


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with a_machine(tmp_path) as machine:
        yield machine


@pytest.fixture
def migrated(machine: Machine) -> Machine:
    database = Database(f"sqlite:///{machine.folder}/data/tracker.sqlite")
    migrate(database)
    database.close()
    return machine


def error_sentence(refused: subprocess.CompletedProcess[str]) -> str:
    assert refused.returncode == 2
    assert refused.stdout == ""
    [line] = refused.stderr.splitlines()
    assert line.endswith(".")
    return line


@pytest.mark.parametrize(
    ("command", "variable"),
    [
        ("serve", "TRACKER_PORT"),
        ("serve", "TRACKER_CHANNELS_PORT"),
        ("web", "TRACKER_PORT"),
        ("engine", "TRACKER_CHANNELS_PORT"),
    ],
)
def test_a_port_that_somebody_else_has_is_refused_before_anything_starts(
    machine: Machine, command: str, variable: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as somebody_else:
        taken = somebody_else.getsockname()[1]
        machine.more[variable] = str(taken)

        line = error_sentence(machine.run(command))

    assert variable in line
    assert str(taken) in line
    assert not (machine.folder / "data").exists()


def test_a_wrong_setting_is_refused_before_anything_starts(machine: Machine) -> None:
    machine.more["TRACKER_BASE_URL"] = "http://orders.example.com"

    assert error_sentence(machine.run("serve")).startswith("TRACKER_BASE_URL: ")
    assert not (machine.folder / "data").exists()


@pytest.mark.parametrize("command", ["web", "work"])
def test_a_database_of_another_version_is_refused_with_what_helps(machine: Machine, command: str) -> None:
    assert "run tracker migrate" in error_sentence(machine.run(command))


def test_nothing_is_served_without_the_database(machine: Machine) -> None:
    machine.more["TRACKER_DATABASE_URL"] = "postgresql://tracker:secret-word@127.0.0.1:1/tracker"

    refused = machine.run("serve")

    assert refused.returncode == 2
    assert refused.stderr.startswith("The database can't be used: ")
    assert "Traceback" not in refused.stderr
    assert "secret-word" not in refused.stderr


def test_a_database_of_a_newer_version_is_left_alone(migrated: Machine) -> None:
    database = Database(f"sqlite:///{migrated.folder}/data/tracker.sqlite")
    with database.transaction() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = 'of tomorrow'")
    database.close()

    refused = migrated.run("serve")

    assert refused.returncode == 2
    assert "newer" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_relative_folder_is_the_same_for_all_processes(machine: Machine) -> None:
    machine.more |= {"TRACKER_DATA_DIR": "here", "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"}
    machine.serve(cwd=machine.folder)
    machine.wait_until_up()

    assert (machine.folder / "here" / "tracker.sqlite").exists()
    directory = socket_directory(
        machine.folder / "here" / "notifier"
    )  # the socket is elsewhere if the path is too long for one
    wait_for(lambda: list(directory.glob("*")), "the worker to listen at its notifier")
