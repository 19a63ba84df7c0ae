"""The traps of Flipdish's notices from B11 on, by their numbers."""

from datetime import UTC, datetime

import pytest

from tests.upstream.flipdish.notices import SENT, an_event, parsed_notice, the_seed
from tracker.orders.bill import Bill
from tracker.orders.progress import Fulfilment, Step
from tracker.upstream.platform_events import Confirmed, InvalidPayload, Placed, Progressed, Rejected

NOON = datetime(2017, 12, 15, 12, tzinfo=UTC)
SENT_AT = datetime(2020, 11, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("delivery", "pickup", "fulfilment"),
    [
        ("Delivery", "TakeOut", Fulfilment.DELIVERY),
        ("Delivery", "TableService", Fulfilment.DELIVERY),
        ("Pickup", "TakeOut", Fulfilment.COLLECTION),
        ("Pickup", "TableService", Fulfilment.TABLE),
        ("Pickup", "DineIn", Fulfilment.TABLE),
        ("ByDrone", None, Fulfilment.COLLECTION),
    ],
)
def test_b11_the_fulfilment_is_read_from_both_fields(delivery, pickup, fulfilment):
    event = an_event(order={"DeliveryType": delivery, "PickupLocationType": pickup})

    assert parsed_notice(event).details.fulfilment is fulfilment


def test_b12_a_voucher_counts_by_its_amount_and_not_by_its_name():
    details = parsed_notice(an_event(order={"Voucher": {"Name": "-€5 (abc123)", "Amount": -3.5}, "Amount": 10})).details

    assert details.voucher == "-€5 (abc123)"
    assert details.bill == Bill(discount=-350, charged=1000)


def test_b13_three_equal_pizzas_are_one_line_of_three():
    pizza = {"Name": "Pizza", "Price": 9, "MenuSectionDisplayOrder": 2, "MenuItemId": 7}
    other = {"Name": "Pizza", "Price": 11, "MenuSectionDisplayOrder": 2, "MenuItemId": 7}
    soup = {"Name": "Soup", "Price": 4, "MenuSectionDisplayOrder": 1, "IsAvailable": False}

    lines = parsed_notice(an_event(order={"OrderItems": [pizza, other, pizza, soup, pizza]})).details.lines

    assert [(line.quantity, line.name, line.unit_minor) for line in lines] == [
        (1, "Soup", 400),
        (3, "Pizza", 900),
        (1, "Pizza", 1100),
    ]


def test_b14_an_order_with_all_fields_empty_is_accepted():
    nothing = dict.fromkeys(the_seed("order.created")["Order"]) | {"OrderId": 7}

    sparse = parsed_notice(
        {"EventName": "order.created", "Order": nothing, "FlipdishEventId": None, "CreateTime": None}
    )

    assert sparse.platform_events == (Placed(),)
    assert (sparse.details.short_code, sparse.details.currency, sparse.details.bill) == ("7", "EUR", Bill())
    assert sparse.details.lines == ()
    assert sparse.person is None


def test_b15_fields_in_another_order_are_the_same_event():
    event = the_seed("order.created")
    reversed_fields = {name: event[name] for name in sorted(event, reverse=True)}

    assert parsed_notice(reversed_fields) == parsed_notice(event)


def test_b16_an_event_without_an_order_is_accepted():
    event = {"EventName": "order.fulfillment.status.updated", "OrderId": 1234, "StatusName": "Ready to collect"}

    ready = parsed_notice(event)

    assert ready.platform_order_id == "1234"
    assert ready.platform_events == (Progressed(None, "Ready to collect", Step.READY),)
    assert ready.details is None


@pytest.mark.parametrize("rest", [{}, {"Order": "?", "CreateTime": 5, "OrderId": []}, {"OrderIds": [1, 2]}])
def test_b16_an_unknown_event_is_read_without_an_error(rest):
    unknown = parsed_notice({"EventName": "order.batch.published", **rest})

    assert unknown.event_name == "order.batch.published"
    assert (unknown.platform_events, unknown.details, unknown.platform_order_id) == ((), None, None)


def test_b17_a_late_created_notice_of_a_confirmed_order_also_confirms_it():
    late = parsed_notice(an_event("order.created", order={"OrderState": "AcceptedByRestaurant"}, CreateTime=SENT))

    assert late.platform_events == (Placed(), Confirmed(None))
    assert late.sent_at == SENT_AT


@pytest.mark.parametrize(
    ("code", "text", "reason"),
    [
        ("TooBusy", "bsy!!", "The restaurant is too busy right now."),
        (None, "  Our oven\x00 is\r\nbroken ", "Our oven is broken"),
        (None, "TooSoon", "The restaurant can't have your order ready that soon."),
        ("UnknownReason", "Our oven is broken", "Our oven is broken"),
        ("UnknownReason", None, None),
        ("UnknownReason", "UnknownReason", None),
        ("KitchenOnFire", None, "Kitchen on fire"),
        (None, "", None),
    ],
)
def test_b20_a_code_for_a_reason_is_turned_into_a_sentence(code, text, reason):
    event = an_event(
        "order.rejected", order={"RejectionReason": code}, Reason=text, OrderRejectedTime="2017-12-15T12:00Z"
    )

    assert parsed_notice(event).platform_events == (Rejected(NOON, reason),)


def test_b21_a_masked_address_is_not_used_as_the_customers_address():
    assert parsed_notice(the_seed("order.created")).person.email is None
    assert parsed_notice(the_seed("order.created")).person.platform_id == "1234"


def test_b22_staff_phone_numbers_and_locations_are_not_kept():
    staff = {"UserId": 9, "UserName": "Sam Staff", "UserPhoneNumber": "555-0100", "UserEmail": "sam@example.com"}
    masked = {"IsEnabled": True, "PhoneNumber": "555-0101", "Code": "88888888"}
    place = {"Latitude": 53.27676, "Longitude": -6.22426}
    order = {"MaskedPhoneNumber": masked, "CustomerLocation": place, "DeliveryLocation": {"Coordinates": place}}

    parsed = repr(parsed_notice(an_event("order.accepted", order=order, User=staff, IpAddress="192.0.2.7")))

    for secret in ("Sam", "sam@", "555-01", "0818204488", "53818", "88888888", "53.2", "6.22", "192.0.2"):
        assert secret not in parsed


@pytest.mark.parametrize("rating", [0, 1, 5, 10, -1, None])
def test_b23_a_rating_outside_one_to_five_is_accepted(rating):
    assert parsed_notice(an_event(order={"UserRating": rating})).details.rating == rating


@pytest.mark.parametrize("number", [1234, "1234", " 1234 ", 1234.0])
def test_b24_an_order_id_is_the_same_in_every_spelling(number):
    assert parsed_notice(an_event(order={"OrderId": number})).platform_order_id == "1234"


@pytest.mark.parametrize("number", [None, 0, -3, {}, [1], True, "", "52a7289e96ba1c6209000003", 1.5, 10**30])
def test_b24_an_invalid_order_id_is_refused(number):
    with pytest.raises(InvalidPayload, match=r"OrderId"):
        parsed_notice(an_event(order={"OrderId": number}))
