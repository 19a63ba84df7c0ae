"""E-mails are sent after their transaction's commit, are tried again after failures, and leave nothing behind."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.accounts.certificate import server_with_own_certificate
from tests.accounts.mail_server import MailServer
from tests.conftest import Clock
from tracker.accounts import smtp
from tracker.accounts.mail_queue import delete_old_emails, queue_email, send_due_emails
from tracker.accounts.model import Mail
from tracker.config import Settings
from tracker.database import Database

TEXT = "Hello,\n\nYour code to sign in is 482913\n.\nA line that starts with a full stop is above.\n"


@pytest.fixture
def server() -> Iterator[MailServer]:
    """Yield a mail server that accepts everything."""
    with MailServer().running() as server:
        yield server


def queue_email_to_ada(database: Database, now: datetime, *, useful_until: datetime | None = None) -> str:
    """Queue an e-mail to Ada and return its id."""
    with database.transaction() as session:
        return queue_email(session, "ada@example.com", "Your way in", TEXT, now, useful_until=useful_until).id


def only_email(database: Database) -> Mail:
    """Return the only e-mail in the queue."""
    with database.read_session() as session:
        return session.scalars(select(Mail)).one()


def with_server(settings: Settings, url: str) -> Settings:
    """Return production settings with a mail server."""
    return settings.model_copy(
        update={"smtp_url": type(settings.smtp_url)(url), "mail_from": "Bella Napoli <orders@example.org>"}
    )


def settings_for(server: MailServer, settings: Settings) -> Settings:
    """Return settings that name this server, without a password."""
    return with_server(settings, f"smtp://127.0.0.1:{server.port}")


def test_an_email_arrives_with_what_an_email_needs(
    database: Database, settings: Settings, server: MailServer, now: datetime
) -> None:
    email_id = queue_email_to_ada(database, now)

    assert send_due_emails(database, settings_for(server, settings), now) == 1

    (email,) = server.emails
    assert email["To"] == "ada@example.com"
    assert email["From"] == "Bella Napoli <orders@example.org>"
    assert email["Subject"] == "Your way in"
    assert email["Date"].datetime == now
    assert email["Message-ID"] == f"<{email_id}@example.org>"
    assert email["Auto-Submitted"] == "auto-generated"
    assert email.get_content_type() == "text/plain"
    assert email.get_content().replace("\r\n", "\n") == TEXT
    assert "mail FROM:<orders@example.org>" in server.lines
    assert "rcpt TO:<ada@example.com>" in server.lines


def test_the_text_of_a_sent_email_is_deleted_and_it_is_sent_only_once(
    database: Database, settings: Settings, server: MailServer, now: datetime
) -> None:
    queue_email_to_ada(database, now)
    send_due_emails(database, settings_for(server, settings), now)

    again = send_due_emails(database, settings_for(server, settings), now + timedelta(days=1))

    assert again == 0
    assert len(server.emails) == 1
    stored = only_email(database)
    assert (stored.text, stored.sent_at, stored.try_at) == ("", now, None)


def test_an_email_whose_transaction_failed_is_never_sent(
    database: Database, settings: Settings, server: MailServer, now: datetime
) -> None:
    def fail_after_queueing() -> None:
        with database.transaction() as session:
            queue_email(session, "ada@example.com", "Your way in", TEXT, now)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_queueing()

    assert send_due_emails(database, settings_for(server, settings), now) == 0
    assert server.emails == []


def test_a_mail_server_that_is_away_is_tried_again_ever_more_rarely_and_for_a_day_at_most(
    database: Database, settings: Settings, clock: Clock
) -> None:
    with MailServer().running() as gone:
        nobody_there = settings_for(gone, settings)
    queue_email_to_ada(database, clock.now)

    pauses = []
    while (due := only_email(database).try_at) is not None:
        pauses.append((due - clock.now) / timedelta(minutes=1))
        clock.now = due
        assert send_due_emails(database, nobody_there, clock.now) == 0

    assert pauses == [0, 1, 5, 15, 60, 180, 480, 720]
    stored = only_email(database)
    assert (stored.text, stored.sent_at) == ("", None)


def test_an_email_is_sent_when_the_mail_server_is_back(
    database: Database, settings: Settings, server: MailServer, now: datetime
) -> None:
    server.response_to_data = "451 Later please"
    queue_email_to_ada(database, now)
    first = send_due_emails(database, settings_for(server, settings), now)
    server.response_to_data = "250 OK"

    too_early = send_due_emails(database, settings_for(server, settings), now + timedelta(seconds=59))
    in_time = send_due_emails(database, settings_for(server, settings), now + timedelta(seconds=60))

    assert (first, too_early, in_time) == (0, 0, 1)
    assert len(server.emails) == 1


def test_one_email_that_is_not_taken_holds_up_no_other(
    database: Database, settings: Settings, server: MailServer, now: datetime
) -> None:
    server.response_to_recipient = "450 Busy"
    queue_email_to_ada(database, now)
    send_due_emails(database, settings_for(server, settings), now)
    server.response_to_recipient = "250 OK"
    queue_email_to_ada(database, now)

    sent = send_due_emails(database, settings_for(server, settings), now)

    assert sent == 1


def test_an_address_that_does_not_exist_is_not_tried_again(
    database: Database, settings: Settings, server: MailServer, now: datetime
) -> None:
    server.response_to_recipient = "550 No such person"
    queue_email_to_ada(database, now)

    sent = send_due_emails(database, settings_for(server, settings), now)

    assert sent == 0
    stored = only_email(database)
    assert (stored.text, stored.try_at, stored.sent_at) == ("", None, None)


def test_a_code_that_has_ended_is_not_sent_hours_later(
    database: Database, settings: Settings, server: MailServer, now: datetime
) -> None:
    queue_email_to_ada(database, now, useful_until=now + timedelta(minutes=10))

    sent = send_due_emails(database, settings_for(server, settings), now + timedelta(minutes=10))

    assert (sent, server.emails) == (0, [])
    assert only_email(database).text == ""


def test_two_workers_do_not_send_the_same_email(
    database: Database, settings: Settings, server: MailServer, now: datetime
) -> None:
    queue_email_to_ada(database, now)
    sent_by_another = []

    server.before_responding_to_data = lambda: sent_by_another.append(
        send_due_emails(database, settings_for(server, settings), now)
    )
    sent = send_due_emails(database, settings_for(server, settings), now)

    assert (sent, sent_by_another) == (1, [0])
    assert len(server.emails) == 1


def test_an_email_whose_worker_died_while_sending_is_sent_by_the_next_one(
    database: Database, settings: Settings, server: MailServer, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue_email_to_ada(database, now)
    with monkeypatch.context() as broken:
        broken.setattr("tracker.accounts.mail_queue._message", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            send_due_emails(database, settings_for(server, settings), now)

    at_once = send_due_emails(database, settings_for(server, settings), now + timedelta(minutes=4))
    after_the_claim = send_due_emails(database, settings_for(server, settings), now + timedelta(minutes=5))

    assert (at_once, after_the_claim) == (0, 1)


@pytest.mark.parametrize(
    ("recipient", "subject"),
    [
        ("ada@example.com\r\nBcc: eve@example.org", "Hello"),
        ("ada@example.com, eve@example.org", "Hello"),
        ("ada@example.com", "Hello\nBcc: eve@example.org"),
        ("ada@example.com", "Hello\u2028Bcc: eve@example.org"),
        ("Ada@Example.com", "Hello"),
    ],
)
def test_nobody_can_smuggle_a_second_recipient_into_an_email(
    database: Database, now: datetime, recipient: str, subject: str
) -> None:
    with pytest.raises(ValueError, match="address"), database.transaction() as session:
        queue_email(session, recipient, subject, TEXT, now)


def test_a_password_goes_only_through_tls(
    database: Database, settings: Settings, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls, trusted = server_with_own_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    queue_email_to_ada(database, now)

    with MailServer(extensions=("STARTTLS", "AUTH PLAIN"), tls=tls).running() as server:
        sent = send_due_emails(database, with_server(settings, f"smtp://me:p%40ss%2Fword@127.0.0.1:{server.port}"), now)

    assert sent == 1
    assert server.password == "p@ss/word"
    assert server.unencrypted_lines == ["ehlo localhost", "STARTTLS"]
    assert len(server.emails) == 1


def test_a_password_is_not_sent_to_a_server_without_tls(
    database: Database, settings: Settings, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    queue_email_to_ada(database, now)

    with MailServer(extensions=("AUTH PLAIN",)).running() as server:
        sent = send_due_emails(database, with_server(settings, f"smtp://me:secret@127.0.0.1:{server.port}"), now)

    assert (sent, server.password, server.emails) == (0, "", [])
    assert "can't be reached: SMTPNotSupportedError" in caplog.text


def test_an_email_is_not_sent_to_a_server_without_a_valid_certificate(
    database: Database, settings: Settings, now: datetime, tmp_path: Path
) -> None:
    tls, _ = server_with_own_certificate(tmp_path)
    queue_email_to_ada(database, now)

    with MailServer(extensions=("STARTTLS", "AUTH PLAIN"), tls=tls).running() as server:
        sent = send_due_emails(database, with_server(settings, f"smtp://me:secret@127.0.0.1:{server.port}"), now)

    assert (sent, server.password, server.emails) == (0, "", [])


def test_tls_is_used_where_it_is_offered_even_without_a_password(
    database: Database, settings: Settings, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls, trusted = server_with_own_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    monkeypatch.setattr(smtp, "LOOPBACK_HOSTS", ())
    queue_email_to_ada(database, now)

    with MailServer(extensions=("STARTTLS",), tls=tls).running() as server:
        sent = send_due_emails(database, settings_for(server, settings), now)

    assert (sent, server.unencrypted_lines) == (1, ["ehlo localhost", "STARTTLS"])


def test_smtps_uses_tls_from_the_first_byte(
    database: Database, settings: Settings, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls, trusted = server_with_own_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    queue_email_to_ada(database, now)

    with MailServer(extensions=("AUTH PLAIN",), tls=tls, tls_from_start=True).running() as server:
        sent = send_due_emails(database, with_server(settings, f"smtps://me:secret@127.0.0.1:{server.port}"), now)

    assert (sent, server.unencrypted_lines, server.password) == (1, [], "secret")


@pytest.mark.parametrize(
    ("url", "host", "port", "tls"),
    [
        ("smtp://mail.example.com", "mail.example.com", 587, False),
        ("smtps://mail.example.com", "mail.example.com", 465, True),
        ("smtp://mail.example.com:25", "mail.example.com", 25, False),
    ],
)
def test_the_usual_ports_need_not_be_named(url: str, host: str, port: int, tls: bool) -> None:
    place = smtp.MailServer.from_url(url)

    assert (place.host, place.port, place.tls_from_start) == (host, port, tls)


def test_a_wrong_mail_server_is_reported_without_its_password() -> None:
    with pytest.raises(ValueError, match="is named like") as refusal:
        smtp.MailServer.from_url("https://me:secret@mail.example.com")

    assert "secret" not in str(refusal.value)
    assert "secret" not in repr(smtp.MailServer.from_url("smtp://me:secret@mail.example.com"))


def test_in_development_without_a_mail_server_the_email_is_in_the_log_and_stays_to_be_read(
    database: Database, settings: Settings, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "tracker.mail")
    queue_email_to_ada(database, now)

    shown = send_due_emails(database, settings, now)
    again = send_due_emails(database, settings, now + timedelta(days=1))

    assert (shown, again) == (1, 0)
    assert "Your code to sign in is 482913" in caplog.text
    assert only_email(database).text == TEXT


@pytest.mark.parametrize("difficulty", ["550 ada@example.com is unknown", "451 ada@example.com: later", "250 OK"])
def test_in_production_nothing_of_an_email_is_ever_in_the_log(
    database: Database,
    settings: Settings,
    server: MailServer,
    now: datetime,
    caplog: pytest.LogCaptureFixture,
    difficulty: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    server.response_to_recipient = difficulty
    queue_email_to_ada(database, now)
    production = settings_for(server, settings).model_copy(update={"environment": "production"})

    for hours in (0, 1, 2):
        send_due_emails(database, production, now + timedelta(hours=hours))

    assert any(line.upper().startswith("RCPT") for line in server.lines)
    for secret in ("482913", "ada@example.com", "Your way in"):
        assert secret not in caplog.text


def test_emails_are_forgotten_after_a_month(database: Database, now: datetime) -> None:
    queue_email_to_ada(database, now)
    queue_email_to_ada(database, now + timedelta(days=2))

    with database.transaction() as session:
        delete_old_emails(session, now=now + timedelta(days=31))

    assert only_email(database).created_at == now + timedelta(days=2)
