"""Refusals of a customer's operations: a sentence, the time of what came first, and the order as it is."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.builders import EVENING
from tests.conftest import Clock
from tests.order_actions import ADJUST, COMPLETE, CONFIRM, an_own_order, kitchen, propose
from tests.page_text import words_of
from tests.web.customer.adjusted_order import FORMS, LAPSE, Table, a_table
from tracker.database import Database
from tracker.orders.events import last_event
from tracker.orders.operations import by_restaurant
from tracker.orders.states import Actor, OrderEventKind, OrderState


@pytest.fixture
def table(client: FlaskClient, database: Database, clock: Clock) -> Table:
    """A customer with an order that the restaurant has not confirmed yet."""
    return a_table(client, database, clock, an_own_order(EVENING))


def refusal_in(html: str) -> str:
    """Return the text of the refusal, which must be on top of the order."""
    refusal = re.search(r'<div id="refusal" class="refusal" role="alert">(.*?)</div>', html, re.S)
    assert refusal is not None
    assert html.index('id="refusal"') < html.index('id="headline"')
    return words_of(refusal[1]).strip()


# --- refusals ---------------------------------------------------------------------------------------------------------

Steps = list[Any]
REFUSALS: dict[str, tuple[Steps, str, dict[str, object], str]] = {
    "accept what was rejected": (
        [ADJUST, ("reject", {"number": 1})],
        "accept",
        {"number": 1},
        "You have rejected this change already, and the order was cancelled. That was at 18:02.",
    ),
    "reject what was accepted": (
        [ADJUST, ("accept", {"number": 1})],
        "reject",
        {"number": 1},
        "You have accepted this change already. That was at 18:02.",
    ),
    "accept what was replaced": (
        [ADJUST, propose(70)],
        "accept",
        {"number": 1},
        "The restaurant has proposed something else meanwhile. Please look at that. That was at 18:02.",
    ),
    "accept what was withdrawn": (
        [ADJUST, CONFIRM],
        "accept",
        {"number": 1},
        "The restaurant has confirmed your order without the change. That was at 18:02.",
    ),
    "accept for an order that was rejected": (
        [ADJUST, kitchen(by_restaurant.reject_order, None)],
        "accept",
        {"number": 1},
        "The order has ended, and with it the change. That was at 18:02.",
    ),
    "accept too late": (
        [ADJUST, LAPSE],
        "accept",
        {"number": 1},
        "There was no answer in time, so the order was cancelled. That was at",
    ),
    "ask for more time too late": (
        [ADJUST, LAPSE],
        "more-time",
        {"number": 1, "extension": 1},
        "There was no answer in time, so the order was cancelled. That was at",
    ),
    "accept what nobody proposed": ([], "accept", {"number": 1}, "The restaurant has proposed no such change."),
    "cancel what was confirmed": (
        [CONFIRM],
        "cancel",
        {"version": 1},
        "The restaurant has taken this order on already. That was at 18:01.",
    ),
    "cancel without having seen the change": (
        [ADJUST],
        "cancel",
        {"version": 1},
        "The restaurant has proposed a change meanwhile. Please look at that first. That was at 18:01.",
    ),
    "tip before it came": (
        [CONFIRM],
        "tip",
        {"version": 2, "amount": "5"},
        "The food has not been handed over yet.",
    ),
    "tip over another tip": (
        [CONFIRM, COMPLETE, ("tip", {"version": 3, "amount": "5"})],
        "tip",
        {"version": 3, "amount": "6"},
        "Your tip was changed meanwhile, maybe in another window. Please look again. That was at 18:03.",
    ),
    "tip a fortune": (
        [CONFIRM, COMPLETE],
        "tip",
        {"version": 3, "amount": "1000000"},
        "That is more than a tip can be.",
    ),
    "rate before it came": ([], "rate", {"version": 1, "stars": 4}, "The restaurant has not taken this order on yet."),
    "rate over another rating": (
        [CONFIRM, COMPLETE, ("rate", {"version": 3, "stars": 4})],
        "rate",
        {"version": 3, "stars": 5},
        "Your rating was changed meanwhile, maybe in another window. Please look again. That was at 18:03.",
    ),
    "rate with six stars": ([CONFIRM, COMPLETE], "rate", {"version": 3, "stars": 6}, "A rating is one to five stars."),
}


@pytest.mark.parametrize("case", REFUSALS)
@pytest.mark.parametrize("by_script", [False, True], ids=["a form", "a script"])
def test_a_refusal_says_why_and_since_when_and_shows_the_order_as_it_is_now(
    table: Table, case: str, by_script: bool
) -> None:
    steps, act, form, sentence = REFUSALS[case]
    for step in steps:
        table.perform_after_a_minute(step)
    before = table.order()

    response = table.submit(act, by_script=by_script, **form)

    assert response.status_code == 409
    assert refusal_in(response.text).startswith(sentence)
    assert (table.order().version, table.order().state) == (before.version, before.state)
    now = table.client.get(f"{table.address}/live").text
    assert re.sub(r'<div id="refusal".*?</div>\s*', "", response.text, flags=re.S).count(now.strip()[-500:]) == 1
    assert ("<html" in response.text) != by_script


def test_an_answer_after_the_deadline_is_refused_and_ends_the_change_even_if_the_worker_has_not(
    table: Table,
) -> None:
    table.step(ADJUST)
    table.clock.move(minutes=10, seconds=1)

    response = table.submit("accept", **FORMS["accept"])

    assert response.status_code == 409
    assert refusal_in(response.text).startswith("There was no answer in time, so the order was cancelled.")
    assert "Your order at Bella Napoli was cancelled" in response.text
    assert table.order().state is OrderState.CANCELLED
    cancelled = last_event(table.order(), (OrderEventKind.CANCELLED,))
    assert cancelled is not None
    assert cancelled.by is Actor.CLOCK


def test_a_page_with_a_refusal_reloads_without_it(table: Table) -> None:
    response = table.submit("accept", **FORMS["accept"])

    assert f'http-equiv="refresh" content="30;url={table.address}"' in re.sub(r"\s+", " ", response.text)
    assert 'id="refusal"' not in table.page()


def test_a_refusal_is_shown_only_once(table: Table) -> None:
    table.step(ADJUST)

    refused = table.submit("cancel", by_script=True, version=1)

    assert 'id="refusal"' in refused.text
    assert 'id="refusal"' not in table.client.get(f"{table.address}/live").text


# --- invalid input ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", ["", "abc", "3.505", "-3", "1e3", "9" * 30, "NaN", "3 4 x"])
def test_the_error_for_an_invalid_amount_says_how_to_write_one(table: Table, amount: str) -> None:
    table.complete()

    response = table.submit("tip", version=3, amount=amount)

    assert response.status_code == 422
    assert refusal_in(response.text).startswith(
        "That is no amount of money that we can read. Write it like €3.50, please."
    )
    assert table.order().bill.tip == 200


@pytest.mark.parametrize("act", FORMS)
@pytest.mark.parametrize("nonsense", [None, "", "one", "1.5", "9" * 5000])
def test_a_form_with_missing_or_invalid_numbers_changes_nothing(table: Table, act: str, nonsense: str | None) -> None:
    table.prepare_for(act)
    form = {name: nonsense for name in FORMS[act] if name != "amount"} | ({"amount": "5"} if act == "tip" else {})
    before = table.order().version

    response = table.submit(act, **{name: value for name, value in form.items() if value is not None})

    assert response.status_code == 422
    assert refusal_in(response.text).startswith("We couldn’t read what was sent.")
    assert table.order().version == before
