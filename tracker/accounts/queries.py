"""Queries for customers, their sessions, sign-in codes and e-mails. A finder takes a proof and finds what it opens."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.orm import Session

from tracker.accounts.model import Application, Customer, CustomerSession, Mail, SignInCode
from tracker.accounts.tokens import hash_secret
from tracker.compiled_statement import CompiledStatement

SESSION_IS_ACTIVE = (
    CustomerSession.hash == bindparam("session_hash"),
    CustomerSession.ended_at.is_(None),
    CustomerSession.ends_at > bindparam("now"),
)
"""The conditions of a compiled statement for the customer session with the hash `session_hash`, if it has not ended."""
VISITOR_COLUMNS: list[Any] = [
    Customer.id,
    func.coalesce(Customer.email, Customer.name, ""),
    CustomerSession.restaurant_id,
]
"""Columns that describe a session's visitor: the customer's id, their address or otherwise their name, and the id of
the only restaurant whose orders they see, or NULL if they see all."""
_VISITOR = CompiledStatement(
    select(*VISITOR_COLUMNS).select_from(CustomerSession).join(Customer).where(*SESSION_IS_ACTIVE)
)
_APPLICATION = CompiledStatement(select(Application.key, Application.origins).where(Application.id == bindparam("id")))


class ApplicationInfo(NamedTuple):
    """The public properties of an application, which its own pages contain."""

    key: str
    origins: list[str]
    """The exact origins (scheme://host[:port]) of the application's pages."""


def application_by_id(connection: Connection, application_id: str) -> ApplicationInfo | None:
    """Return the application with this id. Return None if there is none."""
    row = _APPLICATION.first(connection, {"id": application_id})
    return ApplicationInfo(*row) if row else None


def customer_by_address(session: Session, address: str) -> Customer | None:
    """Return the customer with this normalised e-mail address. Return None if there is none."""
    return session.scalars(select(Customer).where(Customer.email == address)).one_or_none()


def visitor_by_session(connection: Connection, session_hash: str, *, now: datetime) -> tuple[Any, ...] | None:
    """Return the values of VISITOR_COLUMNS for this session. Return None if it has ended or does not exist."""
    return _VISITOR.first(connection, {"session_hash": session_hash, "now": now})


def session_by_token(session: Session, token: str, *, now: datetime) -> CustomerSession | None:
    """Return the session, with its customer, of this browser's token. Return None if it has ended or doesn't exist."""
    return session_by_hash(session, hash_secret(token), now=now)


def session_by_hash(session: Session, session_hash: str, *, now: datetime) -> CustomerSession | None:
    """Return the session, with its customer, that has this hash, which must come from one of our signed page tokens.

    Return None if the session has ended or does not exist.
    """
    record = session.get(CustomerSession, session_hash)
    return record if record and record.ended_at is None and now < record.ends_at else None


def sign_in_code_by_id(session: Session, code_id: str) -> SignInCode | None:
    """Return the sign-in code with this id, locked until the end of the transaction, so that attempts are serialised.

    Return None if there is none.
    """
    return session.scalars(select(SignInCode).where(SignInCode.id == code_id).with_for_update()).one_or_none()


def sign_in_code_by_link(session: Session, secret: str, *, for_update: bool) -> SignInCode | None:
    """Return the sign-in code whose link has this secret. Return None if there is none.

    With `for_update` it is locked until the end of the transaction.
    """
    by_link = select(SignInCode).where(SignInCode.link_hash == hash_secret(secret))
    return session.scalars(by_link.with_for_update() if for_update else by_link).one_or_none()


def codes_asked_for_address(session: Session, address: str, *, since: datetime) -> int:
    """Return how many codes were requested for this address after `since`."""
    count = select(func.count()).where(SignInCode.email == address, SignInCode.asked_at > since)
    return session.scalars(count).one()


def codes_asked_by_client(session: Session, client_hash: str, *, since: datetime) -> int:
    """Return how many codes were requested from the network address with this hash after `since`."""
    count = select(func.count()).where(SignInCode.client_hash == client_hash, SignInCode.asked_at > since)
    return session.scalars(count).one()


def tries_for_address(session: Session, address: str, *, since: datetime) -> int:
    """Return how many attempts, right or wrong, were made with the codes requested for this address after `since`."""
    tries = select(func.coalesce(func.sum(SignInCode.tries), 0))
    return session.scalars(tries.where(SignInCode.email == address, SignInCode.asked_at > since)).one()


def stored_emails(session: Session, *, limit: int) -> Sequence[Mail]:
    """Return the newest e-mails whose text has not been deleted.

    Use it in development only: the e-mails contain links that sign in as anybody.
    """
    newest_first = select(Mail).where(Mail.text != "").order_by(Mail.created_at.desc(), Mail.id)
    return session.scalars(newest_first.limit(limit)).all()


def email_by_id(session: Session, email_id: str) -> Mail | None:
    """Return the e-mail with this id. Return None if there is none, or if its text has been deleted.

    Use it in development only: the e-mail may contain a link that signs somebody in.
    """
    return session.scalars(select(Mail).where(Mail.id == email_id, Mail.text != "")).one_or_none()
