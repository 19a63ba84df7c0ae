"""The customer's pages: the list of orders, permission, caching, and what the order page shows."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient

from tests.browser_sessions import use_session
from tests.builders import EVENING, a_customer, a_line, a_platform_account, a_restaurant, an_order, report, some_details
from tests.conftest import Clock
from tests.page_text import words_of
from tracker.accounts.model import Customer, PlatformAccount
from tracker.accounts.sign_in import start_session
from tracker.accounts.tokens import read_page_token
from tracker.application import create_app
from tracker.config import Settings
from tracker.database import Database
from tracker.ids import new_id
from tracker.orders.bill import Bill
from tracker.orders.model import Order, OrderEvent
from tracker.orders.operations import by_platform
from tracker.orders.progress import Step
from tracker.orders.reports import LineDetails

pytestmark = pytest.mark.usefixtures("clock")
HOSTILE = "<script>alert(1)</script>\"'>{{ 7*7 }}"


@pytest.fixture
def ada() -> Customer:
    """A customer who is not in the database yet."""
    return a_customer()


@pytest.fixture
def platform_account() -> PlatformAccount:
    """A platform account that is not in the database yet."""
    return a_platform_account()


def store(database: Database, *rows: object) -> None:
    """Store these rows."""
    with database.transaction() as session:
        session.add_all(rows)


def sign_in(client: FlaskClient, database: Database, customer: Customer) -> None:
    """Sign the customer in with this browser."""
    with database.transaction() as session:
        token = start_session(session, session.merge(customer), remember=False, now=EVENING)
    use_session(client, token)


def announcement_in(html: str) -> str:
    """Return the announcement for screen readers."""
    return unescape(re.search(r'data-announce="([^"]*)"', html)[1])


# --- permission and the list of orders --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "/live", "/token"])
def test_somebody_elses_order_looks_like_one_that_does_not_exist(
    client: FlaskClient, database: Database, ada: Customer, path: str
) -> None:
    theirs = an_order(customer=a_customer(email="grace@example.com"))
    store(database, theirs)
    sign_in(client, database, ada)

    responses = [client.get(f"/orders/{order_id}{path}") for order_id in (theirs.id, new_id(EVENING), "nonsense")]

    assert [response.status_code for response in responses] == [404, 404, 404]
    assert len({re.sub(r'nonce="[^"]+"', "", response.text) for response in responses}) == 1


@pytest.mark.parametrize("path", ["", "/live"])
def test_a_cached_region_is_not_shown_to_another_customer(
    client: FlaskClient, database: Database, ada: Customer, path: str
) -> None:
    grace = a_customer(email="grace@example.com")
    order = an_order(customer=grace)
    store(database, order)
    sign_in(client, database, grace)
    region = client.get(f"/orders/{order.id}/live")
    assert order.short_code in region.text

    sign_in(client, database, ada)
    responses = [
        client.get(f"/orders/{order.id}{path}", headers=headers)
        for headers in ({}, {"If-None-Match": region.headers["ETag"]})
    ]

    assert [(response.status_code, order.short_code in response.text) for response in responses] == [(404, False)] * 2


@pytest.mark.parametrize("path", ["/orders", "/orders/{id}"])
def test_without_a_session_a_page_leads_to_the_sign_in_page_and_back(
    client: FlaskClient, database: Database, path: str
) -> None:
    order = an_order()
    store(database, order)

    response = client.get(path.format(id=order.id), headers={"Accept": "text/html"})

    assert response.status_code == 303
    assert response.location.startswith("/sign-in?next=%2Forders") or response.location.startswith(
        "/sign-in?next=/orders"
    )


@pytest.mark.parametrize("path", ["/orders/live", "/orders/{id}/live", "/orders/{id}/token"])
def test_without_a_session_a_region_or_token_is_401(client: FlaskClient, database: Database, path: str) -> None:
    order = an_order()
    store(database, order)

    response = client.get(path.format(id=order.id), headers={"HX-Request": "true"})

    assert response.status_code == 401


def test_the_front_page_redirects_to_the_list_of_orders(client: FlaskClient) -> None:
    assert client.get("/").location == "/orders"


def test_the_list_says_if_there_are_no_orders(client: FlaskClient, database: Database, ada: Customer) -> None:
    sign_in(client, database, ada)

    assert "Nothing here yet" in client.get("/orders").text


def test_the_list_has_every_order_on_exactly_one_page_newest_first(
    client: FlaskClient, database: Database, ada: Customer, platform_account: PlatformAccount
) -> None:
    times = [EVENING - timedelta(minutes=number // 2) for number in range(45)]  # two orders for each time
    orders = [an_order_of(ada, platform_account, number=number, placed_at=at) for number, at in enumerate(times)]
    store(database, *orders)
    sign_in(client, database, ada)

    pages, address = [], "/orders"
    while address:
        html = client.get(address).text
        pages.append(re.findall(r'id="order-([0-9a-f]{24})"', html))
        older = re.search(r'class="button" href="(/orders\?before=[^"]+)"', html)
        address = older[1] if older else ""

    newest_first = sorted(orders, key=lambda order: (order.placed_at, order.id), reverse=True)
    assert [order_id for page in pages for order_id in page] == [order.id for order in newest_first]
    assert [len(page) for page in pages] == [20, 20, 5]


def an_order_of(customer: Customer, platform_account: PlatformAccount, *, number: int = 0, **details: object) -> Order:
    """Return one of several orders of this customer."""
    order = by_platform.place_order(
        platform_account, f"{number}", some_details(**details), report=report(), now=EVENING
    ).order
    order.customer = customer
    return order


@pytest.mark.parametrize("before", ["x", "1-2", "99999999999999999999-000000000000000000000000", "1-zz", "-1-0"])
def test_a_malformed_cursor_is_not_found(client: FlaskClient, database: Database, ada: Customer, before: str) -> None:
    sign_in(client, database, ada)

    assert client.get("/orders", query_string={"before": before}).status_code == 404


def test_the_list_separates_live_orders_from_past_ones(
    client: FlaskClient, database: Database, ada: Customer, platform_account: PlatformAccount
) -> None:
    live, past = (an_order_of(ada, platform_account, number=number) for number in (1, 2))
    by_platform.confirm_order(live, at=None, report=report(2), now=EVENING)
    by_platform.change_details(live, promised(30), report=report(3), now=EVENING)
    by_platform.cancel_order(past, at=None, report=report(2), now=EVENING)
    store(database, live, past)
    sign_in(client, database, ada)

    now, earlier = client.get("/orders").text.split('id="earlier"')

    assert live.id in now
    assert "with you 18:30–18:40 GMT" in words_of(now)
    assert "Ordered 18:00" in words_of(now)
    assert "later than promised" not in now
    assert past.id in earlier
    assert "Cancelled" in earlier


def test_the_list_shows_which_order_is_late_and_by_how_much(
    client: FlaskClient, database: Database, ada: Customer, platform_account: PlatformAccount, clock: Clock
) -> None:
    order = an_order_of(ada, platform_account, number=1)
    by_platform.confirm_order(order, at=None, report=report(2), now=EVENING)
    by_platform.change_details(order, promised(30), report=report(3), now=EVENING)
    store(database, order)
    sign_in(client, database, ada)

    clock.move(minutes=52)

    assert "18:30–18:40 GMT 12 minutes later than promised" in words_of(client.get("/orders").text)


def test_the_list_shows_times_in_each_restaurants_time_zone_with_its_name(
    client: FlaskClient, database: Database, ada: Customer, platform_account: PlatformAccount
) -> None:
    in_paris = a_platform_account(a_restaurant(zone="Europe/Paris"))
    orders = [an_order_of(ada, account, number=number) for number, account in enumerate((platform_account, in_paris))]
    for order in orders:
        by_platform.confirm_order(order, at=None, report=report(2), now=EVENING)
        by_platform.change_details(order, promised(30), report=report(3), now=EVENING)
    store(database, *orders)
    sign_in(client, database, ada)

    text = words_of(client.get("/orders").text)

    assert "with you 18:30–18:40 GMT" in text
    assert "with you 19:30–19:40 CET" in text


def promised(minutes: int) -> object:
    """Return the details of an order with a promise in so many minutes."""
    return some_details(promised_at=EVENING + timedelta(minutes=minutes))


# --- caching and live updates -----------------------------------------------------------------------------------------


def test_personal_pages_are_not_cached(client: FlaskClient, database: Database, ada: Customer) -> None:
    order = an_order(customer=ada)
    store(database, order)
    sign_in(client, database, ada)

    paths = ["/orders", "/orders/live", f"/orders/{order.id}", f"/orders/{order.id}/live", f"/orders/{order.id}/token"]

    assert {client.get(path).headers["Cache-Control"] for path in paths} == {"private, no-store"}


def test_a_region_that_looks_the_same_is_not_sent_again_and_one_that_has_changed_is(
    client: FlaskClient, database: Database, ada: Customer, clock: Clock
) -> None:
    order = an_order(customer=ada)
    store(database, order)
    sign_in(client, database, ada)
    address = f"/orders/{order.id}/live"
    first = client.get(address)
    conditional = {"If-None-Match": first.headers["ETag"]}

    same = client.get(address, headers=conditional)
    with database.transaction() as session:
        by_platform.rate_order(session.get_one(Order, order.id), 4, report=report(5), now=clock.now)
    changed = client.get(address, headers=conditional)
    clock.move(minutes=1)
    later = client.get(address, headers={"If-None-Match": changed.headers["ETag"]})

    assert (same.status_code, same.data) == (304, b"")
    assert (changed.status_code, later.status_code) == (200, 200)
    assert "4 of 5 stars" in changed.text


def test_the_page_contains_the_region_that_its_address_returns(
    client: FlaskClient, database: Database, ada: Customer
) -> None:
    order = an_order(customer=ada)
    store(database, order)
    sign_in(client, database, ada)

    page, region = client.get(f"/orders/{order.id}"), client.get(f"/orders/{order.id}/live")

    assert region.text.strip() in page.text
    assert region.headers["ETag"] in page.text.replace("&#34;", '"')


def test_the_page_may_listen_to_its_own_order_for_five_minutes(
    client: FlaskClient, database: Database, ada: Customer, settings: Settings, clock: Clock
) -> None:
    order = an_order(customer=ada)
    store(database, order)
    sign_in(client, database, ada)

    response = client.get(f"/orders/{order.id}/token").json

    key = settings.secret_key.get_secret_value()
    assert response["expires_in"] == 300
    assert read_page_token(key, response["access_token"], now=clock.now).order_id == order.id
    assert read_page_token(key, response["access_token"], now=clock.now + timedelta(seconds=301)) is None
    assert f"private-o-{order.id}" in client.get(f"/orders/{order.id}").text


# --- what the page shows of an order ----------------------------------------------------------------------------------


@pytest.fixture
def read(client: FlaskClient, database: Database, ada: Customer) -> Callable[[Order], str]:
    """Return a function that stores an order and returns its page, as its customer sees it."""

    def read(order: Order) -> str:
        store(database, order)
        sign_in(client, database, ada)
        response = client.get(f"/orders/{order.id}")
        assert response.status_code == 200
        return response.text

    return read


Read = Callable[[Order], str]


@pytest.fixture
def order(ada: Customer, platform_account: PlatformAccount) -> Order:
    """An order for delivery that was placed in the current minute."""
    return an_order_of(ada, platform_account)


def test_texts_from_a_platform_are_escaped(ada: Customer, read: Read) -> None:
    details = some_details(
        short_code=HOSTILE,
        note=HOSTILE,
        address=HOSTILE,
        address_note=HOSTILE,
        payment=HOSTILE,
        voucher=HOSTILE,
        lines=(a_line(HOSTILE, options=({"name": HOSTILE, "minor": 0},)),),
        bill=Bill(items=100, discount=-10, charged=90),
    )
    restaurant = a_restaurant(name=HOSTILE, phone=HOSTILE, colour=HOSTILE[:7], locale="x<y")
    order = an_order_of(
        ada, a_platform_account(restaurant), **{name: getattr(details, name) for name in details.__slots__}
    )
    by_platform.progress_order(order, status=HOSTILE, step=Step.READY, at=None, report=report(3), now=EVENING)
    by_platform.reject_order(order, reason=HOSTILE, at=None, report=report(4), now=EVENING)

    html = read(order)

    assert "<script>alert" not in html
    assert "49" not in words_of(html)
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 12


def test_the_title_of_the_page_is_its_first_heading(order: Order, read: Read) -> None:
    by_platform.confirm_order(order, at=None, report=report(0), now=EVENING)

    html = read(order)

    headline = "Bella Napoli is making your order"
    assert f"<title>{headline}</title>" in html
    assert re.search(rf"<h1[^>]*>{headline}</h1>", html)


def test_a_promised_time_is_shown_as_a_window_in_the_restaurants_time_zone(order: Order, read: Read) -> None:
    by_platform.confirm_order(order, at=None, report=report(0), now=EVENING)
    by_platform.change_details(order, promised(41), report=report(0, "b"), now=EVENING)

    text = words_of(read(order))

    assert "18:40–18:50" in text
    assert "in about 40 minutes" in text
    assert text.count("18:50") == 1
    assert "Restaurant time, GMT" in text


def test_an_unconfirmed_order_says_when_a_time_will_be_known(order: Order, read: Read) -> None:
    html = read(order)

    assert "The time follows when they confirm." in words_of(
        html[html.index('id="state"') : html.index('id="timeline"')]
    )
    assert 'class="note"' not in html


def test_a_restaurants_text_about_an_unconfirmed_order_is_shown_at_its_step(order: Order, read: Read) -> None:
    by_platform.progress_order(order, status="Looking into it", step=None, at=None, report=report(0), now=EVENING)

    assert '<p class="note">Looking into it</p>' in read(order)


def test_a_confirmed_order_without_a_time_says_that_none_is_known(order: Order, read: Read) -> None:
    by_platform.confirm_order(order, at=None, report=report(0), now=EVENING)

    text = words_of(read(order))

    assert "No time has been given yet." in text
    assert "The time follows" not in text


def test_a_moved_time_is_shown_with_the_earlier_one_and_when_it_moved(order: Order, read: Read) -> None:
    by_platform.change_details(order, promised(30), report=report(0, "b"), now=EVENING)
    by_platform.change_details(order, promised(55), report=report(-1, "c"), now=EVENING)
    by_platform.change_details(order, promised(55), report=report(0, "d"), now=EVENING)

    html = read(order)

    assert "18:55–19:05" in words_of(html)
    assert "Moved from earlier: 18:30–18:40 at 18:00" in words_of(html)
    assert "The time moved from 18:30 to 18:55" in words_of(html)


def test_a_moved_time_is_shown_and_announced_with_the_restaurants_reason(order: Order, read: Read) -> None:
    reason = "Our oven is slow tonight"
    by_platform.change_details(order, promised(30), report=report(0, "b"), now=EVENING)
    by_platform.progress_order(order, status=reason, step=None, at=None, report=report(0, "c"), now=EVENING)
    by_platform.change_details(order, promised(55), report=report(0, "d"), now=EVENING)

    html = read(order)

    assert f"18:30–18:40 at 18:00 : {reason}" in words_of(html)
    assert f"The time moved from 18:30 to 18:55. {reason}." in announcement_in(html)


def test_the_name_of_a_step_is_not_shown_as_reason_of_a_moved_time(order: Order, read: Read) -> None:
    by_platform.change_details(order, promised(30), report=report(0, "b"), now=EVENING)
    by_platform.progress_order(order, status="Confirmed", step=Step.CONFIRMED, at=None, report=report(0), now=EVENING)
    by_platform.change_details(order, promised(55), report=report(0, "d"), now=EVENING)

    html = read(order)

    assert "<q>" not in html
    assert announcement_in(html).endswith("The time moved from 18:30 to 18:55.")


def test_a_late_order_says_so_and_offers_to_call_the_restaurant(order: Order, read: Read, clock: Clock) -> None:
    by_platform.change_details(order, promised(15), report=report(0, "b"), now=EVENING)
    clock.move(minutes=40)

    text = words_of(read(order))

    assert text.index("15 minutes later than promised") < text.index("Was promised for 18:15–18:25")
    assert "With you" not in text
    assert "Call Bella Napoli" in text


def test_a_confirmed_order_for_tomorrow_is_not_said_to_be_in_preparation(
    ada: Customer, platform_account: PlatformAccount, read: Read
) -> None:
    order = an_order_of(ada, platform_account, is_advance=True, requested_for=EVENING + timedelta(hours=24))
    by_platform.confirm_order(order, at=None, report=report(0), now=EVENING)

    text = words_of(read(order))

    assert "Bella Napoli has confirmed your order" in text
    assert "You asked for tomorrow 18:00–18:10" in text


def test_a_rejected_order_says_why_and_when_and_what_was_refunded(order: Order, read: Read) -> None:
    by_platform.reject_order(order, reason="The oven is broken", at=None, report=report(0), now=EVENING)
    by_platform.refund_order(order, 1000, ref="r1", report=report(0, "b"), now=EVENING)

    html = read(order)

    assert "Bella Napoli couldn’t take your order" in html
    assert "Why The oven is broken. When 18:00" in words_of(html)
    assert "€10.00 of €34.50 has been refunded." in words_of(html)
    assert 'id="timeline"' not in html
    assert 'data-urgent="yes"' in html


def test_an_order_rejected_after_its_confirmation_is_described_differently_from_one_rejected_before(
    client: FlaskClient, database: Database, ada: Customer, platform_account: PlatformAccount
) -> None:
    confirmed, unanswered = (an_order_of(ada, platform_account, number=number) for number in (1, 2))
    by_platform.confirm_order(confirmed, at=None, report=report(1), now=EVENING)
    for order in (confirmed, unanswered):
        by_platform.reject_order(order, reason=None, at=None, report=report(2), now=EVENING)
    store(database, confirmed, unanswered)
    sign_in(client, database, ada)

    cards = {card[:24]: words_of(card) for card in client.get("/orders").text.split('id="order-')[1:]}
    histories = {
        order.id: words_of(client.get(f"/orders/{order.id}").text.split('id="history"')[1])
        for order in (confirmed, unanswered)
    }

    assert "Called off" in cards[confirmed.id]
    assert "Not taken on" in cards[unanswered.id]
    assert "Bella Napoli had to call your order off" in histories[confirmed.id]
    assert "Bella Napoli couldn’t take your order" in histories[unanswered.id]


def test_a_refund_that_was_not_reported_is_not_promised(order: Order, read: Read) -> None:
    by_platform.cancel_order(order, at=None, report=report(0), now=EVENING)

    assert "No refund has been reported yet. If you have paid" in words_of(read(order))


def test_changed_lines_show_the_ordered_and_the_remaining_quantity(order: Order, read: Read) -> None:
    lines = (a_line(quantity=1), a_line("Sparkling water", quantity=1, unit_minor=250))
    by_platform.change_details(order, some_details(lines=lines), report=report(0, "b"), now=EVENING)

    page = read(order)
    html = page[page.index('id="lines"') : page.index('id="bill"')]
    pizza, rest = html.split("Margherita", 1)
    water = rest[: rest.index("Tiramisu")] if "Sparkling" in rest[: rest.index("Tiramisu")] else rest

    assert "Changed from 2 → to 1 ×" in words_of(pizza[-600:] + "Margherita")
    assert "<s><bdi>Tiramisu</bdi></s>" in html
    assert "Removed: 1 ×" in words_of(html)
    assert "added" in words_of(water)


def test_a_reduced_order_shows_what_was_taken_out_and_the_earlier_total(order: Order, read: Read) -> None:
    smaller = some_details(lines=(a_line(quantity=1),), bill=Bill(items=1150, delivery=300, charged=1450, tip=200))
    by_platform.change_details(order, smaller, report=report(0, "b"), now=EVENING)

    html = read(order)

    words = "The order was changed: 1 × Margherita taken out, 1 × Tiramisu taken out"
    assert "Before the change no longer €34.50 Total €16.50" in words_of(html)
    assert "<s>€34.50</s>" in html
    assert words in words_of(html)
    assert f"{words}." in announcement_in(html)


def test_the_announcement_of_a_large_change_names_three_dishes(order: Order, read: Read) -> None:
    others = tuple(a_line(f"Dish {number}", quantity=number) for number in (1, 2))
    by_platform.change_details(order, some_details(lines=others), report=report(0, "b"), now=EVENING)

    words = "2 × Margherita taken out, 1 × Tiramisu taken out, 1 × Dish 1 added and more"
    assert announcement_in(read(order)).endswith(f"The order was changed: {words}.")


@pytest.mark.parametrize("lines", [(a_line(quantity=3),), (a_line(quantity=1),)], ids=["more", "fewer"])
def test_the_earlier_total_is_not_shown_if_it_is_the_same_or_nothing_was_taken_out(
    ada: Customer, platform_account: PlatformAccount, read: Read, lines: tuple[LineDetails, ...]
) -> None:
    order = an_order_of(ada, platform_account, lines=(a_line(),))
    bill = Bill(items=3450, charged=3450) if lines[0].quantity == 3 else order.bill
    by_platform.change_details(order, some_details(lines=lines, bill=bill), report=report(0, "b"), now=EVENING)

    assert "Before the change" not in read(order)


def test_an_order_without_known_lines_says_whom_to_ask(
    ada: Customer, platform_account: PlatformAccount, read: Read
) -> None:
    order = an_order_of(ada, platform_account, lines=())

    assert "Your dishes aren’t listed here yet. Bella Napoli can tell you what you ordered." in words_of(read(order))


def test_the_bill_adds_up_to_its_totals(ada: Customer, platform_account: PlatformAccount, read: Read) -> None:
    bill = Bill(items=2950, delivery=300, service=100, fee=50, discount=-500, charged=3000, tip=200)
    order = an_order_of(ada, platform_account, bill=bill, voucher="5 off")
    by_platform.refund_order(order, 650, ref="r1", report=report(0, "b"), now=EVENING)
    by_platform.refund_order(order, 0, ref="r2", report=report(0, "c"), now=EVENING)

    html = read(order)
    table = html[html.index("<table") : html.index("</table>")]
    rows = re.findall(r"<tr(.*?)>.*?<td[^>]*>(\N{MINUS SIGN}?)€([\d.]+)</td>", table, re.S)
    parts, sums = [], []
    for kind, sign, amount in rows:
        minor = int(amount.replace(".", "")) * (-1 if sign else 1)
        (sums if "sum" in kind else parts).append(minor)

    assert parts == [2950, 300, 100, 50, -500, 100, 200, -650, 0]
    assert sums == [sum(parts[:7]), sum(parts)]
    assert "Voucher 5 off" in words_of(table)


@pytest.mark.parametrize(
    ("payment", "refund", "is_shown"),
    [("Visa ****2371", 650, True), ("Visa ****2371", 0, False), ("Cash on delivery", 650, False), (None, 650, False)],
)
def test_only_for_a_refund_to_a_bank_the_page_says_that_it_takes_days(
    ada: Customer, platform_account: PlatformAccount, read: Read, payment: str | None, refund: int, is_shown: bool
) -> None:
    order = an_order_of(ada, platform_account, payment=payment)
    by_platform.refund_order(order, refund, ref="r1", report=report(0, "b"), now=EVENING)

    assert ("Your bank may take a few days to show it." in words_of(read(order))) is is_shown


def test_the_bill_contains_refunds_that_only_the_platforms_sum_includes(order: Order, read: Read) -> None:
    by_platform.refund_order(order, 650, ref="r1", report=report(0, "b"), now=EVENING)
    by_platform.change_details(order, some_details(refunded_minor=900), report=report(0, "c"), now=EVENING)

    text = words_of(read(order))

    assert "Other refunds \N{MINUS SIGN}€2.50" in text
    assert "Total after refunds €25.50" in text


@pytest.mark.parametrize(("rating", "text"), [(3, "3 of 5 stars"), (0, "0"), (9, "9")])
def test_a_rating_is_shown_as_stars_and_one_out_of_range_as_a_number(
    order: Order, read: Read, rating: int, text: str
) -> None:
    by_platform.rate_order(order, rating, report=report(0), now=EVENING)

    html = read(order)

    assert f"You rated this order {text}" in words_of(html)
    assert ("★" in html) == (rating == 3)


Act = Callable[[Order], OrderEvent | None]
ACTS: dict[str, Act] = {
    "confirm": lambda order: by_platform.confirm_order(order, at=None, report=report(1), now=EVENING),
    "reject": lambda order: by_platform.reject_order(order, reason=None, at=None, report=report(1), now=EVENING),
    "cancel": lambda order: by_platform.cancel_order(order, at=None, report=report(1), now=EVENING),
    "progress": lambda order: by_platform.progress_order(
        order, status="In the oven", step=None, at=None, report=report(1), now=EVENING
    ),
    "hand over": lambda order: by_platform.progress_order(
        order, status="Delivered", step=Step.HANDED_OVER, at=None, report=report(1), now=EVENING
    ),
    "move the promise": lambda order: by_platform.change_details(
        order, replace(some_details(), promised_at=EVENING + timedelta(hours=1)), report=report(1), now=EVENING
    ),
    "change": lambda order: by_platform.change_details(
        order, some_details(lines=(), promised_at=order.promised_at), report=report(1), now=EVENING
    ),
    "refund nothing": lambda order: by_platform.refund_order(order, 0, ref="r", report=report(1), now=EVENING),
    "tip nothing": lambda order: by_platform.change_tip(order, 0, report=report(1), now=EVENING),
    "rate": lambda order: by_platform.rate_order(order, 2, report=report(1), now=EVENING),
    "take the rating back": lambda order: by_platform.rate_order(order, None, report=report(1), now=EVENING),
}


@pytest.mark.parametrize("act", ACTS)
def test_every_event_is_a_new_entry_in_the_history_and_is_announced(
    client: FlaskClient, database: Database, ada: Customer, platform_account: PlatformAccount, act: str
) -> None:
    order = an_order_of(ada, platform_account, promised_at=EVENING + timedelta(minutes=30))
    store(database, order)
    sign_in(client, database, ada)
    before = client.get(f"/orders/{order.id}/live").text

    with database.transaction() as session:
        ACTS[act](session.get_one(Order, order.id))
    after = client.get(f"/orders/{order.id}/live").text

    entries = [html[html.index('id="history"') :].count("<li>") for html in (before, after)]
    announcements = [re.search(r'data-announce="([^"]*)"', html)[1] for html in (before, after)]
    assert entries[1] == entries[0] + (2 if act == "hand over" else 1)
    assert announcements[0] != announcements[1]


def test_an_order_set_back_by_the_kitchen_says_so(order: Order, read: Read) -> None:
    by_platform.confirm_order(order, at=None, report=report(0), now=EVENING)
    for minute, step in ((0.1, Step.ON_THE_WAY), (0.2, Step.CONFIRMED)):
        by_platform.progress_order(order, status="Report", step=step, at=None, report=report(minute), now=EVENING)

    html = read(order)

    assert "has set your order back to this step" in html
    assert re.search(r'aria-current="step">\s*<h3>Confirmed</h3>', html)


def test_a_delivery_shows_that_it_was_ready_only_if_it_was(order: Order, read: Read) -> None:
    by_platform.progress_order(order, status="Ready", step=Step.READY, at=None, report=report(0.1), now=EVENING)
    by_platform.progress_order(order, status="Off", step=Step.ON_THE_WAY, at=None, report=report(0.2), now=EVENING)

    steps = re.findall(r"<h3>([^<]+)</h3>", read(order))

    assert steps == ["Order placed", "Confirmed", "Ready to leave", "On the way", "Delivered"]


def test_without_scripts_the_page_reloads_itself(order: Order, read: Read) -> None:
    html = read(order)

    assert '<meta http-equiv="refresh" content="30">' in html
    assert "Refresh now" in html


def test_a_page_has_the_ipv6_address_of_the_channels_service_in_brackets(
    settings: Settings, database: Database, ada: Customer
) -> None:
    order = an_order(customer=ada)
    store(database, order)
    client = create_app(settings.model_copy(update={"channels_public_host": "2001:db8::7"}), database).test_client()
    sign_in(client, database, ada)

    assert 'data-host="[2001:db8::7]"' in client.get(f"/orders/{order.id}").text
