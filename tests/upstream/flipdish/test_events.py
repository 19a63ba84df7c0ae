"""The platform events that are parsed from each of Flipdish's events."""

from datetime import UTC, datetime

import pytest

from tests.upstream.flipdish.notices import SEEDS, an_event, parsed_notice, the_seed
from tracker.orders.progress import Step
from tracker.upstream.platform_events import (
    Cancelled,
    Confirmed,
    Placed,
    Progressed,
    Rated,
    Refunded,
    Rejected,
    TipChanged,
)

NOON = datetime(2017, 12, 15, 12, tzinfo=UTC)
TRACKING = "order.deliverytracking.status.updated"
FULFILLMENT = "order.fulfillment.status.updated"


def test_all_six_documented_notices_are_parsed():
    platform_events = {name: parsed_notice(the_seed(name)).platform_events for name in SEEDS}

    assert platform_events == {
        "order.accepted": (Confirmed(NOON),),
        "order.created": (Placed(),),
        "order.rating.updated": (Rated(3),),
        "order.refunded": (Refunded(0),),
        "order.rejected": (Rejected(NOON, None),),
        "order.tip.updated": (TipChanged(0),),
    }


def test_a_dispatched_delivery_is_on_its_way():
    dispatched = parsed_notice(an_event("order.dispatched", OrderDispatchedTime="2017-12-15T12:00:00"))

    assert dispatched.platform_events == (Progressed(NOON, "Out for delivery", Step.ON_THE_WAY),)


def test_an_order_that_is_collected_is_never_out_for_delivery():
    dispatched = parsed_notice(an_event("order.dispatched", order={"DeliveryType": "Pickup"}))

    assert dispatched.platform_events == (Progressed(None, "Dispatched", None),)


@pytest.mark.parametrize(
    ("status", "words", "step"),
    [
        ("Unassigned", "Looking for a courier", None),
        ("Unaccepted", "Waiting for a courier", None),
        ("Accepted", "A courier will bring your order", None),
        ("Carrying", "The courier has your order", Step.ON_THE_WAY),
        ("OnTheWay", "On the way", Step.ON_THE_WAY),
        ("ArrivedAtLocation", "The courier has arrived", Step.ARRIVED),
        ("Delivered", "Delivered", Step.HANDED_OVER),
        ("CannotDeliver", "The courier could not deliver your order", None),
        ("StuckInTraffic", "Stuck in traffic", None),
    ],
)
def test_the_couriers_status_is_shown_in_words_for_the_customer(status, words, step):
    tracked = parsed_notice(an_event(TRACKING, order={"DeliveryTrackingStatus": status}))

    assert tracked.platform_events == (Progressed(None, words, step),)


@pytest.mark.parametrize(
    ("status", "step"),
    [("Ready to collect", Step.READY), ("OUT FOR  delivery", Step.ON_THE_WAY), ("Dave is making a sandwich", None)],
)
def test_the_restaurants_own_words_are_shown_as_they_are(status, step):
    progressed = parsed_notice({"EventName": FULFILLMENT, "OrderId": 5, "StatusId": 1, "StatusName": status})

    assert progressed.platform_events == (Progressed(None, " ".join(status.split()), step),)


@pytest.mark.parametrize(
    ("event", "order"),
    [(TRACKING, {"DeliveryTrackingStatus": None}), (TRACKING, {"DeliveryTrackingStatus": "None"}), (FULFILLMENT, {})],
)
def test_an_event_without_a_status_changes_nothing(event, order):
    assert parsed_notice(an_event(event, order=order, StatusName=None)).platform_events == ()


def test_a_refund_without_an_amount_is_not_a_refund_of_zero():
    refunded = parsed_notice(an_event("order.refunded", order={"RefundedAmount": 5}, RefundedAmount=None))

    assert refunded.platform_events == ()
    assert refunded.details.refunded_minor == 500


def test_a_tip_or_rating_missing_in_the_event_is_read_from_the_order():
    tipped = parsed_notice(an_event("order.tip.updated", order={"TipAmount": 2}))
    rated = parsed_notice(an_event("order.rating.updated", order={"UserRating": 4}))

    assert tipped.platform_events == (TipChanged(200),)
    assert rated.platform_events == (Rated(4),)


def test_a_rating_can_be_removed():
    assert parsed_notice(an_event("order.rating.updated", order={"UserRating": None}, Rating=None)).platform_events == (
        Rated(None),
    )


@pytest.mark.parametrize("state", ["AcceptedByRestaurant", "Dispatched", "AcceptedAndRefunded"])
def test_an_order_in_an_accepted_state_is_confirmed(state):
    assert parsed_notice(an_event(order={"OrderState": state})).platform_events == (Placed(), Confirmed(None))


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"DeliveryType": "Delivery"}, "Delivered"),
        ({"DeliveryType": "Pickup", "PickupLocationType": "TakeOut"}, "Collected"),
        ({"DeliveryType": "Pickup", "PickupLocationType": "TableService"}, "Served"),
    ],
)
def test_an_order_in_the_delivered_state_is_completed(order, words):
    platform_events = parsed_notice(an_event(order=order | {"OrderState": "Delivered"})).platform_events

    assert platform_events == (Placed(), Confirmed(None), Progressed(None, words, Step.HANDED_OVER))


@pytest.mark.parametrize(
    "state", ["RejectedByStore", "RejectedByFlipdish", "RejectedAutomatically", "RejectedAfterBeingAccepted"]
)
def test_an_order_in_a_rejected_state_is_rejected_with_the_reason(state):
    order = {"OrderState": state, "RejectionReason": "DontDeliverToArea"}

    platform_events = parsed_notice(an_event("order.tip.updated", order=order, TipAmount=1)).platform_events

    assert platform_events == (TipChanged(100), Rejected(None, "The restaurant doesn't deliver to your area."))


def test_an_order_in_the_cancelled_state_is_cancelled():
    assert parsed_notice(an_event(order={"OrderState": "Cancelled"})).platform_events == (Placed(), Cancelled(None))


@pytest.mark.parametrize(
    ("name", "state"), [("order.accepted", "AcceptedByRestaurant"), ("order.rejected", "RejectedByStore")]
)
def test_an_event_and_a_state_that_agree_count_once(name, state):
    assert len(parsed_notice(an_event(name, order={"OrderState": state})).platform_events) == 1


def test_an_order_delivered_by_the_courier_is_completed_once():
    order = {"DeliveryTrackingStatus": "Delivered", "OrderState": "Delivered"}

    platform_events = parsed_notice(an_event(TRACKING, order=order)).platform_events

    assert platform_events == (Progressed(None, "Delivered", Step.HANDED_OVER), Confirmed(None))


@pytest.mark.parametrize(
    "state",
    ["Created", "PlacedCanBeCancelled", "ReadyToProcess", "ManualReview", "PendingPayment", "Frozen", "", None],
)
def test_a_state_without_a_meaning_for_us_is_ignored(state):
    accepted = an_event("order.accepted", order={"OrderState": state}, OrderAcceptedTime="2017-12-15T12:00:00")

    assert parsed_notice(accepted).platform_events == (Confirmed(NOON),)


def test_a_dispatched_order_without_a_delivery_type_is_a_delivery():
    notice = parsed_notice({"EventName": "order.dispatched", "Order": {"OrderId": 1234}})

    assert [(platform_event.status, platform_event.step) for platform_event in notice.platform_events] == [
        ("Out for delivery", Step.ON_THE_WAY)
    ]
