"""Parsing Flipdish's description of an order into our own types."""

from dataclasses import fields
from datetime import UTC, datetime

import pytest

from tests.upstream.flipdish.notices import an_event, details, parsed_notice, the_seed
from tracker.accounts.model import Customer
from tracker.orders.bill import Bill
from tracker.orders.model import Order
from tracker.orders.order_line import OrderLine
from tracker.orders.progress import Fulfilment
from tracker.orders.reports import LineDetails, OrderDetails
from tracker.upstream.platform_events import InvalidPayload, PlatformPerson


def test_the_documented_order_is_parsed_completely():
    assert parsed_notice(the_seed("order.created")).details == OrderDetails(
        placed_at=datetime(2017, 12, 15, 11, tzinfo=UTC),
        currency="EUR",
        bill=Bill(),
        fulfilment=Fulfilment.DELIVERY,
        short_code="1234",
        is_advance=True,
        requested_for=datetime(2017, 12, 15, 12, tzinfo=UTC),
        voucher="-€5 (abc123)",
        payment="Visa ****2371",
        rating=2,
        note="no oregano please",
        address="38 Parse Street, Dublin, xx xxx",
        address_note="building is on the right",
        lines=(LineDetails("Item 1", 1, 0, "Section 1", ({"name": "Option 1", "minor": 0},)),),
    )


def test_options_are_in_the_order_of_the_menu():
    options = [
        {"Name": "Basil", "MenuItemOptionSetDisplayOrder": 2, "MenuItemOptionDisplayOrder": 1},
        {"Name": "Ham", "MenuItemOptionSetDisplayOrder": 1, "MenuItemOptionDisplayOrder": 2},
        {"Name": "Corn", "MenuItemOptionSetDisplayOrder": 1, "MenuItemOptionDisplayOrder": 1},
        {"Name": "Large", "MenuItemOptionSetDisplayOrder": 3, "IsMasterOptionSetItem": True},
    ]

    (line,) = details(OrderItems=[{"Name": "Pizza", "OrderItemOptions": options}]).lines

    assert [option["name"] for option in line.options] == ["Large", "Corn", "Ham", "Basil"]


def test_the_same_dish_with_other_options_is_another_line():
    plain = {"Name": "Pizza", "PriceIncludingOptionSetItems": 9}
    spicy = plain | {"OrderItemOptions": [{"Name": "Chili", "Price": 0}]}

    assert [line.quantity for line in details(OrderItems=[plain, spicy, plain]).lines] == [2, 1]


@pytest.mark.parametrize(
    ("codes", "short"),
    [
        ({"LocalOrderId": "A7", "ChannelOrderDisplayId": "XYZ"}, "A7"),
        ({"LocalOrderId": "", "ChannelOrderDisplayId": "XYZ"}, "XYZ"),
        ({"LocalOrderId": 17}, "17"),
        ({}, "1234"),
    ],
)
def test_the_short_code_is_the_one_used_at_the_counter(codes, short):
    assert details(**codes).short_code == short


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ({"DropOffLocation": "12", "TableServiceCatagory": "Table"}, "Table 12"),
        ({"DropOffLocation": "3B", "TableServiceCatagory": "ParkingBay"}, "Parking bay 3B"),
        ({"DropOffLocation": "Table 12", "TableServiceCatagory": "Table"}, "Table 12"),
        ({"DropOffLocation": "12", "TableServiceCatagory": "Generic"}, "12"),
        ({"OrderDropOffLocation": {"LocationName": "Terrace"}}, "Terrace"),
        ({"TableServiceCatagory": "Table"}, None),
    ],
)
def test_the_table_is_named_as_the_restaurant_names_it(place, name):
    assert details(DeliveryType="Pickup", PickupLocationType="TableService", **place).table_name == name


def test_an_order_for_collection_has_no_address_and_no_table():
    collected = details(DeliveryType="Pickup", PickupLocationType="TakeOut", DropOffLocation="12")

    assert (collected.address, collected.address_note, collected.table_name) == (None, None, None)


def test_an_address_without_a_formatted_text_is_put_together():
    place = {"Building": 38, "Street": "Pearse Street", "Town": "Dublin", "PostCode": None}

    assert details(DeliveryLocation=place).address == "38 Pearse Street, Dublin"
    assert details(DeliveryLocation=None).address is None


@pytest.mark.parametrize(
    ("description", "account", "words"),
    [
        ("Apple Pay", "Card", "Apple Pay"),
        (None, "Cash", "Cash"),
        (None, "Ideal", "iDEAL"),
        (None, "GoogleWalletToken", "Google Pay"),
        (None, "CarrierPigeon", "Carrier pigeon"),
        (None, None, None),
    ],
)
def test_the_payment_is_described_in_words_that_the_customer_recognises(description, account, words):
    assert details(PaymentAccountDescription=description, PaymentAccountType=account).payment == words


