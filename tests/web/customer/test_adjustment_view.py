"""An adjustment on the customer's page: what would change, what it costs, and its outcome."""

import re
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from tests.builders import EVENING, a_customer, a_platform_account, an_order
from tests.conftest import Clock
from tests.order_actions import ADJUST, CONFIRM, WHO, an_own_order, kitchen, propose
from tests.page_text import words_of
from tests.web.customer.adjusted_order import LAPSE, Table, a_table
from tracker.accounts.model import IfUnanswered
from tracker.database import Database
from tracker.orders.model import Order
from tracker.orders.operations import by_restaurant
from tracker.orders.operations.adjustments import ProposedChange


@pytest.fixture
def table(client: FlaskClient, database: Database, clock: Clock) -> Table:
    """A customer with an order that the restaurant has not confirmed yet."""
    return a_table(client, database, clock, an_own_order(EVENING))


def card_of(html: str) -> str:
    """Return the text of the adjustment's card."""
    card = re.search(r'<section id="decision".*?</section>', html, re.S)
    assert card is not None
    return words_of(card[0])


def announcement_in(html: str) -> str:
    """Return the announcement for screen readers."""
    return words_of(re.search(r'data-announce="([^"]*)"', html)[1])


# --- what would change --------------------------------------------------------------------------------------------


def test_a_proposed_time_is_shown_with_an_unchanged_total(table: Table) -> None:
    table.step(propose(30))
    table.step(propose(70, reason="Our oven is slow tonight."))

    card = card_of(table.page())

    assert "This takes the place of what was proposed at 18:00." in card
    assert "With you 19:10–19:20 GMT" in card
    assert "Why Our oven is slow tonight." in card
    assert "Total €34.50, as before" in card
    assert "Left out" not in card


def test_left_out_lines_and_options_are_named_with_the_new_total(table: Table) -> None:
    table.step(ADJUST)

    page = table.page()

    assert "Left out 1 × Tiramisu Extra basil of 2 × Margherita" in card_of(page)
    assert "Total not €34.50 → but €27.00 €7.50 less" in card_of(page)
    assert 'class="line removed"' not in page
    assert 'data-urgent="yes"' in page
    assert "Left out: 1 × Tiramisu, Extra basil. The mascarpone has run out." in announcement_in(page)
    assert "The total would be €27.00. If you don’t answer by 18:10, your order will be cancelled." in announcement_in(
        page
    )


def test_a_proposed_time_after_midnight_is_shown_with_its_day(
    client: FlaskClient, database: Database, clock: Clock
) -> None:
    late = datetime.fromisoformat("2026-11-20T23:40:00+00:00")
    table = a_table(client, database, clock, an_own_order(EVENING, is_advance=True, requested_for=late))
    change = ProposedChange(promised_at=late + timedelta(minutes=40))

    table.step(lambda order, now: by_restaurant.adjust_order(order, change, actor_name=WHO, now=now))

    assert "With you not 23:40–23:50 → but tomorrow, 00:20–00:30 GMT" in card_of(table.page())


def test_the_total_of_a_platforms_order_is_subject_to_change_before_and_after_the_answer(
    client: FlaskClient, database: Database, clock: Clock
) -> None:
    table = a_table(client, database, clock, an_order_of_a_platform())
    dessert = next(line.ref for line in table.order().lines if line.name == "Tiramisu")
    table.step(propose(lines=(dessert,)))

    before = table.page()
    table.perform_after_a_minute(("accept", {"number": 1}))
    page = table.page()

    assert "Total €34.50, subject to change" in card_of(before)
    assert "The total is subject to change." in announcement_in(before)
    assert "<s><bdi>Tiramisu</bdi></s>" in page
    assert "Subject to change: something was left out" in words_of(page)


def an_order_of_a_platform() -> Order:
    """Return an order of a platform, at a restaurant that gives ten minutes to answer."""
    platform_account = a_platform_account()
    platform_account.restaurant.answer_minutes = 10
    order = an_order(platform_account=platform_account, customer=a_customer())
    platform_account.restaurant.if_unanswered = IfUnanswered.CANCEL
    return order


def test_the_remaining_minutes_are_shown_and_never_rounded_up(table: Table) -> None:
    table.clock.move(seconds=20)
    table.step(ADJUST)
    texts = []

    for minutes in (0, 5, 4, 0.6):
        table.clock.move(minutes=minutes)
        page = table.client.get(f"{table.address}/live")
        texts.append(re.search(r'<p class="soon"[^>]*>([^<]*)<', page.text)[1])

    assert texts == ["10 minutes left", "5 minutes left", "less than a minute left", "less than a minute left"]
    table.clock.move(minutes=2)
    assert "The time to answer is over: your order will be cancelled." in card_of(table.page())
    assert "Accept the change" not in table.page()


