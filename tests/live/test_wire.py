"""The messages about an order: names, codes and properties of the real-time contract, and nothing personal."""

import json
from dataclasses import fields
from datetime import UTC, datetime

import pytest

from tests.builders import a_customer, a_platform_account, a_restaurant, an_order, some_details
from tests.event_samples import SAMPLES
from tests.live.messages import broadcasts, to_customer, to_restaurant
from tests.live.orders_that_move import an_event
from tracker.live.wire import MAX_TEXT_BYTES, Message, is_restaurant_channel, messages_of, order_of_channel
from tracker.orders.event_details import Cancelled, Completed, Confirmed, Corrected, Progressed, Rejected
from tracker.orders.model import OrderEvent
from tracker.orders.progress import Fulfilment
from tracker.orders.states import Actor, OrderEventKind

CLOCK_CHANGE_DAY = datetime(2026, 10, 25, 1, 30, 15, 250_000, tzinfo=UTC)


@pytest.fixture
def placed() -> OrderEvent:
    order = an_order(platform_account=a_platform_account(a_restaurant(id="52a7289e96ba1c6209000003")))
    order.restaurant_id = order.restaurant.id
    return order.events[0]


def test_a_new_order_is_announced_to_its_restaurant_and_its_customers_page_looks_again(placed: OrderEvent) -> None:
    order = placed.order

    assert messages_of(placed) == [
        Message(f"private-o-{order.id}", "order_changed", {"version": 1}),
        Message("presence-r-52a7289e96ba1c6209000003", "new_order", {"order_id": order.id}),
        Message("presence-r-52a7289e96ba1c6209000003", "order_changed", {"order_id": order.id, "version": 1}),
    ]


def test_a_confirmation_is_code_1_and_nothing_else() -> None:
    event = an_event(Confirmed())

    assert to_customer(event) == [("order_confirmation", {"confirmation": 1})]
    assert to_restaurant(event) == [broadcasts(event)]


@pytest.mark.parametrize(("reason", "published"), [("Too busy", "Too busy"), (None, ""), ("", "")])
def test_a_rejection_is_code_3_with_its_reason_which_is_empty_when_there_is_none(
    reason: str | None, published: str
) -> None:
    event = an_event(Rejected(reason=reason))

    assert to_customer(event) == [("order_confirmation", {"confirmation": 3, "reason": published})]


def test_a_reason_that_comes_after_the_rejection_is_published_then() -> None:
    event = an_event(Corrected(reason="Too busy"))

    assert to_customer(event) == [("order_confirmation", {"confirmation": 3, "reason": "Too busy"})]


@pytest.mark.parametrize(("zone", "time"), [("Europe/Dublin", "01:30:15+00:00"), ("Asia/Kolkata", "07:00:15+05:30")])
def test_a_status_has_its_time_on_the_clock_of_the_store(zone: str, time: str) -> None:
    order = an_order(details=some_details(zone=zone))

    event = an_event(Progressed(status="Out for Delivery", step=None), at=CLOCK_CHANGE_DAY, order=order)

    assert to_customer(event) == [("order_tracker", {"time": f"2026-10-25T{time}", "status": "Out for Delivery"})]


@pytest.mark.parametrize(
    ("fulfilment", "words"),
    [(Fulfilment.COLLECTION, "Collected"), (Fulfilment.DELIVERY, "Delivered"), (Fulfilment.TABLE, "Served")],
)
def test_an_order_that_is_done_says_how_it_was_handed_over_unless_the_restaurant_has_its_own_words(
    fulfilment: Fulfilment, words: str
) -> None:
    order = an_order(details=some_details(fulfilment=fulfilment))

    silent = an_event(Completed(status=""), order=order)
    own_words = an_event(Completed(status="Left with Bob"), order=order)

    assert [(name, data["status"]) for name, data in to_customer(silent)] == [("order_tracker", words)]
    assert [data["status"] for _, data in to_customer(own_words)] == ["Left with Bob"]
    assert to_customer(silent)[0][1].keys() == {"time", "status"}


def test_a_cancellation_by_the_customer_reaches_the_restaurant_as_code_3() -> None:
    event = an_event(Cancelled(reason=None, adjustment=None), by=Actor.CUSTOMER)

    assert to_customer(event) == [("order_changed", {"version": 2})]
    assert to_restaurant(event) == [
        ("order_user_confirmation", {"order_id": event.order.id, "confirmation": 3}),
        broadcasts(event),
    ]


