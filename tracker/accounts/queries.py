"""Finding customers, their sessions and their emails. A finder takes the proof and finds only what that opens."""

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
"""What a prepared statement asks of a customer's session: that it is this one, and has not ended."""
VISITOR_COLUMNS: list[Any] = [
    Customer.id,
    func.coalesce(Customer.email, Customer.name, ""),
    CustomerSession.restaurant_id,
]
"""What it says of who is looking: the customer's id, their address or else their name, and the one restaurant whose
orders they see, if they see only those."""
_VISITOR = CompiledStatement(
    select(*VISITOR_COLUMNS).select_from(CustomerSession).join(Customer).where(*SESSION_IS_ACTIVE)
)
_APPLICATION = CompiledStatement(select(Application.key, Application.origins).where(Application.id == bindparam("id")))


class ApplicationInfo(NamedTuple):
    """What of an application is no secret: it stands in its own pages."""

    key: str
    origins: list[str]
    """Exact origins (scheme://host[:port]) of its pages, as they are now."""


def application_by_id(connection: Connection, its_id: str) -> ApplicationInfo | None:
    """The application with this id."""
    found = _APPLICATION.first(connection, {"id": its_id})
    return ApplicationInfo(*found) if found else None


def customer_by_address(session: Session, address: str) -> Customer | None:
    """Whose normalised e-mail address this is."""
    return session.scalars(select(Customer).where(Customer.email == address)).one_or_none()


def visitor_by_session(connection: Connection, session_hash: str, *, now: datetime) -> tuple[Any, ...] | None:
    """Whose session this is, as VISITOR_COLUMNS says it, if it has not ended."""
    return _VISITOR.first(connection, {"session_hash": session_hash, "now": now})


def session_by_token(session: Session, token: str, *, now: datetime) -> CustomerSession | None:
    """The session, with its customer, that this browser's token opens, if it has not ended."""
    return session_by_hash(session, hash_secret(token), now=now)


def session_by_hash(session: Session, session_hash: str, *, now: datetime) -> CustomerSession | None:
    """The session, with its customer, that a signed page token of ours names, if it has not ended."""
    found = session.get(CustomerSession, session_hash)
    return found if found and found.ended_at is None and now < found.ends_at else None


def sign_in_code_by_id(session: Session, its_id: str) -> SignInCode | None:
    """What this browser asked for last, locked until the end of the transaction: of two tries, one comes first."""
    return session.scalars(select(SignInCode).where(SignInCode.id == its_id).with_for_update()).one_or_none()


def sign_in_code_by_link(session: Session, secret: str, *, for_update: bool) -> SignInCode | None:
    """The email whose link has this secret; `for_update`: locked like the one by id."""
    by_link = select(SignInCode).where(SignInCode.link_hash == hash_secret(secret))
    return session.scalars(by_link.with_for_update() if for_update else by_link).one_or_none()


def codes_asked_for_address(session: Session, address: str, *, since: datetime) -> int:
    """How many emails were asked for to this address."""
    asked = select(func.count()).where(SignInCode.email == address, SignInCode.asked_at > since)
    return session.scalars(asked).one()


def codes_asked_by_client(session: Session, client_hash: str, *, since: datetime) -> int:
    """How many emails were asked for at this network address."""
    asked = select(func.count()).where(SignInCode.client_hash == client_hash, SignInCode.asked_at > since)
    return session.scalars(asked).one()


def tries_for_address(session: Session, address: str, *, since: datetime) -> int:
    """How many codes were tried for this address, right or wrong, of emails asked for since then."""
    tries = select(func.coalesce(func.sum(SignInCode.tries), 0))
    return session.scalars(tries.where(SignInCode.email == address, SignInCode.asked_at > since)).one()


def stored_emails(session: Session, *, limit: int) -> Sequence[Mail]:
    """The newest emails whose text is still there. For development: who reads them can sign in as anybody."""
    kept = select(Mail).where(Mail.text != "").order_by(Mail.created_at.desc(), Mail.id)
    return session.scalars(kept.limit(limit)).all()


def email_by_id(session: Session, its_id: str) -> Mail | None:
    """One email, if its text is still there. For development: who reads it can sign in as anybody."""
    return session.scalars(select(Mail).where(Mail.id == its_id, Mail.text != "")).one_or_none()
