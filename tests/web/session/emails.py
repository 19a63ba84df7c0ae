"""Reading the sign-in e-mails from the database."""

import re
from dataclasses import dataclass

from sqlalchemy import select

from tracker.accounts.model import Mail
from tracker.database import Database


@dataclass
class SignInEmail:
    """The code and the link of a sign-in e-mail."""

    code: str
    link: str


def email_to(database: Database, address: str) -> SignInEmail:
    """Return the newest sign-in e-mail to this address."""
    with database.read_session() as session:
        newest = select(Mail).where(Mail.recipient == address, Mail.text != "").order_by(Mail.created_at.desc())
        text = session.scalars(newest).first().text
    (code,) = re.findall(r"^Your code to sign in is (\d{6})$", text, re.MULTILINE)
    (link,) = re.findall(r"^http://localhost(/sign-in/link/\S+)$", text, re.MULTILINE)
    return SignInEmail(code, link)
