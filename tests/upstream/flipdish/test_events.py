"""What each of Flipdish's events tells of an order."""

from datetime import UTC, datetime

import pytest

from tests.upstream.flipdish.notices import SEEDS, an_event, the_seed, understood
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


def test_all_six_documented_notices_are_understood():
    happenings = {name: understood(the_seed(name)).happenings for name in SEEDS}

    assert happenings == {
        "order.accepted": (Confirmed(NOON),),
        "order.created": (Placed(),),
        "order.rating.updated": (Rated(3),),
        "order.refunded": (Refunded(0),),
        "order.rejected": (Rejected(NOON, None),),
        "order.tip.updated": (TipChanged(0),),
    }


def test_a_dispatched_delivery_is_on_its_way():
    dispatched = understood(an_event("order.dispatched", OrderDispatchedTime="2017-12-15T12:00:00"))

    assert dispatched.happenings == (Progressed(NOON, "Out for delivery", Step.ON_THE_WAY),)


def test_an_order_that_is_collected_is_never_out_for_delivery():
    dispatched = understood(an_event("order.dispatched", order={"DeliveryType": "Pickup"}))

    assert dispatched.happenings == (Progressed(None, "Dispatched", None),)


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
def test_the_customer_reads_what_the_courier_does(status, words, step):
    tracked = understood(an_event(TRACKING, order={"DeliveryTrackingStatus": status}))

    assert tracked.happenings == (Progressed(None, words, step),)


@pytest.mark.parametrize(
    ("status", "step"),
    [("Ready to collect", Step.READY), ("OUT FOR  delivery", Step.ON_THE_WAY), ("Dave is making a sandwich", None)],
)
def test_the_restaurants_own_words_are_shown_as_they_are(status, step):
    progressed = understood({"EventName": FULFILLMENT, "OrderId": 5, "StatusId": 1, "StatusName": status})

    assert progressed.happenings == (Progressed(None, " ".join(status.split()), step),)


@pytest.mark.parametrize(
    ("event", "order"),
    [(TRACKING, {"DeliveryTrackingStatus": None}), (TRACKING, {"DeliveryTrackingStatus": "None"}), (FULFILLMENT, {})],
)
def test_a_status_that_is_not_said_moves_nothing(event, order):
    assert understood(an_event(event, order=order, StatusName=None)).happenings == ()


def test_a_refund_without_an_amount_is_no_refund_of_nothing():
    refunded = understood(an_event("order.refunded", order={"RefundedAmount": 5}, RefundedAmount=None))

    assert refunded.happenings == ()
    assert refunded.details.refunded_minor == 500


def test_a_tip_or_a_rating_without_a_value_is_the_one_of_the_order():
    tipped = understood(an_event("order.tip.updated", order={"TipAmount": 2}))
    rated = understood(an_event("order.rating.updated", order={"UserRating": 4}))

    assert tipped.happenings == (TipChanged(200),)
    assert rated.happenings == (Rated(4),)


def test_a_rating_can_be_taken_back():
    assert understood(an_event("order.rating.updated", order={"UserRating": None}, Rating=None)).happenings == (
        Rated(None),
    )


@pytest.mark.parametrize("state", ["AcceptedByRestaurant", "Dispatched", "AcceptedAndRefunded"])
def test_an_order_that_was_taken_on_meanwhile_is_confirmed(state):
    assert understood(an_event(order={"OrderState": state})).happenings == (Placed(), Confirmed(None))


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"DeliveryType": "Delivery"}, "Delivered"),
        ({"DeliveryType": "Pickup", "PickupLocationType": "TakeOut"}, "Collected"),
        ({"DeliveryType": "Pickup", "PickupLocationType": "TableService"}, "Served"),
    ],
)
def test_an_order_that_was_handed_over_meanwhile_has_come_to_its_end(order, words):
    happenings = understood(an_event(order=order | {"OrderState": "Delivered"})).happenings

    assert happenings == (Placed(), Confirmed(None), Progressed(None, words, Step.HANDED_OVER))


@pytest.mark.parametrize(
    "state", ["RejectedByStore", "RejectedByFlipdish", "RejectedAutomatically", "RejectedAfterBeingAccepted"]
)
def test_an_order_that_was_rejected_meanwhile_is_rejected_and_says_why(state):
    order = {"OrderState": state, "RejectionReason": "DontDeliverToArea"}

    happenings = understood(an_event("order.tip.updated", order=order, TipAmount=1)).happenings

    assert happenings == (TipChanged(100), Rejected(None, "The restaurant doesn't deliver to your area."))


def test_an_order_that_was_cancelled_meanwhile_is_cancelled():
    assert understood(an_event(order={"OrderState": "Cancelled"})).happenings == (Placed(), Cancelled(None))


@pytest.mark.parametrize(
    ("name", "state"), [("order.accepted", "AcceptedByRestaurant"), ("order.rejected", "RejectedByStore")]
)
def test_nothing_happens_twice_because_event_and_state_agree(name, state):
    assert len(understood(an_event(name, order={"OrderState": state})).happenings) == 1


def test_an_order_the_courier_delivered_is_delivered_once():
    order = {"DeliveryTrackingStatus": "Delivered", "OrderState": "Delivered"}

    happenings = understood(an_event(TRACKING, order=order)).happenings

    assert happenings == (Progressed(None, "Delivered", Step.HANDED_OVER), Confirmed(None))


@pytest.mark.parametrize(
    "state",
    ["Created", "PlacedCanBeCancelled", "ReadyToProcess", "ManualReview", "PendingPayment", "Frozen", "", None],
)
def test_a_state_that_leads_nowhere_means_nothing(state):
    accepted = an_event("order.accepted", order={"OrderState": state}, OrderAcceptedTime="2017-12-15T12:00:00")

    assert understood(accepted).happenings == (Confirmed(NOON),)


def test_a_dispatch_that_says_nothing_of_how_the_food_is_handed_over_is_a_delivery():
    notice = understood({"EventName": "order.dispatched", "Order": {"OrderId": 1234}})

    assert [(each.status, each.step) for each in notice.happenings] == [("Out for delivery", Step.ON_THE_WAY)]
