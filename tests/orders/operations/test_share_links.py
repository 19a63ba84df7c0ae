"""Share links: customers let others follow an order, by a limited number of links, until it is over or they stop it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.builders import EVENING, a_customer, an_own_order
from tests.conftest import Clock
from tests.order_actions import COMPLETE, CONFIRM, Step
from tracker.accounts.tokens import hash_secret, share_link_secret
from tracker.database import Database
from tracker.ids import new_id
from tracker.orders.model import Order
from tracker.orders.operations import by_customer, by_restaurant
from tracker.orders.operations.share_links import (
    MAX_LINKS,
    MAX_NAME_LENGTH,
    ShareLink,
    can_be_shared,
    delete_old_share_links,
    find_link,
    find_open_links,
    links_expire_at,
    revoke_link,
    share_order,
)
from tracker.orders.operations.storage import find_order_for_customer, load_order_for_update
from tracker.orders.queries.onlookers import find_order_id_by_link, find_shared_order, load_shared_details
from tracker.orders.refusals import NotNow, NotPossible, TooLate

KEY = "a secret key for tests that is long enough"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
YOUNG, ENGLAND, RIGHT_TO_LEFT = (
    "\U0001fae8",
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "\u200f",
)
STRANGE_NAMES = [
    *("Zoë & Małgorzata", "علی‌رضا", "שרה", "👩‍👩‍👧", "山田さん", "O’Neill <b>", "%", "x" * MAX_NAME_LENGTH),
    *(YOUNG, f"Sam {YOUNG}", f"Tom {ENGLAND}", f"שרה{RIGHT_TO_LEFT}"),
]
NO_NAMES = [
    "",
    " ",
    "‍",
    RIGHT_TO_LEFT,
    "Sam\u2028Kim",
    "Sam\ud800",
    "Sam\x00",
    "Sam\nKim",
    "\u202emaS",
    "x" * (MAX_NAME_LENGTH + 1),
]


def share(order: Order, links: list[ShareLink], made_for: str | None = None) -> ShareLink:
    """Return a link to the order, added to the list of links."""
    link = share_order(order, links, made_for, secret_key=KEY, now=EVENING)
    if link not in links:
        links.append(link)
    return link


def store_order(database: Database, email: str = "ada@example.com") -> str:
    """Store an order that has just been placed, and return its id."""
    with database.transaction() as session:
        order = an_own_order(customer=a_customer(email=email))
        session.add(order)
        return order.id


def create_link(database: Database, order_id: str, made_for: str | None = None) -> str:
    """Have the customer share the order, and return the link's id."""

    def work(session: Session) -> str:
        customer_id = session.get_one(Order, order_id).customer_id or ""
        order = find_order_for_customer(session, customer_id, order_id, only_restaurant_id=None, now=EVENING)
        assert order is not None
        links = find_open_links(session, order, secret_key=KEY, now=EVENING)
        link = share_order(order, links, made_for, secret_key=KEY, now=EVENING)
        session.add(link)
        return link.id

    return database.run_in_transaction(work)


def is_shown(database: Database, secret: str, now: datetime = EVENING) -> bool:
    """Return whether the link with this secret shows an order."""
    with database.read_connection() as transaction:
        return find_shared_order(transaction, secret, secret_key=KEY, now=now) is not None


def test_a_link_stores_only_the_hash_of_a_secret_derived_from_our_key_and_its_id() -> None:
    order = an_own_order()

    link = share_order(order, [], "Sam", secret_key=KEY, now=EVENING)

    secret = share_link_secret(KEY, link.id)
    assert link.hash == hash_secret(secret)
    assert len(secret) == 43
    assert share_link_secret("another key", link.id) != secret
    assert order.has_onlookers


def test_a_new_key_ends_every_link_and_new_links_can_be_created(database: Database) -> None:
    order_id = store_order(database)
    secret = share_link_secret(KEY, create_link(database, order_id))
    new_key = "another secret key that is long enough"

    with database.read_connection() as transaction, database.transaction() as session:
        seen = find_shared_order(transaction, secret, secret_key=new_key, now=EVENING)
        order = load_order_for_update(session, order_id)
        open_links = find_open_links(session, order, secret_key=new_key, now=EVENING)
        new_link = share_order(order, open_links, None, secret_key=new_key, now=EVENING)

    assert is_shown(database, secret)
    assert (seen, list(open_links)) == (None, [])
    assert new_link.hash == hash_secret(share_link_secret(new_key, new_link.id))


