"""What most tests start from: settings, a database of each kind, the application, a clock that stands still.

Also which tests run with which database, and the marks by which bin/test chooses among them.
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
    "tests/stories/shop/test_shop.py": "its stories share a site",
    "tests/stories/test_adjustments_by_hand.py": "its stories share a site",
    "tests/stories/test_adjustments_in_two_browsers.py": "its stories share a site",
    "tests/processes/test_many_pages.py": "what opens ports and wants the machine for itself",
    "tests/processes/test_serve.py": "what opens ports and wants the machine for itself",
    "tests/processes/test_refusing.py": "what opens ports and wants the machine for itself",
    "tests/demo/test_runner.py": "the demo has one place for its files",
    "tests/demo/test_shop.py": "a demo takes seconds to start",
    "tests/web/api/test_schemathesis.py": "one process only makes itself ready for it",
}
"""Tests that one process runs, one after the other, and why."""


BOTH_DATABASES = (
    *("tests/accounts/", "tests/live/", "tests/orders/", "tests/upstream/", "tests/races/", "tests/schedules/"),
    *("tests/test_compiled_statement.py", "tests/test_database.py", "tests/test_migrations.py", "tests/test_schema.py"),
)
"""Where it matters which database it is: there a test that takes a database runs once with each kind.

Elsewhere it runs with SQLite, and with PostgreSQL as well if it is marked `both_databases` or by `--all-databases`.
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
"""Files and folders of tests that start programs, or wait for them by the clock of this machine: mark `process`."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option with which every test that takes a database runs with both kinds."""
    parser.addoption(
        "--all-databases", action="store_true", help="run every test that takes a database with both kinds"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the kinds of database for a test that takes one, unless the test does that itself."""
    chosen_by_test = any(mark.args[0] == "database_url" for mark in metafunc.definition.iter_markers("parametrize"))
    if "database_url" not in metafunc.fixturenames or chosen_by_test:
        return
    is_for_both = metafunc.definition.nodeid.startswith(BOTH_DATABASES)
    is_for_both |= metafunc.definition.get_closest_marker("both_databases") is not None
    is_for_both |= metafunc.config.getoption("all_databases")
    metafunc.parametrize("database_url", ["sqlite", "postgresql"] if is_for_both else ["sqlite"], indirect=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser by its fixture, and what starts a second process by its place."""
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
    """Every test by itself to whichever process is free, but those of TOGETHER."""

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER.get(nodeid.partition("::")[0], nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    """In place of xdist's own marks for this, which no longer reach it: pytest 9.2 names tests in another way."""
    return _Together(config, log)


class Clock:
    """A clock that stands still until it is moved. The tests' present is a Friday evening."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)

    def move(self, **distance: float) -> datetime:
        """Go on by so many minutes=…, seconds=… and so on."""
        self.now += timedelta(**distance)
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Everything that asks tracker.clock gets this clock's time."""
    clock = Clock()
    monkeypatch.setattr("tracker.clock.now", lambda: clock.now)
    return clock


@pytest.fixture
def now(clock: Clock) -> datetime:
    """The tests' present."""
    return clock.now


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a development machine, with all data in this test's own folder."""
    return read_settings(
        environment="development",
        secret_key="a secret key for tests that is long enough",
        channels_secret=DEMO_SECRET,
        base_url="http://localhost",
        data_dir=tmp_path,
    )


@pytest.fixture(scope="session")
def new_postgresql() -> Iterator[Callable[[], str]]:
    """A running PostgreSQL: each call makes an empty database and says its URL."""
    with postgres_server() as new_database:
        yield new_database


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a SQLite database with all tables and no rows, to be copied."""
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
    """A SQLite database with all tables and no rows."""
    shutil.copy(migrated_sqlite, tmp_path / "tracker.sqlite")
    return f"sqlite:///{tmp_path / 'tracker.sqlite'}"


@pytest.fixture
def postgresql_url(_migrated_postgresql: str) -> str:
    """A PostgreSQL database with all tables and no rows."""
    # One question by the driver itself: it is asked before each of some thousand tests.
    everything = "; ".join(str(table.delete()) for table in reversed(Base.metadata.sorted_tables))
    with psycopg.connect(_migrated_postgresql.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute(everything)
    return _migrated_postgresql


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty, migrated database, of a kind that pytest_generate_tests() chooses."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty, migrated database, of a kind that pytest_generate_tests() chooses."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture(scope="session")
def applications() -> Applications:
    """The web applications of this process, each used by many tests."""
    return Applications()


@pytest.fixture
def app(applications: Applications, settings: Settings, database: Database) -> Flask:
    """The web application on the test's database. A test that adds a route to it makes its own with create_app()."""
    return applications.serving(settings, database)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript."""
    return app.test_client()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium. One for each file of tests: while Playwright runs, nothing else in this process may be async."""
    expect.set_options(timeout=20_000)  # milliseconds until what is expected has to be seen, also on a busy machine
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(),
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-quic"],
        )
        yield browser
        browser.close()
