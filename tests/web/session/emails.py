"""The letters with which somebody signs in."""

import re
from dataclasses import dataclass

from sqlalchemy import select

from tracker.accounts.model import Mail
from tracker.database import Database


@dataclass
class Letter:
    """What somebody finds in their mailbox."""

    code: str
    link: str


def letter_to(database: Database, address: str) -> Letter:
    """The newest letter to this address."""
    with database.reading() as session:
        newest = select(Mail).where(Mail.recipient == address, Mail.text != "").order_by(Mail.created_at.desc())
        text = session.scalars(newest).first().text
    (code,) = re.findall(r"^Your code to sign in is (\d{6})$", text, re.MULTILINE)
    (link,) = re.findall(r"^http://localhost(/sign-in/link/\S+)$", text, re.MULTILINE)
    return Letter(code, link)
