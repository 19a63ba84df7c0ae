"""Parsing the amounts of Flipdish's orders."""

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


def test_a_customer_who_pays_in_cash_pays_the_fee_to_the_restaurant():
    bill = details(PaymentAccountType="Cash", **MONEY).bill

    assert bill == Bill(items=1850, delivery=300, service=125, fee=10, discount=-500, charged=1785, tip=200)
    assert (bill.total, bill.other) == (1985, 0)


def test_a_customer_who_pays_by_card_pays_the_fee_to_flipdish():
    bill = details(PaymentAccountType="Card", **MONEY).bill

    assert bill.fee == 0
    assert bill.total == 1985


def test_the_reported_amount_counts_even_if_it_does_not_add_up():
    bill = details(OrderItemsAmount=18.5, Amount=14.9).bill

    assert (bill.items, bill.total, bill.other) == (1850, 1490, -360)


def test_amounts_are_added_up_only_if_none_is_reported():
    bill = details(
        OrderItems=[{"Name": "Soup", "Price": 4}] * 2, OrderItemsAmount=None, Amount=None, DeliveryAmount=1, TipAmount=2
    ).bill

    assert (bill.items, bill.total, bill.other) == (800, 1100, 0)


@pytest.mark.parametrize("code", [None, "", "€", "EURO", "12"])
def test_an_order_without_a_valid_currency_is_in_the_restaurants_currency(code):
    event = an_event(order={"Store": {"Currency": code}, "Amount": 900})

    details_in_yen = parsed_notice(event, currency="JPY").details

    assert (details_in_yen.currency, details_in_yen.bill.charged) == ("JPY", 900)


def test_the_unit_price_includes_the_options():
    options = [{"Name": "Cheese", "Price": 1.5}, {"Name": "Olives", "Price": 0.25}, {"Name": None, "Price": 1}]
    with_total = {"Name": "Pizza", "Price": 9, "PriceIncludingOptionSetItems": 12, "OrderItemOptions": options}
    without_total = with_total | {"PriceIncludingOptionSetItems": None}

    assert [line.unit_minor for line in details(OrderItems=[with_total, without_total]).lines] == [
        1200,
        1175,
    ]
