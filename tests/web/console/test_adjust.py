"""A restaurant's adjustment of an order is previewed as the customer will see it, and is then sent exactly so."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.browser_sessions import use_session
from tests.builders import a_change
from tests.conftest import Clock
from tests.web.console.kitchen import COOK, OWNER, Work, at_work, hidden_fields, refusal_in, section
from tracker.accounts.sign_in import start_session
from tracker.database import Database
from tracker.orders.operations import by_restaurant
from tracker.orders.states import OrderEventKind, OrderState


@pytest.fixture
def work(client: FlaskClient, database: Database, clock: Clock) -> Work:
    """A restaurant whose owner is signed in to the console."""
    return at_work(client, database, clock)


def decision_in(html: str) -> str:
    """Return the markup of the customer's card with the decision."""
    found = re.search(r'<section id="decision".*?</section>', html, re.S)
    assert found
    return found[0]


@pytest.mark.parametrize(
    "change",
    [
        {"lines": ["dolce"], "reason": "The mascarpone has run out."},
        {"options": ["Extra cocoa"]},
        {"minutes": "45"},
        {"lines": ["pizza"], "other_minutes": "75", "reason": "<b>Bold</b>"},
    ],
)
def test_the_preview_is_identical_to_the_card_that_the_customer_is_shown(work: Work, change: dict[str, Any]) -> None:
    order_id = work.place_order()

    preview = work.press(order_id, "adjust/preview", **change)
    unsent = work.order(order_id)
    work.clock.move(seconds=40)
    submitted = work.press(order_id, "adjust", **hidden_fields(preview.text))

    customer = work.client.application.test_client()
    with work.database.transaction() as session:
        token = start_session(session, session.merge(work.customer), remember=False, now=work.now)
    use_session(customer, token)
    assert (preview.status_code, unsent.version, unsent.state) == (200, 1, OrderState.PLACED)
    assert submitted.status_code == 303
    assert decision_in(customer.get(f"/orders/{order_id}").text) == decision_in(preview.text)


def test_the_customers_buttons_are_disabled_in_the_preview(work: Work) -> None:
    preview = work.press(work.place_order(), "adjust/preview", lines="dolce")

    before, _, card = preview.text.partition('<section id="decision"')

    assert before.rindex('<fieldset class="as-seen" disabled>') > before.rfind("</fieldset>")
    assert card.index("</fieldset>") > card.rindex("Accept the change")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({}, "This would change nothing of the order."),
        ({"lines": ["pizza", "dolce"]}, "Nothing would be left of this order."),
        ({"lines": ["else"]}, "This order has no line else, or no longer."),
        ({"options": ["Anchovies"]}, "No line of this order has the option Anchovies"),
        ({"lines": ["dolce"], "reason": "so " * 200}, "Use at most 500 characters here"),
    ],
)
@pytest.mark.parametrize("step", ["adjust/preview", "adjust"])
def test_the_form_is_shown_again_with_a_sentence_and_the_input_if_an_adjustment_is_refused(
    work: Work, step: str, change: dict[str, Any], sentence: str
) -> None:
    order_id = work.place_order()

    response = work.press(order_id, step, **change)

    assert response.status_code == 409
    assert sentence in refusal_in(response.text)
    for ref in change.get("lines", []):
        assert (f'value="{ref}" checked' in response.text) is (ref != "else")
    assert work.order(order_id).version == 1


def test_going_back_from_the_preview_shows_the_form_as_it_was(work: Work) -> None:
    order_id = work.place_order()

    form = work.client.get(f"{work.address(order_id)}/adjust?lines=dolce&minutes=45&reason=Sold+out").text

    assert 'value="dolce" checked' in form
    assert 'value="45" checked' in form
    assert 'value="Sold out"' in form


def test_a_newer_adjustment_replaces_the_older_one(work: Work) -> None:
    order_id = work.place_order()

    for lines in ("dolce", "pizza"):
        work.press(order_id, "adjust", lines=lines)

    order = work.order(order_id)
    assert [adjustment.state for adjustment in order.adjustments] == ["replaced", "open"]
    assert {event.actor_name for event in order.events if event.kind is OrderEventKind.ADJUSTED} == {OWNER}


def test_confirming_the_order_as_it_was_placed_withdraws_an_adjustment(work: Work) -> None:
    order_id = work.place_order()
    work.perform(order_id, by_restaurant.adjust_order, a_change(), actor_name=COOK)

    page = section(work.client.get(work.address(order_id)).text, "acts")
    work.press(order_id, "confirm", minutes="20")

    assert "Confirm it as it was ordered after all" in page
    order = work.order(order_id)
    assert (order.state, order.adjustments[0].state) == (OrderState.CONFIRMED, "withdrawn")