@pytest.mark.parametrize(
    "kind",
    [
        OrderEventKind.CANCELLED,
        OrderEventKind.PROMISE_MOVED,
        OrderEventKind.CONTENTS_CHANGED,
        OrderEventKind.REFUNDED,
        OrderEventKind.TIP_CHANGED,
        OrderEventKind.RATED,
        OrderEventKind.TIME_TO_ANSWER_EXTENDED,
    ],
)
def test_what_the_contract_has_no_event_for_is_order_changed_with_its_version(kind: OrderEventKind) -> None:
    event = an_event(SAMPLES[kind])

    assert to_customer(event) == [("order_changed", {"version": 2})]
    assert to_restaurant(event) == [broadcasts(event)]


@pytest.mark.parametrize("kind", list(OrderEventKind))
def test_whatever_happens_is_published_on_the_orders_own_channel(kind: OrderEventKind) -> None:
    assert to_customer(an_event(SAMPLES[kind]))


@pytest.mark.parametrize("by", list(Actor))
@pytest.mark.parametrize("kind", list(OrderEventKind))
def test_whatever_happens_every_console_of_the_restaurant_receives_it_and_last_its_version(
    kind: OrderEventKind, by: Actor
) -> None:
    event = an_event(SAMPLES[kind], by=by)

    assert to_restaurant(event)[-1] == broadcasts(event)
    assert messages_of(event)[-1].channel == f"presence-r-{event.order.restaurant_id}"


@pytest.mark.parametrize("kind", list(OrderEventKind))
def test_an_event_that_came_late_never_contradicts_earlier_messages(kind: OrderEventKind) -> None:
    event = an_event(SAMPLES[kind], came_late=True, by=Actor.CUSTOMER)

    assert to_customer(event) == [("order_changed", {"version": 2})]
    assert to_restaurant(event) == [broadcasts(event)]


@pytest.mark.parametrize("kind", list(OrderEventKind))
def test_nothing_personal_is_ever_published(kind: OrderEventKind) -> None:
    details = some_details(table_name="Table 4", voucher="ADA-5")
    order = an_order(customer=a_customer(email="ada@example.com", name="Ada Byrne"), details=details)
    personal = {details.note, details.address, details.address_note, details.payment, details.table_name}
    personal |= {details.voucher, details.short_code, order.customer.id, order.customer.email, order.customer.name}
    personal |= {line.name for line in order.lines} | {"bob@example.com"}

    for by in Actor:
        messages = messages_of(an_event(SAMPLES[kind], by=by, actor_name="bob@example.com", order=order))
        text = json.dumps([[getattr(each, field.name) for field in fields(each)] for each in messages])
        assert [word for word in personal if word in text] == []


@pytest.mark.parametrize(
    "text",
    ["x" * 9_000, "é" * 9_000, "🍕" * 9_000, "x" + "🍕" * 9_000, "\x01" * 9_000],
    ids=["plain", "accents", "pizza", "odd", "control"],
)
def test_a_very_long_text_is_cut_between_characters_and_stays_under_8_kilobytes(text: str) -> None:
    for event in (an_event(Progressed(status=text, step=None)), an_event(Rejected(reason=text))):
        ((_, data),) = to_customer(event)
        published = data.get("status") or data["reason"]

        assert text.startswith(published)
        assert MAX_TEXT_BYTES - 3 <= len(published.encode()) <= MAX_TEXT_BYTES
        assert len(json.dumps({"batch": [{"data": json.dumps(data)}]})) < 8_000


def test_half_a_character_from_a_sender_does_no_harm() -> None:
    ((_, data),) = to_customer(an_event(Progressed(status="On its way \ud83d", step=None)))

    assert data["status"] == "On its way ?"


@pytest.mark.parametrize(
    ("channel", "order_id"),
    [
        ("private-o-52a7289e96ba1c6209000003", "52a7289e96ba1c6209000003"),
        ("private-o-52A7289E96BA1C6209000003", None),
        ("private-o-52a7289e96ba1c62090000030", None),
        ("private-o-52a7289e96ba1c6209000003\n", None),
        ("private-o-52a7289e96ba1c620900000٣", None),
        ("presence-r-52a7289e96ba1c6209000003", None),
        ("private-encrypted-o-52a7289e96ba1c6209000003", None),
    ],
)
def test_only_the_exact_name_is_an_orders_channel(channel: str, order_id: str | None) -> None:
    assert order_of_channel(channel) == order_id
    assert is_restaurant_channel(channel) is (channel == "presence-r-52a7289e96ba1c6209000003")
