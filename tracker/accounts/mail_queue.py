"""Letters: queued in the transaction that wants them, sent by the worker, wiped when they have gone.

At least once: a letter is claimed before it is sent and marked after. Who dies in between leaves it to be sent again
when the claim runs out, with the same Message-ID; two letters are better than none.
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

from tracker.accounts.email_addresses import normalised_address
from tracker.accounts.model import Mail
from tracker.accounts.smtp import MailServer, Unreachable, connected, what_failed
from tracker.backoff import ListedBackoff
from tracker.compiled_statement import Prepared
from tracker.config import Settings
from tracker.database import Database
from tracker.ids import new_id

log = logging.getLogger("tracker.mail")

RETRY = ListedBackoff(tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 480, 720)))
"""Pauses between the tries of an e-mail, which is given up when the last one fails, a day after the first."""
CLAIM = timedelta(minutes=5)
"""How long a letter belongs to the worker that is sending it."""
AT_ONCE = 20
KEPT = timedelta(days=30)


def queue_letter(
    session: Session, recipient: str, subject: str, text: str, now: datetime, *, useful_until: datetime | None = None
) -> Mail:
    """Have a plain-text letter sent once this transaction is true; never after `useful_until`.

    Raises ValueError for a recipient that is not one normalised address, or a subject that is not one line.
    """
    if normalised_address(recipient) != recipient or not subject.isprintable():
        raise ValueError("A letter goes to one normalised address and has a subject of one line.")
    letter = Mail(
        id=new_id(now),
        recipient=recipient,
        subject=subject,
        text=text,
        created_at=now,
        tries=0,
        try_at=now,
        useful_until=useful_until,
    )
    session.add(letter)
    return letter


def keep_back(letter: Mail) -> None:
    """Wipe the letter and never send it (again)."""
    letter.text = ""
    letter.try_at = None


def send_due(database: Database, settings: Settings, now: datetime) -> int:
    """Send what is due, AT_ONCE letters at most; how many have gone. Waits for the mail server, seconds if it is slow.

    Without a mail server, in development, a letter goes to the log and stays to be read at /dev/mail.
    """
    url = settings.smtp_url.get_secret_value()
    claimed = _claimed(database, now) if _is_any_due(database, now) else []
    if not claimed:
        return 0
    if settings.is_development and not url:
        return sum(_show(database, letter, now) for letter in claimed)
    try:
        with connected(MailServer.from_url(url), our_name=urlsplit(settings.origin).hostname or "") as server:
            return sum(_send(database, server, letter, settings.mail_from, now) for letter in claimed)
    except Unreachable as failure:
        log.warning("The mail server can't be reached: %s", failure)
        for letter in claimed:
            _put_off(database, letter, now)
        return 0


def forget_old_letters(session: Session, *, now: datetime) -> None:
    """Delete what is known of letters that were queued more than 30 days ago."""
    session.execute(delete(Mail).where(Mail.created_at < now - KEPT))


_ANY_DUE = Prepared(select(Mail.id).where(Mail.try_at <= bindparam("now")).limit(1))


def _is_any_due(database: Database, now: datetime) -> bool:
    with database.glancing() as glance:
        return _ANY_DUE.first(glance, {"now": now}) is not None


def _claimed(database: Database, now: datetime) -> list[Mail]:
    """The letters that are due, from now on ours alone for as long as CLAIM. What is of no use any more is given up."""
    due = select(Mail).where(Mail.try_at <= now).order_by(Mail.try_at).limit(AT_ONCE)
    with database.writing() as session:
        letters = session.scalars(due.with_for_update(skip_locked=True)).all()
        for letter in letters:
            if letter.useful_until and letter.useful_until <= now:
                keep_back(letter)
            else:
                letter.tries += 1
                letter.try_at = now + CLAIM
        return [letter for letter in letters if letter.try_at]


def _send(database: Database, server: smtplib.SMTP, letter: Mail, sender: str, now: datetime) -> bool:
    try:
        server.send_message(_message(letter, sender), parseaddr(sender)[1], [letter.recipient])
    except smtplib.SMTPRecipientsRefused as refusal:
        code, _ = refusal.recipients[letter.recipient]
        _put_off(database, letter, now, for_good=code >= 500)
        return False
    except OSError as failure:
        log.warning("Letter %s was not sent: %s", letter.id, what_failed(failure))
        _put_off(database, letter, now)
        return False
    with database.writing() as session:
        gone = session.get_one(Mail, letter.id)
        keep_back(gone)
        gone.sent_at = now
    return True


def _put_off(database: Database, letter: Mail, now: datetime, *, for_good: bool = False) -> None:
    with database.writing() as session:
        waiting = session.get_one(Mail, letter.id)
        pause = None if for_good else RETRY.pause_after(waiting.tries)
        if pause is None:
            keep_back(waiting)
            log.error("Letter %s was given up after %d tries.", letter.id, waiting.tries)
        else:
            waiting.try_at = now + pause


def _show(database: Database, letter: Mail, now: datetime) -> bool:
    log.info("A letter, shown because this is development:\n%s", _message(letter, "development").as_string())
    with database.writing() as session:
        shown = session.get_one(Mail, letter.id)
        shown.sent_at, shown.try_at = now, None
    return True


def _message(letter: Mail, sender: str) -> EmailMessage:
    message = EmailMessage(SMTP.clone(cte_type="7bit"))
    message["From"] = sender
    message["To"] = letter.recipient
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.created_at)
    # Made of the letter's id and not anew at each try: whoever gets it twice can see that it is one.
    message["Message-ID"] = f"<{letter.id}@{parseaddr(sender)[1].rpartition('@')[2] or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    return message