def test_sharing_twice_gives_one_link_for_everybody_but_a_new_one_for_each_name() -> None:
    order, links = an_own_order(), []

    first, again = share(order, links), share(order, links)
    sam, other_sam = share(order, links, "Sam"), share(order, links, "Sam")

    assert first is again
    assert len({first.id, sam.id, other_sam.id}) == 3


def test_an_order_has_at_most_ten_links_and_the_one_for_everybody_is_still_returned() -> None:
    order, links = an_own_order(), []
    for number in range(MAX_LINKS - 1):
        share(order, links, f"Friend {number}")
    for_everybody = share(order, links)

    with pytest.raises(NotPossible, match="There are 10 links"):
        share(order, links, "One more")

    assert share(order, links) is for_everybody


@pytest.mark.parametrize("name", STRANGE_NAMES)
def test_a_link_can_be_for_a_person_with_any_visible_name(name: str) -> None:
    assert share(an_own_order(), [], name).made_for == name


@pytest.mark.parametrize("name", NO_NAMES)
def test_an_invisible_or_too_long_name_is_refused_and_nothing_is_shared(name: str) -> None:
    order = an_own_order()

    with pytest.raises(NotPossible, match="at most 80 characters"):
        share(order, [], name)

    assert not order.has_onlookers


@pytest.mark.parametrize("minutes", [0, 239])
def test_an_order_that_has_ended_can_be_shared_for_four_hours(minutes: int) -> None:
    order = order_after(CONFIRM, COMPLETE)

    assert can_be_shared(order, EVENING + timedelta(minutes=minutes))
    assert links_expire_at(order) == EVENING + 4 * HOUR


def test_an_order_that_ended_long_ago_cannot_be_shared() -> None:
    order = order_after(CONFIRM, COMPLETE)

    with pytest.raises(TooLate) as refused:
        share_order(order, [], None, secret_key=KEY, now=EVENING + 4 * HOUR)

    assert refused.value.at == order.ended_at
    assert not order.has_onlookers


def test_a_rejected_or_cancelled_order_cannot_be_shared() -> None:
    rejected, cancelled = an_own_order(), an_own_order()
    by_restaurant.reject_order(rejected, None, actor_name="bob@example.com", now=EVENING)
    by_customer.cancel_order(cancelled, 1, now=EVENING)

    for order in (rejected, cancelled):
        with pytest.raises(NotNow, match="came to nothing"):
            share_order(order, [], "Sam", secret_key=KEY, now=EVENING)


def test_an_order_whose_end_was_not_reported_is_shown_for_two_days_after_it_was_due() -> None:
    soon = an_own_order()
    for_tomorrow = an_own_order(requested_for=EVENING + 24 * HOUR, is_advance=True)

    assert links_expire_at(soon) == EVENING + 48 * HOUR
    assert links_expire_at(for_tomorrow) == EVENING + 72 * HOUR


def test_a_link_shows_its_order_exactly_until_it_expires(database: Database, clock: Clock) -> None:
    order_id = store_order(database)
    secret = share_link_secret(KEY, create_link(database, order_id))
    with database.transaction() as session:
        for step in (CONFIRM, COMPLETE):
            step(load_order_for_update(session, order_id), clock.now)

    end = EVENING + 4 * HOUR

    assert is_shown(database, secret, end - timedelta(microseconds=1))
    assert not is_shown(database, secret, end)
    assert not is_shown(database, secret + "x")


