"""The queue of e-mails. A transaction queues an e-mail, the worker sends it, and its text is deleted afterwards.

Each e-mail is sent at least once: the worker claims it before sending and marks it as sent afterwards. If the worker
dies in between, the e-mail is sent again when the claim has timed out, with the same Message-ID.
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
"""The pauses between attempts to send an e-mail. It is given up when the last attempt fails, a day after the first."""
CLAIM_TIMEOUT = timedelta(minutes=5)
"""How long an e-mail is reserved for the worker that is sending it."""
BATCH_SIZE = 20
RETENTION = timedelta(days=30)


def queue_email(
    session: Session, recipient: str, subject: str, text: str, now: datetime, *, useful_until: datetime | None = None
) -> Mail:
    """Queue a plain-text e-mail, which is sent after the transaction has been committed, but not after `useful_until`.

    Raises ValueError if the recipient is not one normalised address or the subject is not one line.
    """
    if normalise_email(recipient) != recipient or not subject.isprintable():
        raise ValueError("An e-mail needs one normalised address and a subject of one line.")
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
    """Delete the text of the e-mail, and do not send it (again)."""
    email.text = ""
    email.try_at = None


def send_due_emails(database: Database, settings: Settings, now: datetime) -> int:
    """Send the e-mails that are due, at most BATCH_SIZE, and return how many were sent.

    This blocks while the mail server answers, which can take seconds. In development without a mail server, e-mails are
    logged and can be read at /dev/mail.
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
    """Delete the rows of e-mails that were queued more than 30 days ago."""
    session.execute(delete(Mail).where(Mail.created_at < now - RETENTION))


_ANY_DUE = CompiledStatement(select(Mail.id).where(Mail.try_at <= bindparam("now")).limit(1))


def _is_any_due(database: Database, now: datetime) -> bool:
    with database.autocommit_connection() as connection:
        return _ANY_DUE.first(connection, {"now": now}) is not None


def _claim_due(database: Database, now: datetime) -> list[Mail]:
    """Claim the due e-mails for CLAIM_TIMEOUT and return them. Discard those whose `useful_until` has passed."""
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
        log.warning("E-mail %s was not sent: %s", email.id, describe_failure(failure))
        _postpone(database, email, now)
        return False
    with database.transaction() as session:
        sent = session.get_one(Mail, email.id)
        discard_email(sent)
        sent.sent_at = now
    return True


def _postpone(database: Database, email: Mail, now: datetime, *, for_good: bool = False) -> None:
    with database.transaction() as session:
        waiting = session.get_one(Mail, email.id)
        pause = None if for_good else RETRY.pause_after(waiting.tries)
        if pause is None:
            discard_email(waiting)
            log.error("E-mail %s was given up after %d tries.", email.id, waiting.tries)
        else:
            waiting.try_at = now + pause


def _log_email(database: Database, email: Mail, now: datetime) -> bool:
    log.info("An e-mail, which is only logged in development:\n%s", _message(email, "development").as_string())
    with database.transaction() as session:
        logged = session.get_one(Mail, email.id)
        logged.sent_at, logged.try_at = now, None
    return True


def _message(email: Mail, sender: str) -> EmailMessage:
    message = EmailMessage(SMTP.clone(cte_type="7bit"))
    message["From"] = sender
    message["To"] = email.recipient
    message["Subject"] = email.subject
    message["Date"] = format_datetime(email.created_at)
    # The id is the same at each attempt, so that the recipient's mail program can recognise a duplicate.
    message["Message-ID"] = f"<{email.id}@{parseaddr(sender)[1].rpartition('@')[2] or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(email.text)
    return message
