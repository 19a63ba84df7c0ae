"""Signing in without a password, by a code or a link in an e-mail, and the sessions that this starts."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, auto
from ipaddress import IPv6Address, ip_address

from sqlalchemy import delete
from sqlalchemy.orm import Session

from tracker.accounts.mail_queue import discard_email, queue_email
from tracker.accounts.model import Customer, CustomerSession, SignInCode
from tracker.accounts.queries import codes_asked_by_client, codes_asked_for_address, customer_by_address
from tracker.accounts.tokens import hash_secret, keyed_hash, new_secret
from tracker.config import Settings
from tracker.database import advisory_lock
from tracker.ids import new_id

CODE_LIFETIME = timedelta(minutes=10)
MAX_ATTEMPTS = 5
"""The attempts allowed for one code."""
A_DAY = timedelta(days=1)
MAX_ATTEMPTS_PER_DAY = 50
"""The attempts allowed for all codes of one address within A_DAY, to limit guessing. After that only links work."""
RATE_LIMIT_WINDOW = timedelta(minutes=15)
EMAILS_PER_ADDRESS = 5
"""The e-mails that may be requested for one address within RATE_LIMIT_WINDOW."""
EMAILS_PER_CLIENT = 20
"""The e-mails that one network address may request within RATE_LIMIT_WINDOW, for any e-mail addresses."""
SESSION_LIFETIME = timedelta(hours=12)
REMEMBERED_SESSION_LIFETIME = timedelta(days=30)
LINK_PATH = "/sign-in/link/"
"""The path of the link in an e-mail, which its secret follows."""

SUBJECT = "Sign in to see your orders"
EMAIL_TEXT = """\
Hello,

Your code to sign in is {code}

Type it where you asked for it. Or open this link, in any browser:

{link}

Both work once, and for {minutes} minutes. Give them to nobody; we never ask for them.

If you didn't ask to sign in, do nothing: without this email nobody gets in.
"""


class SignInResult(StrEnum):
    """The result of an attempt with a code."""

    ACCEPTED = auto()
    WRONG = auto()
    EXPIRED = auto()


@dataclass(frozen=True, slots=True)
class _NewCode:
    """A sign-in code as its record, which is stored, with the code and the link's secret, which are not."""

    record: SignInCode
    code: str
    secret: str


def request_sign_in_code(
    session: Session, address: str, *, client: str, settings: Settings, now: datetime
) -> SignInCode | None:
    """Queue an e-mail with a code and a link for a normalised address. `client` is the visitor's network address.

    For an address that no customer has, everything is done except the sending, so that the visitor can't find out
    whose address is registered. Return None, and queue no e-mail, if too many were requested for the address or from
    the client.
    """
    client_hash = keyed_hash(f"client {_network_of(client)}", settings.signing_key)
    advisory_lock(session, f"sign-in for {address}")
    advisory_lock(session, f"sign-in from {client_hash}")
    if (
        codes_asked_for_address(session, address, since=now - RATE_LIMIT_WINDOW) >= EMAILS_PER_ADDRESS
        or codes_asked_by_client(session, client_hash, since=now - RATE_LIMIT_WINDOW) >= EMAILS_PER_CLIENT
    ):
        return None

    customer = customer_by_address(session, address)
    new_code = _make_code(address, customer, client_hash, settings, now)
    session.add(new_code.record)
    email = queue_email(
        session, address, SUBJECT, _email_text(new_code, settings), now, useful_until=new_code.record.ends_at
    )
    if customer is None:
        discard_email(email)
    return new_code.record


def check_code(
    sign_in_code: SignInCode, typed: str, *, attempts_today: int, settings: Settings, now: datetime
) -> SignInResult:
    """Count an attempt with the code `typed`, and use the sign-in code up if it is right.

    `attempts_today` is the number of attempts with all codes of this address within A_DAY.
    """
    if not is_open(sign_in_code, now) or sign_in_code.tries >= MAX_ATTEMPTS or attempts_today >= MAX_ATTEMPTS_PER_DAY:
        return SignInResult.EXPIRED

    sign_in_code.tries += 1
    right = hmac.compare_digest(_code_hash(sign_in_code.id, typed, settings), sign_in_code.code_hash)
    if right and sign_in_code.customer_id is not None:
        sign_in_code.used_at = now
        return SignInResult.ACCEPTED
    return SignInResult.WRONG if sign_in_code.tries < MAX_ATTEMPTS else SignInResult.EXPIRED


