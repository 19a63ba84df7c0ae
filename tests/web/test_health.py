"""The health checks: /up for whether the process is alive, and /ready for whether it can do its work."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from tracker.application import create_app
from tracker.config import Settings
from tracker.database import Database

NEW_VERSION = "UPDATE alembic_version SET version_num = :version RETURNING version_num"


def test_a_site_with_its_database_is_up_and_ready(client: FlaskClient) -> None:
    assert client.get("/up").status_code == 200
    ready = client.get("/ready")

    assert (ready.status_code, ready.get_json()) == (200, {"ready": True})
    assert ready.headers["Cache-Control"] == "no-store"


def test_a_site_whose_tables_are_of_another_version_is_up_but_not_ready(settings: Settings, tmp_path: Path) -> None:
    client = create_app(settings, Database(f"sqlite:///{tmp_path}/empty.sqlite")).test_client()

    assert client.get("/up").status_code == 200
    ready = client.get("/ready")

    assert ready.status_code == 503
    assert "tracker migrate" in ready.get_json()["problem"]


@pytest.mark.parametrize("kind", ["a file that is no database", "a server that isn't there"])
def test_a_site_without_its_database_is_up_but_not_ready_and_reveals_no_details(
    settings: Settings, tmp_path: Path, kind: str
) -> None:
    (tmp_path / "spoilt.sqlite").write_bytes(b"this is no database" * 100)
    is_file = kind == "a file that is no database"
    database = Database(f"sqlite:///{tmp_path}/spoilt.sqlite" if is_file else "postgresql+psycopg://me@127.0.0.1:1/it")
    client = create_app(settings, database).test_client()

    assert client.get("/up").status_code == 200
    ready = client.get("/ready")

    assert (ready.status_code, ready.get_json()["problem"]) == (503, "The database does not answer.")
    database.close()


def test_after_a_migration_forward_an_old_process_is_not_ready(
    client: FlaskClient, database: Database, request: pytest.FixtureRequest
) -> None:
    assert client.get("/ready").status_code == 200
    [present] = _version(database, "SELECT version_num FROM alembic_version")
    request.addfinalizer(lambda: _version(database, NEW_VERSION, version=present))

    _version(database, NEW_VERSION, version="a newer one")

    assert client.get("/ready").status_code == 503


def _version(database: Database, statement: str, **values: str) -> list[str]:
    with database.transaction() as session:
        return list(session.scalars(text(statement), values))
