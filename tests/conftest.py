"""Fixtures of most tests: settings, a database of each kind, the application, and a clock that stands still.

This module also decides which tests run with which database, and sets the marks by which bin/test selects tests.
"""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect, sync_playwright
from xdist.scheduler import LoadScopeScheduling

from tests.applications import Applications
from tests.machine.chromium import chromium_path
from tests.machine.postgres import postgres_server
from tracker.config import DEMO_SECRET, Settings, read_settings
from tracker.database import Base, Database
from tracker.schema import migrate

TOGETHER = {
    "tests/processes/test_many_pages.py": "its tests open ports and must have the machine for themselves",
    "tests/processes/test_serve.py": "its tests open ports and must have the machine for themselves",
    "tests/processes/test_refusing.py": "its tests open ports and must have the machine for themselves",
    "tests/demo/test_runner.py": "all demos keep their files in one folder",
    "tests/demo/test_shop.py": "a demo takes seconds to start",
    "tests/web/api/test_schemathesis.py": "its costly preparation runs in one process only",
}
"""Files whose tests one process runs one after the other, each with the reason. Those of one reason stay together."""

FILE_BY_FILE = ("tests/browser/", "tests/stories/")
"""Folders in which the tests of a file share a browser or a site: with each process that runs some, one more starts."""

BOTH_DATABASES = (
    *("tests/accounts/", "tests/live/", "tests/orders/", "tests/upstream/", "tests/races/", "tests/schedules/"),
    *("tests/test_compiled_statement.py", "tests/test_database.py", "tests/test_migrations.py", "tests/test_schema.py"),
)
"""Files and folders where the kind of database matters: a test that takes a database runs once with each kind.

Other tests run with SQLite. They also run with PostgreSQL if marked `both_databases`, or by `--all-databases`.
"""

SECOND_PROCESS = (
    *("tests/demo/test_runner.py", "tests/demo/test_shop.py", "tests/powercuts/", "tests/races/", "tests/schedules/"),
    *("tests/engine/test_channels.py", "tests/engine/test_fast_path.py", "tests/engine/test_fire.py"),
    *("tests/engine/test_handshake.py", "tests/engine/test_hostile.py", "tests/engine/test_official_clients.py"),
    *("tests/engine/test_publishing.py", "tests/engine/test_slow_and_silent.py", "tests/engine/test_stopping.py"),
    *("tests/engine/test_subscriptions.py", "tests/engine/test_thousands.py", "tests/live/test_notifier.py"),
    *("tests/processes/test_many_pages.py", "tests/processes/test_refusing.py", "tests/processes/test_serve.py"),
    *("tests/setup/", "tests/stories/", "tests/web/api/test_schemathesis.py"),
)
"""Files and folders of tests that start programs or wait for them in real time. They get the mark `process`."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option with which every test that takes a database runs with both kinds."""
    parser.addoption(
        "--all-databases", action="store_true", help="run every test that takes a database with both kinds"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the kinds of database for a test that takes one, unless the test chooses them itself."""
    chosen_by_test = any(mark.args[0] == "database_url" for mark in metafunc.definition.iter_markers("parametrize"))
    if "database_url" not in metafunc.fixturenames or chosen_by_test:
        return
    is_for_both = metafunc.definition.nodeid.startswith(BOTH_DATABASES)
    is_for_both |= metafunc.definition.get_closest_marker("both_databases") is not None
    is_for_both |= metafunc.config.getoption("all_databases")
    metafunc.parametrize("database_url", ["sqlite", "postgresql"] if is_for_both else ["sqlite"], indirect=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests that need a browser, by their fixture, and tests that start a second process, by their path."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
        if item.nodeid.startswith(SECOND_PROCESS) or needs_postgresql(item):
            item.add_marker("process")


def needs_postgresql(item: pytest.Item) -> bool:
    """Return whether the test runs on PostgreSQL, whose server is a second process."""
    chosen = getattr(item, "callspec", None)
    fixtures = set(getattr(item, "fixturenames", ()))
    return "postgresql_url" in fixtures or (chosen is not None and "postgresql" in chosen.params.values())


class _Together(LoadScopeScheduling):  # type: ignore[misc]  # xdist is published without types
    """Gives each test to the next free process, except those that one process runs: see TOGETHER and FILE_BY_FILE."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if file.startswith(FILE_BY_FILE) else TOGETHER.get(file, nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    """Return the scheduler of this suite. xdist's own group marks have no effect with the test ids of pytest 9.2."""
    return _Together(config, log)


class Clock:
    """A clock that stands still until a test moves it. It starts on a Friday evening."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)

    def move(self, **distance: float) -> datetime:
        """Move the clock on by the arguments of timedelta, such as minutes=5, and return the new time."""
        self.now += timedelta(**distance)
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Return a clock that replaces the time of tracker.clock."""
    clock = Clock()
    monkeypatch.setattr("tracker.clock.now", lambda: clock.now)
    return clock


@pytest.fixture
def now(clock: Clock) -> datetime:
    """Return the present time of the test."""
    return clock.now


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings of a development machine, with all data in this test's own folder."""
    return read_settings(
        environment="development",
        secret_key="a secret key for tests that is long enough",
        channels_secret=DEMO_SECRET,
        base_url="http://localhost",
        data_dir=tmp_path,
    )


@pytest.fixture(scope="session")
def new_postgresql() -> Iterator[Callable[[], str]]:
    """Run a PostgreSQL server and yield a function that creates an empty database and returns its URL."""
    with postgres_server() as new_database:
        yield new_database


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of a SQLite database with all tables and no rows, from which tests make their copies."""
    path = tmp_path_factory.mktemp("migrated") / "empty.sqlite"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.close()
    return path


@pytest.fixture(scope="session")
def _migrated_postgresql(new_postgresql: Callable[[], str]) -> str:
    url = new_postgresql()
    database = Database(url)
    migrate(database)
    database.close()
    return url


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_sqlite: Path) -> str:
    """Return the URL of a SQLite database with all tables and no rows."""
    shutil.copy(migrated_sqlite, tmp_path / "tracker.sqlite")
    return f"sqlite:///{tmp_path / 'tracker.sqlite'}"


@pytest.fixture
def postgresql_url(_migrated_postgresql: str) -> str:
    """Return the URL of a PostgreSQL database with all tables and no rows."""
    # All rows are deleted by one query of the driver itself, because this runs before some thousand tests.
    delete_all_rows = "; ".join(str(table.delete()) for table in reversed(Base.metadata.sorted_tables))
    with psycopg.connect(_migrated_postgresql.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute(delete_all_rows)
    return _migrated_postgresql


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty, migrated database of the kind that pytest_generate_tests() chooses."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Yield an empty, migrated database of the kind that pytest_generate_tests() chooses."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture(scope="session")
def applications() -> Applications:
    """Return the Flask applications of this process, each of which many tests share."""
    return Applications()


@pytest.fixture
def app(applications: Applications, settings: Settings, database: Database) -> Flask:
    """Return the application on the test's database. A test that adds a route must call create_app() instead."""
    return applications.serving(settings, database)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a client of the application, which acts as a browser without JavaScript."""
    return app.test_client()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run Chromium for one file of tests. While Playwright runs, no other asynchronous code can run in this process."""
    expect.set_options(timeout=20_000)  # milliseconds, enough for a busy machine
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(),
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-quic"],
        )
        yield browser
        browser.close()
