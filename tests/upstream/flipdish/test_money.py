"""What an order costs, as Flipdish says it."""

import pytest

from tests.upstream.flipdish.notices import an_event, details, parsed_notice
from tracker.orders.bill import Bill

MONEY = {
    "OrderItemsAmount": 18.5,
    "DeliveryAmount": 3,
    "ServiceChargeAmount": "1.25",
    "ProcessingFee": 0.1,
    "TipAmount": 2,
    "Amount": 19.85,
    "Voucher": {"Amount": -5},
}


def test_who_pays_in_cash_pays_the_fee_to_the_restaurant():
    bill = details(PaymentAccountType="Cash", **MONEY).bill

    assert bill == Bill(items=1850, delivery=300, service=125, fee=10, discount=-500, charged=1785, tip=200)
    assert (bill.total, bill.other) == (1985, 0)


def test_who_pays_by_card_pays_the_fee_to_flipdish():
    bill = details(PaymentAccountType="Card", **MONEY).bill

    assert bill.fee == 0
    assert bill.total == 1985


def test_an_amount_that_does_not_add_up_is_what_the_restaurant_says():
    bill = details(OrderItemsAmount=18.5, Amount=14.9).bill

    assert (bill.items, bill.total, bill.other) == (1850, 1490, -360)


def test_what_an_order_costs_is_added_up_only_when_nobody_says():
    bill = details(
        OrderItems=[{"Name": "Soup", "Price": 4}] * 2, OrderItemsAmount=None, Amount=None, DeliveryAmount=1, TipAmount=2
    ).bill

    assert (bill.items, bill.total, bill.other) == (800, 1100, 0)


@pytest.mark.parametrize("code", [None, "", "€", "EURO", "12"])
def test_an_order_without_a_known_currency_is_in_the_restaurants(code):
    event = an_event(order={"Store": {"Currency": code}, "Amount": 900})

    told = parsed_notice(event, currency="JPY").details

    assert (told.currency, told.bill.charged) == ("JPY", 900)


def test_the_price_of_one_includes_its_options():
    options = [{"Name": "Cheese", "Price": 1.5}, {"Name": "Olives", "Price": 0.25}, {"Name": None, "Price": 1}]
    said = {"Name": "Pizza", "Price": 9, "PriceIncludingOptionSetItems": 12, "OrderItemOptions": options}
    unsaid = said | {"PriceIncludingOptionSetItems": None}

    assert [line.unit_minor for line in details(OrderItems=[said, unsaid]).lines] == [1200, 1175]
