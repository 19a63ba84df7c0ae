"""What most tests start from: settings, a database of each kind, the application, a clock that stands still."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright
from xdist.scheduler import LoadScopeScheduling

from tests.compiled_once import make_once
from tests.machine.chromium import chromium_path
from tests.machine.postgres import postgres_server
from tracker.application import create_app
from tracker.config import DEMO_SECRET, Settings, read_settings
from tracker.database import Base, Database
from tracker.schema import migrate

TOGETHER = {
    "tests/processes/test_many_pages.py": "what opens ports and wants the machine for itself",
    "tests/processes/test_serve.py": "what opens ports and wants the machine for itself",
    "tests/processes/test_refusing.py": "what opens ports and wants the machine for itself",
    "tests/demo/test_runner.py": "the demo has one place for its files",
    "tests/demo/test_shop.py": "a demo takes seconds to start",
    "tests/web/api/test_schemathesis.py": "one process only makes itself ready for it",
}
"""Tests that one process runs, one after the other, and why."""

make_once()


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
def _migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
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
def sqlite_url(tmp_path: Path, _migrated_sqlite: Path) -> str:
    """A SQLite database with all tables and no rows."""
    shutil.copy(_migrated_sqlite, tmp_path / "tracker.sqlite")
    return f"sqlite:///{tmp_path / 'tracker.sqlite'}"


@pytest.fixture
def postgresql_url(_migrated_postgresql: str) -> str:
    """A PostgreSQL database with all tables and no rows."""
    # One question by the driver itself: it is asked before each of some thousand tests.
    everything = "; ".join(str(table.delete()) for table in reversed(Base.metadata.sorted_tables))
    with psycopg.connect(_migrated_postgresql.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute(everything)
    return _migrated_postgresql


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty, migrated database; the test runs once with each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty, migrated database; the test runs once with each kind."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def app(settings: Settings, database: Database) -> Flask:
    """The web application on the test's database."""
    return create_app(settings, database)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript."""
    return app.test_client()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium. One for each file of tests: while Playwright runs, nothing else in this process may be async."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(),
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-quic"],
        )
        yield browser
        browser.close()
