"""The mailbox of a development machine without a mail server."""

import re
from datetime import datetime

from flask.testing import FlaskClient

from tests.builders import a_customer
from tests.conftest import Clock
from tracker.accounts.mail_queue import queue_email, send_due_emails
from tracker.config import Settings
from tracker.database import Database


def mailbox_page(client: FlaskClient) -> str:
    """Return the page with all e-mails, without its nonces."""
    return re.sub(r'nonce="[^"]+"', "", client.get("/dev/mail").text)


def test_an_email_can_be_read_before_and_after_the_worker_has_handled_it(
    client: FlaskClient, database: Database, settings: Settings, now: datetime
) -> None:
    with database.transaction() as session:
        queue_email(session, "ada@example.com", "Your way in", "A code & a <b>link</b>", now)

    before = mailbox_page(client)
    send_due_emails(database, settings, now)
    after = mailbox_page(client)

    assert before == after
    (email,) = re.findall(r'href="(/dev/mail/[0-9a-f]{24})"', after)
    page = client.get(email).text
    assert "To ada@example.com" in page
    assert "A code &amp; a &lt;b&gt;link&lt;/b&gt;" in page


def test_the_newest_email_comes_first(client: FlaskClient, database: Database, clock: Clock) -> None:
    with database.transaction() as session:
        for subject in ("first", "second", "third"):
            queue_email(session, "ada@example.com", subject, "text", clock.move(seconds=1))

    subjects = re.findall(r">(first|second|third)</a>", client.get("/dev/mail").text)

    assert subjects == ["third", "second", "first"]


def test_the_link_in_an_email_can_be_followed(client: FlaskClient, database: Database, clock: Clock) -> None:
    with database.transaction() as session:
        session.add(a_customer(email="ada@example.com"))
    page = client.post("/sign-in", data={"email": "ada@example.com"}, follow_redirects=True).text
    assert 'href="/dev/mail"' in page

    (email,) = re.findall(r'href="(/dev/mail/[0-9a-f]{24})"', client.get("/dev/mail").text)
    (link,) = re.findall(r'href="http://localhost(/sign-in/link/[^"]+)"', client.get(email).text)

    assert "Sign in as a•••@example.com?" in client.get(link, follow_redirects=True).text


def test_an_empty_mailbox_says_so_and_a_missing_email_is_not_found(client: FlaskClient) -> None:
    assert "None yet." in client.get("/dev/mail").text
    assert client.get("/dev/mail/" + "0" * 24).status_code == 404
