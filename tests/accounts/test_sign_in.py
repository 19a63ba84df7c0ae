"""What an email opens, how often, and for how long; how many emails anybody may ask for."""

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
    """A customer whom we know."""
    with database.transaction() as session:
        ada = a_customer()
        session.add(ada)
    return ada


def ask(
    database: Database, settings: Settings, clock: Clock, address: str = "ada@example.com", client: str = ""
) -> bool:
    """Ask for an email; whether one was made out."""
    with database.transaction() as session:
        asked = signing_in.request_sign_in_code(
            session, address, client=client or "192.0.2.1", settings=settings, now=clock.now
        )
        return asked is not None


def emails(database: Database) -> int:
    """How many emails wait to be sent."""
    with database.read_session() as session:
        return session.scalars(select(func.count()).where(Mail.try_at.is_not(None))).one()


def a_code(settings: Settings, clock: Clock, **changes: object) -> SignInCode:
    """An email asked for just now, whose code is 111111, in memory only."""
    usual = {
        "id": "a" * 24,
        "customer_id": "b" * 24,
        "code_hash": signing_in._code_hash("a" * 24, "111111", settings),
        "asked_at": clock.now,
        "ends_at": clock.now + signing_in.CODE_LIFETIME,
        "tries": 0,
    }
    return SignInCode(**usual | changes)


def try_it(asked: SignInCode, typed: str, settings: Settings, clock: Clock, attempts_today: int = 0) -> SignInResult:
    """Type the code."""
    return signing_in.check_code(asked, typed, attempts_today=attempts_today, settings=settings, now=clock.now)


def test_the_right_code_opens_once(settings: Settings, clock: Clock) -> None:
    asked = a_code(settings, clock)

    results = [try_it(asked, "111111", settings, clock) for _ in range(2)]

    assert results == [SignInResult.ACCEPTED, SignInResult.EXPIRED]


def test_after_five_wrong_tries_the_right_code_opens_nothing(settings: Settings, clock: Clock) -> None:
    asked = a_code(settings, clock)

    results = [try_it(asked, "222222", settings, clock) for _ in range(5)]

    assert results == [SignInResult.WRONG] * 4 + [SignInResult.EXPIRED]
    assert try_it(asked, "111111", settings, clock) is SignInResult.EXPIRED


def test_the_fifth_try_may_still_be_the_right_one(settings: Settings, clock: Clock) -> None:
    asked = a_code(settings, clock, tries=4)

    assert try_it(asked, "111111", settings, clock) is SignInResult.ACCEPTED


@pytest.mark.parametrize(("seconds", "result"), [(599, SignInResult.ACCEPTED), (600, SignInResult.EXPIRED)])
def test_a_code_is_good_for_ten_minutes(settings: Settings, clock: Clock, seconds: int, result: SignInResult) -> None:
    asked = a_code(settings, clock)

    clock.move(seconds=seconds)

    assert try_it(asked, "111111", settings, clock) is result


@pytest.mark.parametrize(("seconds", "good"), [(599, True), (600, False)])
def test_a_link_is_good_for_ten_minutes(settings: Settings, clock: Clock, seconds: int, good: bool) -> None:
    asked = a_code(settings, clock)

    clock.move(seconds=seconds)

    assert signing_in.use_link(asked, now=clock.now) is good


def test_code_and_link_of_one_email_open_once_between_them(settings: Settings, clock: Clock) -> None:
    by_code, by_link = a_code(settings, clock), a_code(settings, clock)

    try_it(by_code, "111111", settings, clock)
    signing_in.use_link(by_link, now=clock.now)

    assert not signing_in.use_link(by_code, now=clock.now)
    assert try_it(by_link, "111111", settings, clock) is SignInResult.EXPIRED


def test_whoever_guesses_all_day_gets_fifty_tries_and_the_owner_still_gets_in_by_the_link(
    settings: Settings, clock: Clock
) -> None:
    asked = a_code(settings, clock)

    guess = try_it(asked, "111111", settings, clock, attempts_today=50)

    assert guess is SignInResult.EXPIRED
    assert signing_in.use_link(asked, now=clock.now)


def test_for_an_address_that_nobody_has_even_the_right_guess_opens_nothing(settings: Settings, clock: Clock) -> None:
    asked = a_code(settings, clock, customer_id=None)

    assert try_it(asked, "111111", settings, clock) is SignInResult.WRONG
    assert not signing_in.use_link(asked, now=clock.now)


def test_an_email_goes_only_to_an_address_that_a_customer_has(
    database: Database, settings: Settings, clock: Clock, ada: Customer
) -> None:
    asked = [ask(database, settings, clock, address) for address in ("ada@example.com", "eve@example.com")]

    assert asked == [True, True]
    with database.read_session() as session:
        known, unknown = session.scalars(select(Mail).order_by(Mail.recipient))
    assert (known.recipient, known.try_at) == (ada.email, clock.now)
    assert (unknown.text, unknown.try_at) == ("", None)


def test_neither_code_nor_link_can_be_read_in_the_database(
    database: Database, settings: Settings, clock: Clock, ada: Customer
) -> None:
    ask(database, settings, clock)

    with database.read_session() as session:
        email, kept = session.scalars(select(Mail)).one(), session.scalars(select(SignInCode)).one()
    code, secret = re.findall(r"\b\d{6}\b|(?<=link/)\S+", email.text)
    row = repr([getattr(kept, column.key) for column in SignInCode.__table__.columns])
    assert code not in row
    assert secret not in row
    assert "192.0.2.1" not in row


def test_at_most_five_emails_an_address_go_out_in_fifteen_minutes(
    database: Database, settings: Settings, clock: Clock, ada: Customer
) -> None:
    for number in range(7):
        ask(database, settings, clock, client=f"192.0.2.{number}")
    assert emails(database) == 5

    clock.move(minutes=15)
    ask(database, settings, clock)

    assert emails(database) == 6


def test_at_most_twenty_emails_are_asked_for_at_one_network_address(
    database: Database, settings: Settings, clock: Clock, ada: Customer
) -> None:
    made_out = [ask(database, settings, clock, f"somebody{number}@example.com") for number in range(21)]

    assert made_out == [True] * 20 + [False]
    assert ask(database, settings, clock, client="192.0.2.77")


def test_one_household_with_many_addresses_of_ipv6_counts_as_one(
    database: Database, settings: Settings, clock: Clock
) -> None:
    for number in range(20):
        ask(database, settings, clock, f"somebody{number}@example.com", client=f"2001:db8:1:2::{number:x}")

    assert not ask(database, settings, clock, client="2001:db8:1:2:ffff::1")
    assert ask(database, settings, clock, client="2001:db8:1:3::1")


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
    ask(database, settings, clock)
    with database.transaction() as session:
        signing_in.start_session(session, ada, remember=False, now=clock.now)
        lasting = signing_in.start_session(session, ada, remember=True, now=clock.now)

    clock.move(hours=37)
    ask(database, settings, clock)
    with database.transaction() as session:
        signing_in.delete_old_sign_ins(session, now=clock.now)

    with database.read_session() as session:
        assert session.scalars(select(SignInCode.asked_at)).all() == [clock.now]
        assert session.scalars(select(func.count()).select_from(CustomerSession)).one() == 1
        assert session_by_token(session, lasting, now=clock.now) is not None
