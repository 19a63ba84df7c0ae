"""The console's buttons and forms: each takes effect once, and is refused with a sentence if it is not possible."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from tests.builders import EVENING
from tests.conftest import Clock
from tests.web.console.kitchen import COOK, Work, at_work, hidden_fields, refusal_in, section
from tracker.database import Database
from tracker.orders.operations import by_customer
from tracker.orders.progress import Fulfilment, Step
from tracker.orders.states import Actor, OrderEventKind, OrderState

IN_HALF_AN_HOUR = EVENING + timedelta(minutes=30)


@pytest.fixture
def work(client: FlaskClient, database: Database, clock: Clock) -> Work:
    """A restaurant whose owner is signed in to the console."""
    return at_work(client, database, clock)


# --- buttons ---------------------------------------------------------------------------------------------------------


def test_an_order_is_confirmed_with_one_press_and_the_history_names_who_pressed(work: Work) -> None:
    work.sign_in(COOK)
    order_id = work.place_order()

    response = work.press(order_id, "confirm", minutes="30", **{"from": "board"})

    order = work.order(order_id)
    assert (response.status_code, response.location) == (303, f"{work.board}#order-{order_id}")
    assert (order.state, order.promised_at) == (OrderState.CONFIRMED, IN_HALF_AN_HOUR)
    assert [(event.by, event.actor_name) for event in order.events][-1] == (Actor.RESTAURANT, COOK)


def test_with_scripts_the_response_is_the_region_of_the_page_on_which_a_button_was_pressed(work: Work) -> None:
    first, second = work.place_order(short_code="ONE"), work.place_order(short_code="TWO")

    on_board = work.press(first, "confirm", by_script=True, minutes="20", **{"from": "board"})
    on_page = work.press(second, "confirm", by_script=True, minutes="20")

    assert "ONE" in section(on_board.text, "kitchen")
    assert "TWO" in section(on_board.text, "answer")
    assert "Being made" not in section(on_page.text, "answer")
    assert section(on_page.text, "what").startswith("TWO Confirmed")
    assert {"<html" in response.text for response in (on_board, on_page)} == {False}


@pytest.mark.parametrize("by_script", [True, False])
def test_an_operation_that_comes_too_late_is_refused_with_a_sentence_on_top_of_the_order(
    work: Work, by_script: bool
) -> None:
    order_id = work.place_order()
    work.perform(order_id, by_customer.cancel_order, 1)

    responses = [
        work.press(order_id, "confirm", by_script=by_script, minutes="30"),
        work.press(order_id, "adjust", by_script=by_script, lines="dolce"),
        work.press(order_id, "reject", by_script=by_script, reason="Too late"),
        work.press(order_id, "progress", by_script=by_script, status="Delivered"),
        work.press(order_id, "promise", by_script=by_script, minutes="30"),
        work.press(order_id, "adjust/preview", lines="dolce"),
    ]

    assert {response.status_code for response in responses} == {409}
    for response in responses:
        assert refusal_in(response.text).endswith(
            "That was not done. This order was cancelled by the customer. That was 18:00."
        )
        assert "Cancelled by the customer" in section(response.text, "what")
    assert work.order(order_id).version == 2


def test_a_refusal_on_the_board_comes_with_the_board(work: Work) -> None:
    order_id = work.place_order()
    work.perform(order_id, by_customer.cancel_order, 1)

    response = work.press(order_id, "confirm", by_script=True, minutes="30", **{"from": "board"})

    assert response.status_code == 409
    assert "A42" in section(response.text, "stopped")
    assert "This order was cancelled by the customer." in refusal_in(response.text)
    assert 'hx-swap-oob="true"' in response.text


@pytest.mark.parametrize(
    ("fulfilment", "names"),
    [
        (Fulfilment.DELIVERY, ["Out for delivery", "Delivered"]),
        (Fulfilment.COLLECTION, ["Ready to collect", "Collected"]),
        (Fulfilment.TABLE, ["Ready to serve", "Served"]),
    ],
)
def test_the_board_offers_the_next_status_until_the_food_is_handed_over(
    work: Work, fulfilment: Fulfilment, names: list[str]
) -> None:
    order_id = work.place_order(fulfilment=fulfilment)
    work.press(order_id, "confirm", minutes="30")

    for name in names:
        offered = re.findall(r'name="status" value="([^"]+)"', work.client.get(work.board).text)
        assert offered == [name]
        work.press(order_id, "progress", status=name)

    assert work.order(order_id).state is OrderState.COMPLETED


def test_a_status_that_is_pressed_twice_is_recorded_once(work: Work) -> None:
    order_id = work.place_order()
    work.press(order_id, "confirm", minutes="30")

    responses = [work.press(order_id, "progress", status="Out for delivery") for _ in range(2)]

    assert [response.status_code for response in responses] == [303, 303]
    kinds = [event.kind for event in work.order(order_id).events]
    assert kinds.count(OrderEventKind.PROGRESSED) == 1


def test_a_button_goes_back_to_an_earlier_status(work: Work) -> None:
    order_id = work.place_order()
    work.press(order_id, "confirm", minutes="30")
    work.press(order_id, "progress", status="Out for delivery")

    page = section(work.client.get(work.address(order_id)).text, "acts")
    work.press(order_id, "progress", status="Being made")

    assert "← Back to: Being made" in page
    assert work.order(order_id).step is Step.CONFIRMED


def test_a_promise_is_postponed_from_the_promised_time_or_from_now_if_that_is_over(work: Work) -> None:
    order_id = work.place_order()
    work.press(order_id, "confirm", minutes="30")

    work.press(order_id, "promise", later="10")
    first = work.order(order_id).promised_at
    work.clock.move(minutes=60)
    work.press(order_id, "promise", later="15")

    assert first == EVENING + timedelta(minutes=40)
    assert work.order(order_id).promised_at == EVENING + timedelta(minutes=75)


def test_an_order_without_a_promised_time_can_not_be_postponed_but_be_given_one(work: Work) -> None:
    order_id = work.place_order()
    work.press(order_id, "confirm")

    acts = section(work.client.get(work.address(order_id)).text, "acts")

    assert "It takes longer" not in acts
    assert "Say the time…" in acts


def test_an_advance_order_is_confirmed_for_its_requested_time(work: Work) -> None:
    requested = datetime(2026, 11, 21, 19, 30, tzinfo=UTC)
    order_id = work.place_order(is_advance=True, requested_for=requested)

    page = section(work.client.get(work.board).text, "answer")
    work.press(order_id, "confirm")

    assert "Confirm for tomorrow, 19:30" in page
    assert work.order(order_id).promised_at == requested


# --- forms -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"reason": "We are closing soon."}, "We are closing soon."),
        ({"reason": "We are closing soon.", "own_words": " The oven is cold. "}, "The oven is cold."),
        ({"reason": ""}, None),
    ],
)
def test_an_order_is_rejected_for_a_reason_of_the_list_or_in_the_restaurants_own_words(
    work: Work, fields: dict[str, str], reason: str | None
) -> None:
    order_id = work.place_order()
    assert "We are closing soon." in work.client.get(f"{work.address(order_id)}/reject").text

    work.press(order_id, "reject", **fields, **{"from": "form"})

    order = work.order(order_id)
    assert (order.state, order.reason) == (OrderState.REJECTED, reason)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"other_minutes": "soon"}, "Minutes are a whole number, like 25."),
        ({"other_minutes": "0"}, "The minutes are from 1 to 1440, which is a day."),
        ({"other_minutes": "99999"}, "The minutes are from 1 to 1440, which is a day."),
        ({"at": "nonsense"}, "This is not a valid time."),
        ({"at": "2026-11-20T19:00"}, "This time has no zone."),
        ({"at": "2026-11-20T17:00+00:00"}, "That time is over already."),
        ({"at": "2028-11-20T17:00+00:00"}, "That is more than a year away."),
    ],
)
def test_the_form_is_shown_again_with_a_sentence_and_the_input_if_a_time_is_impossible(
    work: Work, fields: dict[str, str], sentence: str
) -> None:
    order_id = work.place_order()

    response = work.press(order_id, "confirm", **fields, **{"from": "form"})

    assert response.status_code == 409
    assert sentence in refusal_in(response.text)
    assert f'value="{fields.get("other_minutes", "")}"' in response.text
    assert work.order(order_id).state is OrderState.PLACED


@pytest.mark.parametrize(
    ("day", "at", "expected"),
    [
        ("2026-11-21", "20:15", datetime(2026, 11, 21, 20, 15, tzinfo=UTC)),
        ("", "7:45 PM", datetime(2026, 11, 21, 19, 45, tzinfo=UTC)),
        ("2026-11-21", "25:15", datetime(2026, 11, 22, 1, 15, tzinfo=UTC)),
        ("11/22/2026", "", datetime(2026, 11, 22, 19, 30, tzinfo=UTC)),
    ],
)
def test_an_advance_order_is_adjusted_by_day_or_time_even_past_midnight(
    work: Work, day: str, at: str, expected: datetime
) -> None:
    order_id = work.place_order(is_advance=True, requested_for=datetime(2026, 11, 21, 19, 30, tzinfo=UTC))

    preview = work.press(order_id, "adjust/preview", day=day, clock=at)
    submitted = work.press(order_id, "adjust", **hidden_fields(preview.text))

    assert (preview.status_code, submitted.status_code) == (200, 303)
    assert work.order(order_id).adjustments[-1].promised_at == expected


def test_a_promise_can_not_be_moved_without_a_new_time(work: Work) -> None:
    order_id = work.place_order()
    work.press(order_id, "confirm", minutes="30")

    response = work.press(order_id, "promise", **{"from": "form"})

    assert response.status_code == 409
    assert "Please enter the new time." in refusal_in(response.text)
