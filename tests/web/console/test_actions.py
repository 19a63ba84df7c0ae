"""What is pressed and said on the console happens once, is told in words when it can't be, and is seen before it is
sent."""

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
    """A restaurant whose owner looks at the console."""
    return at_work(client, database, clock)


# --- presses ---------------------------------------------------------------------------------------------------------


def test_an_order_is_taken_on_with_one_press_and_it_is_known_who_pressed(work: Work) -> None:
    work.sign_in(COOK)
    order_id = work.takes_in()

    response = work.presses(order_id, "confirm", minutes="30", **{"from": "board"})

    order = work.order(order_id)
    assert (response.status_code, response.location) == (303, f"{work.board}#order-{order_id}")
    assert (order.state, order.promised_at) == (OrderState.CONFIRMED, IN_HALF_AN_HOUR)
    assert [(event.by, event.actor_name) for event in order.events][-1] == (Actor.RESTAURANT, COOK)


def test_with_scripts_the_answer_is_the_part_of_the_page_on_which_it_was_pressed(work: Work) -> None:
    first, second = work.takes_in(short_code="ONE"), work.takes_in(short_code="TWO")

    on_board = work.presses(first, "confirm", by_script=True, minutes="20", **{"from": "board"})
    on_page = work.presses(second, "confirm", by_script=True, minutes="20")

    assert "ONE" in section(on_board.text, "kitchen")
    assert "TWO" in section(on_board.text, "answer")
    assert "Being made" not in section(on_page.text, "answer")
    assert section(on_page.text, "what").startswith("TWO Confirmed")
    assert {"<html" in response.text for response in (on_board, on_page)} == {False}


@pytest.mark.parametrize("by_script", [True, False])
def test_what_came_too_late_is_refused_in_words_on_top_of_the_order_as_it_is(work: Work, by_script: bool) -> None:
    order_id = work.takes_in()
    work.happens(order_id, by_customer.cancel_order, 1)

    responses = [
        work.presses(order_id, "confirm", by_script=by_script, minutes="30"),
        work.presses(order_id, "adjust", by_script=by_script, lines="dolce"),
        work.presses(order_id, "reject", by_script=by_script, reason="Too late"),
        work.presses(order_id, "progress", by_script=by_script, status="Delivered"),
        work.presses(order_id, "promise", by_script=by_script, minutes="30"),
        work.presses(order_id, "adjust/preview", lines="dolce"),
    ]

    assert {response.status_code for response in responses} == {409}
    for response in responses:
        assert refusal_in(response.text).endswith(
            "That was not done. This order was cancelled by the customer. That was 18:00."
        )
        assert "Cancelled by the customer" in section(response.text, "what")
    assert work.order(order_id).version == 2


def test_a_refusal_on_the_board_comes_with_the_board(work: Work) -> None:
    order_id = work.takes_in()
    work.happens(order_id, by_customer.cancel_order, 1)

    response = work.presses(order_id, "confirm", by_script=True, minutes="30", **{"from": "board"})

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
def test_the_board_offers_what_comes_next_until_the_food_is_there(
    work: Work, fulfilment: Fulfilment, names: list[str]
) -> None:
    order_id = work.takes_in(fulfilment=fulfilment)
    work.presses(order_id, "confirm", minutes="30")

    for name in names:
        offered = re.findall(r'name="status" value="([^"]+)"', work.client.get(work.board).text)
        assert offered == [name]
        work.presses(order_id, "progress", status=name)

    assert work.order(order_id).state is OrderState.COMPLETED


def test_the_same_status_pressed_twice_is_said_once(work: Work) -> None:
    order_id = work.takes_in()
    work.presses(order_id, "confirm", minutes="30")

    responses = [work.presses(order_id, "progress", status="Out for delivery") for _ in range(2)]

    assert [response.status_code for response in responses] == [303, 303]
    kinds = [event.kind for event in work.order(order_id).events]
    assert kinds.count(OrderEventKind.PROGRESSED) == 1


def test_going_back_a_step_is_offered_by_that_name_and_happens(work: Work) -> None:
    order_id = work.takes_in()
    work.presses(order_id, "confirm", minutes="30")
    work.presses(order_id, "progress", status="Out for delivery")

    page = section(work.client.get(work.address(order_id)).text, "acts")
    work.presses(order_id, "progress", status="Being made")

    assert "← Back to: Being made" in page
    assert work.order(order_id).step is Step.CONFIRMED