def test_a_stopped_link_shows_nothing_and_the_others_still_show_the_order(database: Database) -> None:
    order_id = store_order(database)
    ids = [create_link(database, order_id, name) for name in ("Sam", "Kim")]

    with database.transaction() as session:
        order = load_order_for_update(session, order_id)
        for _ in range(2):  # a second tap changes nothing
            revoke_link(find_link(session, order, ids[0]), now=EVENING)

    assert [is_shown(database, share_link_secret(KEY, link_id)) for link_id in ids] == [False, True]
    with database.read_session() as session:
        assert [find_order_id_by_link(session, link_id, now=EVENING) for link_id in ids] == [None, order_id]
        open_links = find_open_links(session, load_order_for_update(session, order_id), secret_key=KEY, now=EVENING)
        assert [link.id for link in open_links] == ids[1:]


def test_a_link_is_found_only_by_its_own_order(database: Database) -> None:
    adas_order, bobs_order = store_order(database), store_order(database, "bob@example.com")
    link_id = create_link(database, adas_order)

    with database.read_session() as session:
        found = [
            find_link(session, load_order_for_update(session, order_id), link_id)
            for order_id in (adas_order, bobs_order)
        ]
        found_by_invalid_ids = [
            find_link(session, load_order_for_update(session, adas_order), unknown_id)
            for unknown_id in (new_id(EVENING), "%", "")
        ]

    assert found[0] is not None
    assert [found[1], *found_by_invalid_ids] == [None] * 4


def test_many_simultaneous_requests_create_one_link_for_everybody_and_at_most_ten_links(database: Database) -> None:
    order_id = store_order(database)
    names = [None] * 3 + [f"Friend {number}" for number in range(MAX_LINKS + 2)]

    def try_to_create_link(made_for: str | None) -> str | None:
        try:
            return create_link(database, order_id, made_for)
        except NotPossible:
            return None

    with ThreadPoolExecutor(4) as pool:
        created = list(pool.map(try_to_create_link, names))

    assert len({link for link in created[:3] if link}) <= 1
    assert len({link for link in created if link}) == MAX_LINKS
    with database.read_session() as session:
        order = load_order_for_update(session, order_id)
        assert len(find_open_links(session, order, secret_key=KEY, now=EVENING)) == MAX_LINKS


def test_a_stopped_link_is_deleted_with_its_name_a_day_later_and_the_others_stay(database: Database) -> None:
    order_id = store_order(database)
    stopped, other = (create_link(database, order_id, name) for name in ("Sam", "Kim"))
    with database.transaction() as session:
        revoke_link(session.get_one(ShareLink, stopped), now=EVENING)

    remaining = links_left(database, EVENING + DAY), links_left(database, EVENING + DAY + timedelta(seconds=1))

    assert remaining == ({stopped, other}, {other})


@pytest.mark.parametrize("steps", [(), (CONFIRM, COMPLETE)])
@pytest.mark.parametrize("requested_for", [None, EVENING + 9 * DAY])
def test_a_link_is_deleted_exactly_a_day_after_it_expired(
    database: Database, steps: tuple[Step, ...], requested_for: datetime | None
) -> None:
    order = an_own_order(customer=a_customer(), requested_for=requested_for)
    with database.transaction() as session:
        session.add(order)
        session.flush()
        session.add(link := share(order, []))
        for step in steps:
            step(order, EVENING)
    deletion_time = links_expire_at(order) + DAY

    remaining = links_left(database, deletion_time), links_left(database, deletion_time + timedelta(seconds=1))

    assert remaining == ({link.id}, set())


def links_left(database: Database, now: datetime) -> set[str]:
    """Delete old links at this time, and return the ids of those that are left."""
    with database.transaction() as session:
        delete_old_share_links(session, now=now)
        return set(session.scalars(select(ShareLink.id)))


def test_onlookers_see_no_prices_of_lines_because_these_would_reveal_the_tip(database: Database) -> None:
    order_id = store_order(database)
    secret = share_link_secret(KEY, create_link(database, order_id))

    with database.read_connection() as transaction:
        seen = find_shared_order(transaction, secret, secret_key=KEY, now=EVENING)
        assert seen is not None
        load_shared_details(transaction, seen.order)

    assert seen.order.total.minor == 3450
    with pytest.raises(AttributeError):
        seen.order.lines[0].unit_minor  # noqa: B018  reading it raises the error


def order_after(*steps: Step) -> Order:
    """Return an order after these steps."""
    order = an_own_order()
    for step in steps:
        step(order, EVENING)
    return order