def test_the_accepted_time_is_the_promise_and_no_time_is_invented():
    assert details(AcceptedFor="2017-12-15T12:30:00+01:00").promised_at == datetime(2017, 12, 15, 11, 30, tzinfo=UTC)
    assert details(AcceptedFor=None).promised_at is None


def test_a_voucher_without_a_name_is_called_by_its_code():
    assert details(Voucher={"Name": " ", "Code": "abc123"}).voucher == "abc123"


@pytest.mark.parametrize(
    ("address", "email"),
    [
        (" Jane.Doe@Example.com ", "jane.doe@example.com"),
        ("jane@", None),
        ("ja\u200bne@example.com", None),
        ("jane\x00@example.com", None),
        ("jane@\ud800.com", None),
        ("j" * 300 + "@example.com", None),
        (None, None),
    ],
)
def test_only_a_valid_email_address_is_kept(address, email):
    event = an_event(order={"Customer": {"Id": 7, "Name": "Jane", "EmailAddress": address}})

    assert parsed_notice(event).person == PlatformPerson("7", email, "Jane")


@pytest.mark.parametrize("number", [None, 0, -1])
def test_a_customer_without_an_id_is_ignored(number):
    customer = {"Id": number, "Name": "Jane", "EmailAddress": "jane@example.com"}

    assert parsed_notice(an_event(order={"Customer": customer})).person is None


def test_very_long_texts_are_cut_to_fit_their_columns():
    novel = "no oregano, " * 1000
    texts = [
        "LocalOrderId",
        "DropOffLocation",
        "PaymentAccountDescription",
        "ChefNote",
        "RejectionReason",
        "TableServiceCatagory",
    ]
    places = {"PrettyAddressString": novel, "DeliveryInstructions": novel}
    item = {"Name": novel, "MenuSectionName": novel, "OrderItemOptions": [{"Name": novel}]}
    order = dict.fromkeys(texts, novel) | {"Voucher": {"Name": novel}, "OrderItems": [item]}
    order["Customer"] = {"Id": 7, "Name": novel}
    at_table = {"DeliveryType": "Pickup", "PickupLocationType": "DineIn", "DropOffLocation": "1" + novel}

    delivered = parsed_notice(an_event("order.rejected", order=order | {"DeliveryLocation": places}, Reason=novel))
    seated = parsed_notice(an_event(order=order | at_table)).details
    (line,), (rejected,) = delivered.details.lines, delivered.platform_events

    parsed_parts = [(Order, delivered.details), (Order, seated), (OrderLine, line), (Customer, delivered.person)]
    cut = [
        (table.__tablename__, field.name, len(value), table.__table__.c[field.name].type.length)  # type: ignore[attr-defined]
        for table, part in parsed_parts
        for field in fields(part)
        if str(value := getattr(part, field.name)).endswith("…")
    ]
    assert {name for _, name, _, _ in cut} == {
        *("short_code", "voucher", "payment", "note", "address", "address_note", "table_name"),
        *("section", "name"),
    }
    assert [column for column in cut if column[2] > column[3]] == []
    assert len(rejected.reason) <= Order.__table__.c.reason.type.length  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        ({"OrderItems": "Soup"}, "Order.OrderItems is not a list."),
        ({"OrderItems": [{"Name": "Soup"}, "Soup"]}, "Order.OrderItems[1] is not an object."),
        (
            {"OrderItems": [None, {"OrderItemOptions": [{"Price": "free"}]}]},
            "Order.OrderItems[1].OrderItemOptions[0].Price is not a number.",
        ),
        ({"Amount": [1]}, "Order.Amount is not a number."),
        ({"Amount": 10**12}, "Order.Amount is too large a number."),
        ({"Store": []}, "Order.Store is not an object."),
        ({"PlacedTime": "yesterday"}, "Order.PlacedTime is not a time."),
        ({"ChefNote": {"a": 1}}, "Order.ChefNote is not text."),
        ({"IsPreOrder": "perhaps"}, "Order.IsPreOrder is not true or false."),
        ({"UserRating": 2.5}, "Order.UserRating is not a whole number."),
    ],
)
def test_a_field_of_the_wrong_type_is_named_without_its_value(order, sentence):
    with pytest.raises(InvalidPayload) as refused:
        parsed_notice(an_event(order=order))

    assert str(refused.value) == sentence
