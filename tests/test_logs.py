"""What the log contains, and what it must never contain."""

import io
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.builders import a_customer, a_platform_account
from tracker import logs
from tracker.application import create_app
from tracker.config import ROOT, Settings
from tracker.database import Database

DOOR = "the-key-of-the-demos-door"
TOKEN = "a-token-that-opens-something"


@pytest.fixture
def log(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Configure logging as in production and yield the buffer to which it writes."""
    root = logging.getLogger()
    before, level, hooks = root.handlers[:], root.level, (sys.excepthook, threading.excepthook)
    log = io.StringIO()
    monkeypatch.setattr("sys.stderr", log)
    logs.configure(settings.model_copy(update={"environment": "production", "log_level": "DEBUG"}))
    yield log
    root.handlers[:] = before
    root.setLevel(level)
    logging.captureWarnings(False)
    sys.excepthook, threading.excepthook = hooks


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def requests(log: io.StringIO) -> list[dict[str, Any]]:
    return [line for line in lines(log) if line["event"] == "request"]


@pytest.fixture
def app(settings: Settings, database: Database) -> Flask:
    """Return a development application with the demo's sign-in address and two routes that fail."""
    app = create_app(settings.model_copy(update={"demo_door": type(settings.secret_key)(DOOR)}), database)
    app.add_url_rule("/fails/<secret>", "fails", fails)
    app.add_url_rule("/collides/<secret>", "collides", collides, defaults={"database": database})
    return app


def fails(secret: str) -> str:
    raise ZeroDivisionError


def collides(secret: str, database: Database) -> str:
    with database.transaction() as session:
        session.add_all([a_customer(email="ada@example.com"), a_customer(email="ada@example.com")])
    return ""


def test_each_request_is_one_line_with_its_method_rule_and_status(client: FlaskClient, log: io.StringIO) -> None:
    client.get("/sign-in")
    client.get("/nowhere")

    first, second = requests(log)
    assert (first["method"], first["rule"], first["status"]) == ("GET", "/sign-in", 200)
    assert (second["rule"], second["status"]) == ("(none)", 404)
    assert first["ms"] >= 0
    assert {"timestamp", "level", "logger"} <= first.keys()


def test_a_health_check_leaves_no_line(client: FlaskClient, log: io.StringIO) -> None:
    assert client.get("/up").status_code == 200
    assert client.get("/ready").status_code == 200

    assert requests(log) == []


@pytest.mark.parametrize(
    "address",
    [
        f"/api/v1/pusher/auth?key=a&access_token={TOKEN}",
        f"/orders?{TOKEN}",
        f"/nowhere/{TOKEN}",
        f"/sign-in/link?secret={TOKEN}",
        f"/demo/{TOKEN}",
        f"/demo/{DOOR}",
        f"/fails/{TOKEN}",
        f"/webhooks/flipdish/{TOKEN}",
        f"/webhooks/{TOKEN}/0",
    ],
)
def test_an_address_is_never_logged_because_it_may_contain_a_secret(
    client: FlaskClient, log: io.StringIO, address: str
) -> None:
    client.get(address, headers={"X-Verify-Token": TOKEN, "Authorization": TOKEN, "Referer": address})

    assert len(requests(log)) == 1
    assert TOKEN not in log.getvalue()
    assert DOOR not in log.getvalue()


def test_a_notice_is_logged_by_its_name_and_without_personal_data(
    client: FlaskClient, database: Database, log: io.StringIO
) -> None:
    with database.transaction() as session:
        platform_account = a_platform_account()
        session.add(platform_account)
    notice = json.loads((ROOT / "tests/upstream/flipdish/seeds/order.created.json").read_text())
    notice["Order"]["Customer"]["EmailAddress"] = "ada@example.com"

    response = client.post(
        f"/webhooks/flipdish/{platform_account.id}", json=notice, headers={"X-Verify-Token": "a-verify-token-for-tests"}
    )

    assert response.status_code == 200
    [line] = requests(log)
    assert (line["platform"], line["event_name"], line["notice"]) == ("flipdish", "order.created", "handled")
    assert "ada@" not in log.getvalue()
    assert "a-verify-token" not in log.getvalue()


def test_signing_in_leaves_no_email_address_in_the_log(client: FlaskClient, log: io.StringIO) -> None:
    client.post("/sign-in", data={"email": "ada@example.com"}, headers={"Origin": "http://localhost"})

    assert len(requests(log)) == 1
    assert "ada@" not in log.getvalue()


def test_a_failure_is_logged_with_its_traceback_and_without_the_address(client: FlaskClient, log: io.StringIO) -> None:
    response = client.get(f"/fails/{TOKEN}")

    assert response.status_code == 500
    [failure] = [line for line in lines(log) if line["level"] == "error"]
    assert failure["event"] == "answering GET /fails/<secret> failed"
    assert "ZeroDivisionError" in failure["exception"]
    assert TOKEN not in log.getvalue()


def test_a_failure_of_the_database_is_logged_without_values(client: FlaskClient, log: io.StringIO) -> None:
    response = client.get(f"/collides/{TOKEN}")

    assert response.status_code == 500
    assert "IntegrityError" in log.getvalue()
    assert "INSERT INTO customers" in log.getvalue()
    assert "ada@" not in log.getvalue()
    assert "Ada Byrne" not in log.getvalue()


def test_production_logs_one_json_object_a_line(log: io.StringIO) -> None:
    logger = logging.getLogger("somebody.else")

    logger.warning("two\nlines and a %s", "“quote”", extra={"number": 1, "when": object()})
    try:
        raise ValueError("with a\nsecond line")
    except ValueError:
        logger.exception("it failed")
    logging.getLogger("py.warnings").warning("deprecated")

    entries = lines(log)
    assert [line["level"] for line in entries] == ["warning", "error", "warning"]
    assert entries[0]["event"] == "two\nlines and a “quote”"
    assert "second line" in entries[1]["exception"]


@pytest.mark.process
def test_an_exception_that_ends_a_process_or_a_thread_is_one_json_object_as_well() -> None:
    dying = """
import threading
from tracker import logs
from tracker.config import read_settings

logs.configure(read_settings())
thread = threading.Thread(target=lambda: 1 / 0)
thread.start()
thread.join()
raise ValueError("the end")
"""
    secret = "a secret that is long enough for a production"
    environment = {
        "TRACKER_SECRET_KEY": secret,
        "TRACKER_CHANNELS_SECRET": secret,
        "TRACKER_SMTP_URL": "smtp://localhost",
    }

    ended = subprocess.run(
        [sys.executable, "-c", dying], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    thread, process = [json.loads(line) for line in ended.stderr.splitlines()]
    assert ended.returncode == 1
    assert "ZeroDivisionError" in thread["exception"]
    assert "the end" in process["exception"]


def test_a_log_line_on_a_development_machine_is_readable_text(settings: Settings) -> None:
    handler = logging.Handler()
    line_form = logs.logging_config(settings)["formatters"]["line"]
    handler.setFormatter(line_form["()"](readable=line_form["readable"]))

    line = handler.format(logging.makeLogRecord({"msg": "request", "levelname": "INFO", "status": 200}))

    assert "request" in line
    assert "status=200" in line