# --- the outcome ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        ([ADJUST, ("accept", {"number": 1})], "You accepted Bella Napoli’s change at 18:02."),
        (
            [ADJUST, ("reject", {"number": 1})],
            "You rejected Bella Napoli’s change at 18:02, and your order was cancelled.",
        ),
        ([ADJUST, LAPSE], "There was no answer in time, so your order was cancelled at 18:12."),
        (
            [ADJUST, ("cancel", {"version": 2})],
            "You cancelled the order at 18:02, and with it the change that Bella Napoli proposed.",
        ),
        ([ADJUST, CONFIRM], "Bella Napoli took the change back at 18:02, and confirmed your order as it was."),
        (
            [ADJUST, kitchen(by_restaurant.reject_order, None)],
            "The change that Bella Napoli proposed ended with the order at 18:02.",
        ),
        ([ADJUST, propose(70), ("accept", {"number": 2})], "You accepted Bella Napoli’s change at 18:03."),
    ],
)
def test_the_page_says_who_decided_what_and_when(table: Table, steps: list[object], sentence: str) -> None:
    for step in steps:
        table.perform_after_a_minute(step)

    assert sentence in card_of(table.page())


def test_an_outcome_of_yesterday_is_shown_with_the_day(table: Table) -> None:
    table.perform_after_a_minute(ADJUST)
    table.perform_after_a_minute(("accept", {"number": 1}))

    table.clock.move(hours=7)

    assert "You accepted Bella Napoli’s change yesterday at 18:02." in card_of(table.page())


def test_the_history_shows_every_step_and_who_took_it(table: Table) -> None:
    for step in (ADJUST, propose(70), ("more-time", {"number": 2, "extension": 1}), ("accept", {"number": 2})):
        table.perform_after_a_minute(step)

    page = table.page()
    history = words_of(page[page.index('id="history"') :])

    for entry in (
        "18:04 You accepted the change",
        "18:03 You asked for more time to answer, until 18:22",
        "18:02 Bella Napoli proposed a change: the time 19:10",
        "18:01 Bella Napoli proposed a change: the time 18:50, without 1 × Tiramisu, without Extra basil",
        "18:00 You placed the order",
    ):
        assert entry in history


def test_the_list_highlights_an_order_that_needs_an_answer_with_the_deadline(table: Table) -> None:
    table.step(ADJUST)

    html = table.client.get("/orders").text

    assert 'class="card asking"' in html
    assert "Needs your answer by 18:10 GMT" in words_of(html)


# --- a restaurant's own names for steps -------------------------------------------------------------------------------

STATUSES = [
    {"name": "In the oven", "step": "confirmed"},
    {"name": "Boxed", "step": "ready"},
    {"name": "Luca is on the bike", "step": "on_the_way"},
    {"name": "At your door", "step": "handed_over"},
]


@pytest.fixture
def own_names(table: Table) -> Table:
    """A customer with a confirmed order of a restaurant that has its own names for steps."""
    with table.database.transaction() as session:
        order = session.get_one(Order, table.order_id)
        order.restaurant.statuses = {"delivery": STATUSES}
    table.perform_after_a_minute(CONFIRM)
    return table


def progress_in(page: str) -> str:
    """Return the text of the timeline."""
    return words_of(page[page.index('id="timeline"') : page.index('class="sheet"')])


def test_the_timeline_shows_the_restaurants_own_names_with_their_times(own_names: Table) -> None:
    for status in ("In the oven", "Boxed"):
        own_names.perform_after_a_minute(kitchen(by_restaurant.progress_order, status))

    progress = progress_in(own_names.page())

    assert "Order placed 18:00 done Confirmed 18:01 done In the oven 18:02 done Boxed 18:03 now" in progress
    assert "Luca is on the bike still to come At your door still to come" in progress


def test_an_order_that_is_set_back_says_so_on_the_page_and_to_screen_readers(own_names: Table) -> None:
    for status in ("In the oven", "Boxed", "In the oven"):
        own_names.perform_after_a_minute(kitchen(by_restaurant.progress_order, status))

    page = own_names.page()

    assert "In the oven 18:04 now Bella Napoli has set your order back to this step. Boxed still" in progress_in(page)
    assert announcement_in(page).endswith("In the oven. Bella Napoli has set your order back to this step.")


def test_a_skipped_step_has_no_time_and_the_last_one_has_the_restaurants_name(own_names: Table) -> None:
    own_names.perform_after_a_minute(kitchen(by_restaurant.progress_order, "In the oven"))
    own_names.perform_after_a_minute(kitchen(by_restaurant.progress_order, "At your door"))

    page = own_names.page()

    assert "Boxed done Luca is on the bike done At your door 18:03 done" in progress_in(page)
    assert "At your door 18:03" in words_of(page[: page.index('id="timeline"')])
    assert "18:03 At your door" in words_of(page[page.index('id="history"') :])


def test_another_text_than_the_names_is_shown_at_the_current_step(own_names: Table) -> None:
    own_names.perform_after_a_minute(kitchen(by_restaurant.progress_order, "In the oven"))
    own_names.perform_after_a_minute(kitchen(by_restaurant.progress_order, "Two minutes more for a proper crust"))

    assert "In the oven 18:02 now Two minutes more for a proper crust" in progress_in(own_names.page())
