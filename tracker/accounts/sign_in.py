"""Signing in without a password: a letter with a code and a link, and the sessions that come of it."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, auto
from ipaddress import IPv6Address, ip_address

from sqlalchemy import delete
from sqlalchemy.orm import Session

from tracker.accounts.mail_queue import keep_back, queue_letter
from tracker.accounts.model import Customer, CustomerSession, SignInCode
from tracker.accounts.queries import codes_asked_by_client, codes_asked_for_address, customer_by_address
from tracker.accounts.tokens import hash_of, new_secret, peppered_hash_of
from tracker.config import Settings
from tracker.database import in_turn
from tracker.ids import new_id

CODE_LIFE = timedelta(minutes=10)
TRIES = 5
A_DAY = timedelta(days=1)
TRIES_A_DAY = 50
"""Tries of codes for one address within A_DAY; after that only its links work, and guessing on is of no use."""
COUNTED = timedelta(minutes=15)
LETTERS_PER_ADDRESS = 5
"""Letters for one address within COUNTED."""
LETTERS_PER_CLIENT = 20
"""Letters that one network address may ask for within COUNTED, for whatever addresses."""
SESSION_LIFE = timedelta(hours=12)
KEPT_SESSION_LIFE = timedelta(days=30)
LINK_PATH = "/sign-in/link/"
"""Where the link of a letter leads; its secret follows."""

SUBJECT = "Sign in to see your orders"
LETTER = """\
Hello,

Your code to sign in is {code}

Type it where you asked for it. Or open this link, in any browser:

{link}

Both work once, and for {minutes} minutes. Give them to nobody; we never ask for them.

If you didn't ask to sign in, do nothing: without this letter nobody gets in.
"""


class Answer(StrEnum):
    """What comes of trying a code."""

    WELCOME = auto()
    WRONG = auto()
    DEAD = auto()


@dataclass(frozen=True, slots=True)
class _WayIn:
    """What is kept of a letter, and the two secrets of it that aren't."""

    kept: SignInCode
    code: str
    secret: str


def ask_to_sign_in(
    session: Session, address: str, *, client: str, settings: Settings, now: datetime
) -> SignInCode | None:
    """Queue a letter with a code and a link for a normalised address that was typed at the network address `client`.

    For an address that nobody has, everything happens but the sending, so that the asker can't tell.
    Nothing, for anybody, when too many were asked for.
    """
    client_hash = peppered_hash_of(f"client {_network_of(client)}", settings.signing_key)
    in_turn(session, f"sign-in for {address}")
    in_turn(session, f"sign-in from {client_hash}")
    if (
        codes_asked_for_address(session, address, since=now - COUNTED) >= LETTERS_PER_ADDRESS
        or codes_asked_by_client(session, client_hash, since=now - COUNTED) >= LETTERS_PER_CLIENT
    ):
        return None

    customer = customer_by_address(session, address)
    way = _new_way_in(address, customer, client_hash, settings, now)
    session.add(way.kept)
    letter = queue_letter(session, address, SUBJECT, _letter(way, settings), now, useful_until=way.kept.ends_at)
    if customer is None:
        keep_back(letter)
    return way.kept


def try_code(asked: SignInCode, typed: str, *, tried_today: int, settings: Settings, now: datetime) -> Answer:
    """Use up one try, and the code if it is right. `tried_today`: all tries for this address within A_DAY."""
    if not is_open(asked, now) or asked.tries >= TRIES or tried_today >= TRIES_A_DAY:
        return Answer.DEAD

    asked.tries += 1
    right = hmac.compare_digest(_code_hash(asked.id, typed, settings), asked.code_hash)
    if right and asked.customer_id is not None:
        asked.used_at = now
        return Answer.WELCOME
    return Answer.WRONG if asked.tries < TRIES else Answer.DEAD


def use_link(asked: SignInCode, *, now: datetime) -> bool:
    """Use the letter's link up; whether it was still good."""
    if not is_open(asked, now) or asked.customer_id is None:
        return False
    asked.used_at = now
    return True


def is_open(asked: SignInCode, now: datetime) -> bool:
    """Whether this letter can still sign anybody in."""
    return asked.used_at is None and now < asked.ends_at


def start_session(
    session: Session, customer: Customer, *, keep: bool, now: datetime, restaurant_id: str | None = None
) -> str:
    """Sign the customer in for SESSION_LIFE, or KEPT_SESSION_LIFE; the token that proves it, which is kept nowhere.

    `restaurant_id`: the restaurant whose shop vouches for them; its orders are all that they see.
    """
    token = new_secret()
    ends_at = now + (KEPT_SESSION_LIFE if keep else SESSION_LIFE)
    session.add(
        CustomerSession(
            hash=hash_of(token),
            customer_id=customer.id,
            restaurant_id=restaurant_id,
            created_at=now,
            ends_at=ends_at,
        )
    )
    return token


def end_session(ending: CustomerSession, *, now: datetime) -> None:
    """From now on, no copy of its token opens anything."""
    ending.ended_at = ending.ended_at or now


def forget_old_sign_ins(session: Session, *, now: datetime) -> None:
    """Delete codes and sessions that have been of no use to anybody for a day; the day is what TRIES_A_DAY counts."""
    long_ago = now - A_DAY
    session.execute(delete(SignInCode).where(SignInCode.ends_at < long_ago))
    session.execute(delete(CustomerSession).where(CustomerSession.ends_at < long_ago))
    session.execute(delete(CustomerSession).where(CustomerSession.ended_at < long_ago))


def _new_way_in(address: str, customer: Customer | None, client_hash: str, settings: Settings, now: datetime) -> _WayIn:
    code, secret, its_id = f"{secrets.randbelow(1_000_000):06}", new_secret(), new_id(now)
    kept = SignInCode(
        id=its_id,
        email=address,
        client_hash=client_hash,
        customer_id=customer.id if customer else None,
        code_hash=_code_hash(its_id, code, settings),
        link_hash=hash_of(secret),
        asked_at=now,
        ends_at=now + CODE_LIFE,
        tries=0,
    )
    return _WayIn(kept, code, secret)


def _code_hash(its_id: str, code: str, settings: Settings) -> str:
    # With the row's id in it, equal codes of two people don't look equal in the database.
    return peppered_hash_of(f"code {its_id} {code}", settings.signing_key)


def _letter(way: _WayIn, settings: Settings) -> str:
    minutes = CODE_LIFE // timedelta(minutes=1)
    return LETTER.format(code=way.code, link=_link(way, settings), minutes=minutes)


def _link(way: _WayIn, settings: Settings) -> str:
    return f"{settings.origin}{LINK_PATH}{way.secret}"


def _network_of(client: str) -> str:
    """One household or server has a whole /64 of IPv6: counting single addresses of it would count nothing."""
    try:
        address = ip_address(client)
    except ValueError:
        return client
    return str(int(address) >> 64) if isinstance(address, IPv6Address) else str(address)