def test_what_takes_longer_is_put_off_from_what_was_promised_or_from_now_if_that_is_over(work: Work) -> None:
    order_id = work.takes_in()
    work.presses(order_id, "confirm", minutes="30")

    work.presses(order_id, "promise", later="10")
    first = work.order(order_id).promised_at
    work.clock.move(minutes=60)
    work.presses(order_id, "promise", later="15")

    assert first == EVENING + timedelta(minutes=40)
    assert work.order(order_id).promised_at == EVENING + timedelta(minutes=75)


def test_an_order_without_a_time_is_not_said_to_take_longer_and_its_time_can_be_said(work: Work) -> None:
    order_id = work.takes_in()
    work.presses(order_id, "confirm")

    acts = section(work.client.get(work.address(order_id)).text, "acts")

    assert "It takes longer" not in acts
    assert "Say the time…" in acts


def test_an_order_for_a_certain_time_is_confirmed_for_that_time(work: Work) -> None:
    wanted = datetime(2026, 11, 21, 19, 30, tzinfo=UTC)
    order_id = work.takes_in(is_advance=True, requested_for=wanted)

    page = section(work.client.get(work.board).text, "answer")
    work.presses(order_id, "confirm")

    assert "Confirm for tomorrow, 19:30" in page
    assert work.order(order_id).promised_at == wanted


# --- forms -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"reason": "We are closing soon."}, "We are closing soon."),
        ({"reason": "We are closing soon.", "own_words": " The oven is cold. "}, "The oven is cold."),
        ({"reason": ""}, None),
    ],
)
def test_an_order_is_rejected_for_a_reason_of_the_list_or_in_own_words(
    work: Work, said: dict[str, str], reason: str | None
) -> None:
    order_id = work.takes_in()
    assert "We are closing soon." in work.client.get(f"{work.address(order_id)}/reject").text

    work.presses(order_id, "reject", **said, **{"from": "form"})

    order = work.order(order_id)
    assert (order.state, order.reason) == (OrderState.REJECTED, reason)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"other_minutes": "soon"}, "Minutes are a whole number, like 25."),
        ({"other_minutes": "0"}, "The minutes are from 1 to 1440, which is a day."),
        ({"other_minutes": "99999"}, "The minutes are from 1 to 1440, which is a day."),
        ({"at": "nonsense"}, "That is no time."),
        ({"at": "2026-11-20T19:00"}, "That is a time without a zone."),
        ({"at": "2026-11-20T17:00+00:00"}, "That time is over already."),
        ({"at": "2028-11-20T17:00+00:00"}, "That is more than a year away."),
    ],
)
def test_a_time_that_cannot_be_meant_is_asked_again_in_words_and_what_was_typed_stays(
    work: Work, said: dict[str, str], sentence: str
) -> None:
    order_id = work.takes_in()

    response = work.presses(order_id, "confirm", **said, **{"from": "form"})

    assert response.status_code == 409
    assert sentence in refusal_in(response.text)
    assert f'value="{said.get("other_minutes", "")}"' in response.text
    assert work.order(order_id).state is OrderState.PLACED


@pytest.mark.parametrize(
    ("day", "at", "meant"),
    [
        ("2026-11-21", "20:15", datetime(2026, 11, 21, 20, 15, tzinfo=UTC)),
        ("", "7:45 PM", datetime(2026, 11, 21, 19, 45, tzinfo=UTC)),
        ("2026-11-21", "25:15", datetime(2026, 11, 22, 1, 15, tzinfo=UTC)),
        ("11/22/2026", "", datetime(2026, 11, 22, 19, 30, tzinfo=UTC)),
    ],
)
def test_an_order_for_a_certain_time_is_moved_by_day_or_time_also_past_midnight(
    work: Work, day: str, at: str, meant: datetime
) -> None:
    order_id = work.takes_in(is_advance=True, requested_for=datetime(2026, 11, 21, 19, 30, tzinfo=UTC))

    seen = work.presses(order_id, "adjust/preview", day=day, clock=at)
    sent = work.presses(order_id, "adjust", **hidden_fields(seen.text))

    assert (seen.status_code, sent.status_code) == (200, 303)
    assert work.order(order_id).adjustments[-1].promised_at == meant


def test_a_new_time_has_to_be_said(work: Work) -> None:
    order_id = work.takes_in()
    work.presses(order_id, "confirm", minutes="30")

    response = work.presses(order_id, "promise", **{"from": "form"})

    assert response.status_code == 409
    assert "Say the new time." in refusal_in(response.text)
