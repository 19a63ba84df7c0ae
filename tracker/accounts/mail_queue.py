"""Emails: queued in the transaction that wants them, sent by the worker, wiped when they have gone.

At least once: an email is claimed before it is sent and marked after. Who dies in between leaves it to be sent again
when the claim runs out, with the same Message-ID; two emails are better than none.
"""

import logging
import smtplib
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from urllib.parse import urlsplit

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from tracker.accounts.email_addresses import normalise_email
from tracker.accounts.model import Mail
from tracker.accounts.smtp import MailServer, MailServerUnavailable, describe_failure, open_smtp
from tracker.backoff import ListedBackoff
from tracker.compiled_statement import CompiledStatement
from tracker.config import Settings
from tracker.database import Database
from tracker.ids import new_id

log = logging.getLogger("tracker.mail")

RETRY = ListedBackoff(tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 480, 720)))
"""Pauses between the tries of an e-mail, which is given up when the last one fails, a day after the first."""
CLAIM_TIMEOUT = timedelta(minutes=5)
"""How long an email belongs to the worker that is sending it."""
BATCH_SIZE = 20
RETENTION = timedelta(days=30)


def queue_email(
    session: Session, recipient: str, subject: str, text: str, now: datetime, *, useful_until: datetime | None = None
) -> Mail:
    """Have a plain-text email sent once this transaction is true; never after `useful_until`.

    Raises ValueError for a recipient that is not one normalised address, or a subject that is not one line.
    """
    if normalise_email(recipient) != recipient or not subject.isprintable():
        raise ValueError("An email goes to one normalised address and has a subject of one line.")
    email = Mail(
        id=new_id(now),
        recipient=recipient,
        subject=subject,
        text=text,
        created_at=now,
        tries=0,
        try_at=now,
        useful_until=useful_until,
    )
    session.add(email)
    return email


def discard_email(email: Mail) -> None:
    """Wipe the email and never send it (again)."""
    email.text = ""
    email.try_at = None


def send_due_emails(database: Database, settings: Settings, now: datetime) -> int:
    """Send what is due, BATCH_SIZE emails at most; how many have gone. Waits for the mail server, seconds if it is
    slow.

    Without a mail server, in development, an email goes to the log and stays to be read at /dev/mail.
    """
    url = settings.smtp_url.get_secret_value()
    claimed = _claim_due(database, now) if _is_any_due(database, now) else []
    if not claimed:
        return 0
    if settings.is_development and not url:
        return sum(_log_email(database, email, now) for email in claimed)
    try:
        with open_smtp(MailServer.from_url(url), local_hostname=urlsplit(settings.origin).hostname or "") as server:
            return sum(_send(database, server, email, settings.mail_from, now) for email in claimed)
    except MailServerUnavailable as failure:
        log.warning("The mail server can't be reached: %s", failure)
        for email in claimed:
            _postpone(database, email, now)
        return 0


def delete_old_emails(session: Session, *, now: datetime) -> None:
    """Delete what is known of emails that were queued more than 30 days ago."""
    session.execute(delete(Mail).where(Mail.created_at < now - RETENTION))


_ANY_DUE = CompiledStatement(select(Mail.id).where(Mail.try_at <= bindparam("now")).limit(1))


def _is_any_due(database: Database, now: datetime) -> bool:
    with database.autocommit_connection() as connection:
        return _ANY_DUE.first(connection, {"now": now}) is not None


def _claim_due(database: Database, now: datetime) -> list[Mail]:
    """The emails that are due, from now on ours alone for as long as CLAIM_TIMEOUT. What is of no use any more is given
    up."""
    due = select(Mail).where(Mail.try_at <= now).order_by(Mail.try_at).limit(BATCH_SIZE)
    with database.transaction() as session:
        emails = session.scalars(due.with_for_update(skip_locked=True)).all()
        for email in emails:
            if email.useful_until and email.useful_until <= now:
                discard_email(email)
            else:
                email.tries += 1
                email.try_at = now + CLAIM_TIMEOUT
        return [email for email in emails if email.try_at]


def _send(database: Database, server: smtplib.SMTP, email: Mail, sender: str, now: datetime) -> bool:
    try:
        server.send_message(_message(email, sender), parseaddr(sender)[1], [email.recipient])
    except smtplib.SMTPRecipientsRefused as refusal:
        code, _ = refusal.recipients[email.recipient]
        _postpone(database, email, now, for_good=code >= 500)
        return False
    except OSError as failure:
        log.warning("Email %s was not sent: %s", email.id, describe_failure(failure))
        _postpone(database, email, now)
        return False
    with database.transaction() as session:
        gone = session.get_one(Mail, email.id)
        discard_email(gone)
        gone.sent_at = now
    return True


def _postpone(database: Database, email: Mail, now: datetime, *, for_good: bool = False) -> None:
    with database.transaction() as session:
        waiting = session.get_one(Mail, email.id)
        pause = None if for_good else RETRY.pause_after(waiting.tries)
        if pause is None:
            discard_email(waiting)
            log.error("Email %s was given up after %d tries.", email.id, waiting.tries)
        else:
            waiting.try_at = now + pause


def _log_email(database: Database, email: Mail, now: datetime) -> bool:
    log.info("An email, shown because this is development:\n%s", _message(email, "development").as_string())
    with database.transaction() as session:
        shown = session.get_one(Mail, email.id)
        shown.sent_at, shown.try_at = now, None
    return True


def _message(email: Mail, sender: str) -> EmailMessage:
    message = EmailMessage(SMTP.clone(cte_type="7bit"))
    message["From"] = sender
    message["To"] = email.recipient
    message["Subject"] = email.subject
    message["Date"] = format_datetime(email.created_at)
    # Made of the email's id and not anew at each try: whoever gets it twice can see that it is one.
    message["Message-ID"] = f"<{email.id}@{parseaddr(sender)[1].rpartition('@')[2] or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(email.text)
    return message
