"""How often and for how long a code or link signs in, and how many e-mails can be asked for."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.builders import a_customer
from tests.conftest import Clock
from tracker.accounts import sign_in as signing_in
from tracker.accounts.model import Customer, CustomerSession, Mail, SignInCode
from tracker.accounts.queries import session_by_token
from tracker.accounts.sign_in import SignInResult
from tracker.config import Settings
from tracker.database import Database


@pytest.fixture
def ada(database: Database) -> Customer:
    """Return a customer with an address."""
    with database.transaction() as session:
        ada = a_customer()
        session.add(ada)
    return ada


def request_code(
    database: Database, settings: Settings, clock: Clock, address: str = "ada@example.com", client: str = ""
) -> bool:
    """Ask for a code, and return whether one was issued."""
    with database.transaction() as session:
        code = signing_in.request_sign_in_code(
            session, address, client=client or "192.0.2.1", settings=settings, now=clock.now
        )
        return code is not None


def emails(database: Database) -> int:
    """Return how many e-mails wait to be sent."""
    with database.read_session() as session:
        return session.scalars(select(func.count()).where(Mail.try_at.is_not(None))).one()


def a_code(settings: Settings, clock: Clock, **changes: object) -> SignInCode:
    """Return a code, 111111, that was asked for just now. It exists in memory only."""
    usual = {
        "id": "a" * 24,
        "customer_id": "b" * 24,
        "code_hash": signing_in._code_hash("a" * 24, "111111", settings),
        "asked_at": clock.now,
        "ends_at": clock.now + signing_in.CODE_LIFETIME,
        "tries": 0,
    }
    return SignInCode(**usual | changes)


def check_code(code: SignInCode, typed: str, settings: Settings, clock: Clock, attempts_today: int = 0) -> SignInResult:
    """Check a typed code."""
    return signing_in.check_code(code, typed, attempts_today=attempts_today, settings=settings, now=clock.now)


def test_the_right_code_signs_in_once(settings: Settings, clock: Clock) -> None:
    code = a_code(settings, clock)

    results = [check_code(code, "111111", settings, clock) for _ in range(2)]

    assert results == [SignInResult.ACCEPTED, SignInResult.EXPIRED]


def test_after_five_wrong_tries_the_right_code_does_not_sign_in(settings: Settings, clock: Clock) -> None:
    code = a_code(settings, clock)

    results = [check_code(code, "222222", settings, clock) for _ in range(5)]

    assert results == [SignInResult.WRONG] * 4 + [SignInResult.EXPIRED]
    assert check_code(code, "111111", settings, clock) is SignInResult.EXPIRED


def test_the_fifth_try_may_still_be_the_right_one(settings: Settings, clock: Clock) -> None:
    code = a_code(settings, clock, tries=4)

    assert check_code(code, "111111", settings, clock) is SignInResult.ACCEPTED


@pytest.mark.parametrize(("seconds", "result"), [(599, SignInResult.ACCEPTED), (600, SignInResult.EXPIRED)])
def test_a_code_is_valid_for_ten_minutes(settings: Settings, clock: Clock, seconds: int, result: SignInResult) -> None:
    code = a_code(settings, clock)

    clock.move(seconds=seconds)

    assert check_code(code, "111111", settings, clock) is result


@pytest.mark.parametrize(("seconds", "good"), [(599, True), (600, False)])
def test_a_link_is_valid_for_ten_minutes(settings: Settings, clock: Clock, seconds: int, good: bool) -> None:
    code = a_code(settings, clock)

    clock.move(seconds=seconds)

    assert signing_in.use_link(code, now=clock.now) is good


def test_code_and_link_of_one_email_sign_in_once_between_them(settings: Settings, clock: Clock) -> None:
    by_code, by_link = a_code(settings, clock), a_code(settings, clock)

    check_code(by_code, "111111", settings, clock)
    signing_in.use_link(by_link, now=clock.now)

    assert not signing_in.use_link(by_code, now=clock.now)
    assert check_code(by_link, "111111", settings, clock) is SignInResult.EXPIRED


def test_guessing_all_day_gets_fifty_tries_and_the_owner_still_gets_in_by_the_link(
    settings: Settings, clock: Clock
) -> None:
    code = a_code(settings, clock)

    guess = check_code(code, "111111", settings, clock, attempts_today=50)

    assert guess is SignInResult.EXPIRED
    assert signing_in.use_link(code, now=clock.now)


def test_for_an_address_without_a_customer_even_the_right_code_does_not_sign_in(
    settings: Settings, clock: Clock
) -> None:
    code = a_code(settings, clock, customer_id=None)

    assert check_code(code, "111111", settings, clock) is SignInResult.WRONG
    assert not signing_in.use_link(code, now=clock.now)


def test_an_email_goes_only_to_an_address_that_a_customer_has(
    database: Database, settings: Settings, clock: Clock, ada: Customer
) -> None:
    code = [request_code(database, settings, clock, address) for address in ("ada@example.com", "eve@example.com")]

    assert code == [True, True]
    with database.read_session() as session:
        known, unknown = session.scalars(select(Mail).order_by(Mail.recipient))
    assert (known.recipient, known.try_at) == (ada.email, clock.now)
    assert (unknown.text, unknown.try_at) == ("", None)


def test_neither_code_nor_link_can_be_read_in_the_database(
    database: Database, settings: Settings, clock: Clock, ada: Customer
) -> None:
    request_code(database, settings, clock)

    with database.read_session() as session:
        email, stored = session.scalars(select(Mail)).one(), session.scalars(select(SignInCode)).one()
    code, secret = re.findall(r"\b\d{6}\b|(?<=link/)\S+", email.text)
    row = repr([getattr(stored, column.key) for column in SignInCode.__table__.columns])
    assert code not in row
    assert secret not in row
    assert "192.0.2.1" not in row


def test_at_most_five_emails_an_address_go_out_in_fifteen_minutes(
    database: Database, settings: Settings, clock: Clock, ada: Customer
) -> None:
    for number in range(7):
        request_code(database, settings, clock, client=f"192.0.2.{number}")
    assert emails(database) == 5

    clock.move(minutes=15)
    request_code(database, settings, clock)

    assert emails(database) == 6


def test_at_most_twenty_emails_are_asked_for_at_one_network_address(
    database: Database, settings: Settings, clock: Clock, ada: Customer
) -> None:
    made_out = [request_code(database, settings, clock, f"somebody{number}@example.com") for number in range(21)]

    assert made_out == [True] * 20 + [False]
    assert request_code(database, settings, clock, client="192.0.2.77")


def test_one_household_with_many_addresses_of_ipv6_counts_as_one(
    database: Database, settings: Settings, clock: Clock
) -> None:
    for number in range(20):
        request_code(database, settings, clock, f"somebody{number}@example.com", client=f"2001:db8:1:2::{number:x}")

    assert not request_code(database, settings, clock, client="2001:db8:1:2:ffff::1")
    assert request_code(database, settings, clock, client="2001:db8:1:3::1")


@pytest.mark.parametrize(("keep", "life"), [(False, timedelta(hours=12)), (True, timedelta(days=30))])
def test_a_session_lasts_half_a_day_or_a_month(
    database: Database, clock: Clock, ada: Customer, keep: bool, life: timedelta
) -> None:
    with database.transaction() as session:
        token = signing_in.start_session(session, ada, remember=keep, now=clock.now)

    with database.read_session() as session:
        just_before, at_the_end = clock.now + life - timedelta(seconds=1), clock.now + life
        assert session_by_token(session, token, now=just_before) is not None
        assert session_by_token(session, token, now=at_the_end) is None


def test_codes_and_sessions_are_forgotten_a_day_after_their_end(
    database: Database, settings: Settings, clock: Clock, ada: Customer
) -> None:
    request_code(database, settings, clock)
    with database.transaction() as session:
        signing_in.start_session(session, ada, remember=False, now=clock.now)
        lasting = signing_in.start_session(session, ada, remember=True, now=clock.now)

    clock.move(hours=37)
    request_code(database, settings, clock)
    with database.transaction() as session:
        signing_in.delete_old_sign_ins(session, now=clock.now)

    with database.read_session() as session:
        assert session.scalars(select(SignInCode.asked_at)).all() == [clock.now]
        assert session.scalars(select(func.count()).select_from(CustomerSession)).one() == 1
        assert session_by_token(session, lasting, now=clock.now) is not None
