"""Request models of an order that a program places, and their conversion to OrderDetails."""

import hashlib
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated

from babel.numbers import list_currencies
from pydantic import Field

from tracker.accounts.model import Restaurant
from tracker.orders.bill import Bill
from tracker.orders.money import decimals, minor_units
from tracker.orders.operations.by_restaurant import MAX_PROMISE_AHEAD
from tracker.orders.progress import Fulfilment
from tracker.orders.refusals import NotPossible
from tracker.orders.reports import LineDetails, OrderDetails
from tracker.upstream.json_reader import clean_text
from tracker.web.api.parsing import RequestModel, with_example
from tracker.web.api.schemas.actions_in import parse_timestamp, refuse_invalid
from tracker.web.api.schemas.customer import ShopCustomerRequest
from tracker.web.api.schemas.fields import Amount, Quantity, SignedAmount, Timestamp


class OptionRequest(RequestModel):
    """An option chosen for a line."""

    name: Annotated[str, Field(min_length=1, max_length=300)]
    price: SignedAmount = Decimal(0)


class LineRequest(RequestModel):
    """One ordered position. Its `id` is yours and unique within the order; adjustments refer to lines by it."""

    id: Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,24}$")]
    name: Annotated[str, Field(min_length=1, max_length=300)]
    quantity: Quantity
    unit_price: Annotated[Amount, Field(description="The price of one, including its options, in major units.")]
    section: Annotated[str, Field(max_length=200)] | None = None
    options: Annotated[list[OptionRequest], Field(max_length=50)] = Field(default_factory=list)

    def details(self, currency: str) -> LineDetails:
        """Return the line with its prices in minor units of the currency. Raise NotPossible."""
        return LineDetails(
            name=_visible_text(self.name, 300, f"The name of the line {self.id}"),
            quantity=self.quantity,
            unit_minor=to_minor_units(self.unit_price, currency),
            section=clean_text(self.section or "", 200),
            options=tuple(
                {
                    "name": _visible_text(option.name, 300, "The name of an option"),
                    "minor": to_minor_units(option.price, currency),
                }
                for option in self.options
            ),
            ref=self.id,
        )


class ChargesRequest(RequestModel):
    """Charges beside the lines, which are added to the total, and a discount, which is subtracted."""

    delivery: Amount = Decimal(0)
    service: Amount = Decimal(0)
    fee: Amount = Decimal(0)
    discount: Amount = Decimal(0)


class PlaceOrderRequest(RequestModel):
    """An order that the restaurant places itself."""

    model_config = with_example(
        customer={"id": "c-1042", "email": "ada@example.com", "email_verified": True, "name": "Ada"},
        lines=[
            {"id": "p1", "name": "Margherita", "quantity": 2, "unit_price": "11.50"},
            {
                "id": "d1",
                "name": "Tiramisu",
                "quantity": 1,
                "unit_price": "6.50",
                "options": [{"name": "Extra cocoa", "price": "0.50"}],
            },
        ],
        fulfilment="delivery",
        address="38 Sample Street, Dublin",
        charges={"delivery": "3.00"},
        tip="2.00",
    )

    customer: ShopCustomerRequest = ShopCustomerRequest()
    lines: Annotated[list[LineRequest], Field(min_length=1, max_length=200)]
    fulfilment: Annotated[Fulfilment, Field(strict=False)]
    table: Annotated[str, Field(max_length=100)] | None = None
    address: Annotated[str, Field(max_length=500)] | None = None
    address_note: Annotated[str, Field(max_length=500)] | None = None
    note: Annotated[str, Field(max_length=1000)] | None = None
    requested_for: Timestamp | None = Field(
        None, description="For an advance order: its time, with an offset or in the restaurant’s local time."
    )
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = Field(
        None, description="ISO 4217; by default the restaurant’s currency."
    )
    charges: ChargesRequest = ChargesRequest()
    tip: Amount = Decimal(0)
    payment: Annotated[str, Field(max_length=100)] | None = Field(
        None, description="The means of payment as the customer will recognise it: Visa ****2371, Cash."
    )
    short_code: Annotated[str, Field(max_length=40)] | None = Field(
        None, description="The code that people say at the counter; generated if not given."
    )

    def details(self, restaurant: Restaurant, key: str, now: datetime) -> OrderDetails:
        """Return the order as the operation that places it takes it. Raise NotPossible."""
        currency = self.currency or restaurant.currency
        if currency not in list_currencies():
            raise NotPossible(f"There is no currency {currency}.")
        lines = tuple(line.details(currency) for line in self.lines)
        return OrderDetails(
            placed_at=now,
            currency=currency,
            bill=self._bill(lines, currency),
            fulfilment=self.fulfilment,
            short_code=clean_text(self.short_code or "", 40) or _short_code(key),
            is_advance=self.requested_for is not None,
            table_name=clean_text(self.table or "", 100),
            requested_for=self._requested_for(restaurant, now),
            payment=clean_text(self.payment or "", 100),
            note=clean_text(self.note or "", 1000),
            address=clean_text(self.address or "", 500),
            address_note=clean_text(self.address_note or "", 500),
            customer_name=self.customer.clean_name,
            lines=lines,
        )

    def _bill(self, lines: tuple[LineDetails, ...], currency: str) -> Bill:
        charges = self.charges
        items = sum(line.quantity * line.unit_minor for line in lines)
        delivery, service = to_minor_units(charges.delivery, currency), to_minor_units(charges.service, currency)
        fee, discount = to_minor_units(charges.fee, currency), -to_minor_units(charges.discount, currency)
        charged = items + delivery + service + fee + discount
        if charged < 0:
            raise NotPossible("The discount is larger than the total of the order.")
        return Bill(items, delivery, service, fee, discount, charged, to_minor_units(self.tip, currency))

    def _requested_for(self, restaurant: Restaurant, now: datetime) -> datetime | None:
        if self.requested_for is None:
            return None
        with refuse_invalid():
            moment = parse_timestamp(self.requested_for, restaurant.timezone)
        if not now - timedelta(minutes=1) < moment < now + MAX_PROMISE_AHEAD:
            raise NotPossible("requested_for is in the past, or more than a year away.")
        return moment


def to_minor_units(amount: Decimal, currency: str) -> int:
    """Return the amount in minor units of the currency. Raise NotPossible if it has more decimals than the currency."""
    places = decimals(currency)
    if amount % Decimal(1).scaleb(-places):
        raise NotPossible(f"An amount has more decimals than {currency}, which has {places or 'none'}.")
    return minor_units(amount, currency)


def _visible_text(text: str, longest: int, what: str) -> str:
    clean = clean_text(text, longest)
    if clean is None:
        raise NotPossible(f"{what} has no visible character.")
    return clean


def _short_code(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:4].upper()