def use_link(sign_in_code: SignInCode, *, now: datetime) -> bool:
    """Use the link up. Return whether it was still valid."""
    if not is_open(sign_in_code, now) or sign_in_code.customer_id is None:
        return False
    sign_in_code.used_at = now
    return True


def is_open(sign_in_code: SignInCode, now: datetime) -> bool:
    """Return whether the code and the link are unused and have not expired."""
    return sign_in_code.used_at is None and now < sign_in_code.ends_at


def start_session(
    session: Session, customer: Customer, *, remember: bool, now: datetime, restaurant_id: str | None = None
) -> str:
    """Start a session of the customer and return its token, of which only the hash is stored.

    It lasts for SESSION_LIFETIME, or REMEMBERED_SESSION_LIFETIME with `remember`. `restaurant_id` is the restaurant
    whose shop vouches for the customer, if one does; the session then opens only the orders at that restaurant.
    """
    token = new_secret()
    ends_at = now + (REMEMBERED_SESSION_LIFETIME if remember else SESSION_LIFETIME)
    session.add(
        CustomerSession(
            hash=hash_secret(token),
            customer_id=customer.id,
            restaurant_id=restaurant_id,
            created_at=now,
            ends_at=ends_at,
        )
    )
    return token


def end_session(customer_session: CustomerSession, *, now: datetime) -> None:
    """End the session, so that no copy of its token is valid any longer."""
    customer_session.ended_at = customer_session.ended_at or now


def delete_old_sign_ins(session: Session, *, now: datetime) -> None:
    """Delete the codes and sessions that ended more than a day ago. MAX_ATTEMPTS_PER_DAY needs the codes of a day."""
    long_ago = now - A_DAY
    session.execute(delete(SignInCode).where(SignInCode.ends_at < long_ago))
    session.execute(delete(CustomerSession).where(CustomerSession.ends_at < long_ago))
    session.execute(delete(CustomerSession).where(CustomerSession.ended_at < long_ago))


def _make_code(
    address: str, customer: Customer | None, client_hash: str, settings: Settings, now: datetime
) -> _NewCode:
    code, secret, code_id = f"{secrets.randbelow(1_000_000):06}", new_secret(), new_id(now)
    record = SignInCode(
        id=code_id,
        email=address,
        client_hash=client_hash,
        customer_id=customer.id if customer else None,
        code_hash=_code_hash(code_id, code, settings),
        link_hash=hash_secret(secret),
        asked_at=now,
        ends_at=now + CODE_LIFETIME,
        tries=0,
    )
    return _NewCode(record, code, secret)


def _code_hash(code_id: str, code: str, settings: Settings) -> str:
    # The hash includes the row's id, so that the equal codes of two people have different hashes in the database.
    return keyed_hash(f"code {code_id} {code}", settings.signing_key)


def _email_text(new_code: _NewCode, settings: Settings) -> str:
    minutes = CODE_LIFETIME // timedelta(minutes=1)
    return EMAIL_TEXT.format(code=new_code.code, link=_link(new_code, settings), minutes=minutes)


def _link(new_code: _NewCode, settings: Settings) -> str:
    return f"{settings.origin}{LINK_PATH}{new_code.secret}"


def _network_of(client: str) -> str:
    """Return the network that the rate limit counts: the /64 of an IPv6 address, otherwise the address itself.

    One household or server has a whole /64, and could use another address of it for each request.
    """
    try:
        address = ip_address(client)
    except ValueError:
        return client
    return str(int(address) >> 64) if isinstance(address, IPv6Address) else str(address)
