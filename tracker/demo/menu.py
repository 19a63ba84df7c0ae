"""The menu and the orders of the demo, in Flipdish's description and as own orders of the restaurant."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tracker.ids import new_id
from tracker.orders.bill import Bill, LineOption
from tracker.orders.progress import Fulfilment
from tracker.orders.reports import LineDetails, OrderDetails

FLIPDISH_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"

PRICES = {
    "Margherita": ("Pizza", 11.5),
    "Diavola": ("Pizza", 13.0),
    "Quattro formaggi": ("Pizza", 13.5),
    "Tagliatelle al ragù": ("Pasta", 14.0),
    "Insalata mista": ("Sides", 6.0),
    "Garlic bread": ("Sides", 4.5),
    "Tiramisù": ("Dolci", 6.5),
    "San Pellegrino 0.75 l": ("Drinks", 3.8),
}


@dataclass
class DemoOrder:
    """An order of the demo's platform. Times are aware. `choices` maps a dish to an option and the option's price."""

    number: int
    customer: dict[str, Any]
    dishes: list[str]
    placed: datetime
    wanted_in: timedelta = timedelta(minutes=45)
    delivery: bool = True
    is_advance: bool = False
    tip: float = 0.0
    note: str | None = None
    choices: dict[str, tuple[str, float]] = field(default_factory=dict)
    accepted_for: datetime | None = None
    refunded: float | None = None

    def snapshot(self) -> dict[str, Any]:
        """Return the order as Flipdish describes it in each of its notices."""
        items = [self._item(dish, position) for position, dish in enumerate(self.dishes)]
        dishes = sum(item["PriceIncludingOptionSetItems"] for item in items)
        fee = 2.9 if self.delivery else 0.0
        return {
            "OrderId": self.number,
            "LocalOrderId": f"N{self.number % 1000:03}",
            "Store": {"Id": 123, "Name": "Bella Napoli", "Currency": "EUR", "StoreIanaTimezone": "Europe/Dublin"},
            "Customer": self.customer,
            "OrderItems": items,
            "DeliveryType": "Delivery" if self.delivery else "Pickup",
            "PickupLocationType": "TakeOut",
            "DeliveryLocation": self._location() if self.delivery else None,
            "OrderItemsAmount": round(dishes, 2),
            "DeliveryAmount": fee,
            "TipAmount": self.tip,
            "Amount": round(dishes + fee + self.tip, 2),
            "PaymentAccountType": "Card",
            "PaymentAccountDescription": "Visa ****2371",
            "PlacedTime": self.placed.strftime(FLIPDISH_TIME),
            "RequestedForTime": (self.placed + self.wanted_in).strftime(FLIPDISH_TIME),
            "AcceptedFor": self.accepted_for and self.accepted_for.strftime(FLIPDISH_TIME),
            "IsPreOrder": self.is_advance,
            "ChefNote": self.note,
            "RefundedAmount": self.refunded,
            "OrderState": "ReadyToProcess",
        }

    def _item(self, dish: str, position: int) -> dict[str, Any]:
        section, price = PRICES[dish]
        option, extra = self.choices.get(dish, ("", 0.0))
        options = [{"Name": option, "Price": extra, "MenuItemOptionDisplayOrder": 1}] if option else []
        return {
            "Name": dish,
            "MenuSectionName": section,
            "MenuSectionDisplayOrder": [name for name, _ in PRICES.values()].index(section),
            "MenuItemDisplayOrder": position,
            "Price": price,
            "PriceIncludingOptionSetItems": round(price + extra, 2),
            "OrderItemOptions": options,
        }

    def _location(self) -> dict[str, Any]:
        return {
            "PrettyAddressString": "38 Sample Street, Dublin 8",
            "DeliveryInstructions": "Blue door, the bell is loud",
        }


def own_order(currency: str, *, is_advance: bool, at: datetime) -> OrderDetails:
    """Return the details of a dinner that was ordered at the restaurant itself.

    With `is_advance` it is to be collected at the same time tomorrow; otherwise it is to be delivered now.
    """
    cheese = LineOption(name="Extra mozzarella", minor=150)
    lines = (
        _own_line("Margherita", 2, at, cheese),
        _own_line("Insalata mista", 1, at),
        _own_line("San Pellegrino 0.75 l", 1, at),
    )
    items = sum(line.quantity * line.unit_minor for line in lines)
    delivery = 0 if is_advance else 290
    return OrderDetails(
        placed_at=at,
        currency=currency,
        bill=Bill(items=items, delivery=delivery, charged=items + delivery),
        fulfilment=Fulfilment.COLLECTION if is_advance else Fulfilment.DELIVERY,
        short_code=f"B{int(at.timestamp()) % 1000:03}",
        is_advance=is_advance,
        requested_for=_at_five_minutes(at + timedelta(days=1)) if is_advance else None,
        payment="Cash",
        address=None if is_advance else "38 Sample Street, Dublin 8",
        lines=lines,
    )


def _own_line(dish: str, quantity: int, at: datetime, *options: LineOption) -> LineDetails:
    section, price = PRICES[dish]
    unit = round(price * 100) + sum(option["minor"] for option in options)
    return LineDetails(dish, quantity, unit, section=section, options=options, ref=new_id(at))


def _at_five_minutes(moment: datetime) -> datetime:
    return moment.replace(minute=moment.minute // 5 * 5, second=0, microsecond=0)
