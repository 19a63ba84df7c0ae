"""Translate the order in a notice of Flipdish into OrderDetails.

The contract is that of the order webhooks (https://developers.flipdish.com/docs/order-webhook-events) with the fields
that were added later. Fields that no page shows are never read: phone numbers, coordinates, staff, descriptions.
"""

import re
from dataclasses import replace
from functools import lru_cache
from zoneinfo import ZoneInfo

from tzlocal.windows_tz import win_tz

from tracker.orders.bill import Bill, LineOption
from tracker.orders.progress import Fulfilment
from tracker.orders.reports import LineDetails, OrderDetails
from tracker.upstream.json_reader import JsonReader, clean_text
from tracker.upstream.platform_events import PlatformPerson
from tracker.upstream.platforms.flipdish.vocabulary import humanise, payment_label

_CURRENCY = re.compile(r"[A-Z]{3}")


def currency_of(order: JsonReader, default: str) -> str:
    """Return the currency (ISO 4217) of the order's amounts; `default` if the order names none."""
    code = (order.object("Store").text("Currency", 10) or "").upper()
    return code if _CURRENCY.fullmatch(code) else default


def order_details(order: JsonReader, order_id: str, currency: str) -> OrderDetails:
    """Translate the whole order; its amounts are in `currency`. Raises InvalidPayload for a field of a wrong type."""
    lines = _lines(order, currency)
    fulfilment = fulfilment_of(order)
    is_delivery = fulfilment is Fulfilment.DELIVERY
    return OrderDetails(
        placed_at=order.timestamp("PlacedTime"),
        currency=currency,
        bill=_bill(order, lines, currency),
        fulfilment=fulfilment,
        short_code=order.text("LocalOrderId", 40) or order.text("ChannelOrderDisplayId", 40) or order_id,
        is_advance=order.boolean("IsPreOrder"),
        table_name=_table_name(order) if fulfilment is Fulfilment.TABLE else None,
        zone=_zone(order.object("Store")),
        requested_for=order.timestamp("RequestedForTime"),
        promised_at=order.timestamp("AcceptedFor"),
        voucher=order.object("Voucher").text("Name", 200) or order.object("Voucher").text("Code", 200),
        payment=_payment(order),
        rating=order.integer("UserRating"),
        note=order.text("ChefNote", 1000),
        address=_address(order.object("DeliveryLocation")) if is_delivery else None,
        address_note=order.object("DeliveryLocation").text("DeliveryInstructions", 500) if is_delivery else None,
        refunded_minor=order.minor("RefundedAmount", currency),
        lines=lines,
    )


def parse_person(order: JsonReader) -> PlatformPerson | None:
    """Return the person who ordered, or None if the order has no customer id.

    An invalid e-mail address is left out, because nobody could sign in with it.
    """
    customer = order.object("Customer")
    number = customer.integer("Id", below=2**63)
    if not number or number < 1:
        return None
    return PlatformPerson(str(number), customer.email("EmailAddress"), customer.text("Name", 200))


def fulfilment_of(order: JsonReader) -> Fulfilment:
    """Return how the food reaches the customer. `PickupLocationType` is set for deliveries too, but is meaningless."""
    if order.text("DeliveryType", 50) == "Delivery":
        return Fulfilment.DELIVERY
    at_table = order.text("PickupLocationType", 50) in {"TableService", "DineIn"}
    return Fulfilment.TABLE if at_table else Fulfilment.COLLECTION


def _bill(order: JsonReader, lines: tuple[LineDetails, ...], currency: str) -> Bill:
    def amount(name: str, source: JsonReader = order) -> int:
        return source.minor(name, currency) or 0

    items = order.minor("OrderItemsAmount", currency)
    bill = Bill(
        items=sum(line.unit_minor * line.quantity for line in lines) if items is None else items,
        delivery=amount("DeliveryAmount"),
        service=amount("ServiceChargeAmount"),
        # With a card, the customer pays this fee to Flipdish on top of `Amount`; with cash, `Amount` includes it.
        fee=amount("ProcessingFee") if order.text("PaymentAccountType", 50) == "Cash" else 0,
        discount=amount("Amount", order.object("Voucher")),
        tip=amount("TipAmount"),
    )
    total = order.minor("Amount", currency)
    return replace(bill, charged=-bill.other if total is None else total - bill.tip)


def _lines(order: JsonReader, currency: str) -> tuple[LineDetails, ...]:
    # Flipdish sends three equal pizzas as three items, and items have no ids, so equal items become one line.
    groups: dict[str, LineDetails] = {}
    for item in sorted(order.objects("OrderItems"), key=_item_sort_key):
        line = _line(item, currency)
        key = line.key
        groups[key] = replace(line, quantity=groups[key].quantity + 1) if key in groups else line
    return tuple(groups.values())


def _line(item: JsonReader, currency: str) -> LineDetails:
    choices = sorted(item.objects("OrderItemOptions"), key=_option_sort_key)
    prices = [choice.minor("Price", currency) or 0 for choice in choices]
    unit = item.minor("PriceIncludingOptionSetItems", currency)
    return LineDetails(
        name=item.text("Name", 300) or "Item",
        quantity=1,
        unit_minor=(item.minor("Price", currency) or 0) + sum(prices) if unit is None else unit,
        section=item.text("MenuSectionName", 200),
        options=tuple(
            LineOption(name=name, minor=minor)
            for choice, minor in zip(choices, prices, strict=True)
            if (name := choice.text("Name", 200))
        ),
    )


def _item_sort_key(item: JsonReader) -> tuple[int, int]:
    return item.integer("MenuSectionDisplayOrder") or 0, item.integer("MenuItemDisplayOrder") or 0


def _option_sort_key(choice: JsonReader) -> tuple[bool, int, int]:
    return (
        not choice.boolean("IsMasterOptionSetItem"),
        choice.integer("MenuItemOptionSetDisplayOrder") or 0,
        choice.integer("MenuItemOptionDisplayOrder") or 0,
    )


def _table_name(order: JsonReader) -> str | None:
    name = order.text("DropOffLocation", 80) or order.object("OrderDropOffLocation").text("LocationName", 80)
    kind = order.text("TableServiceCatagory", 50)  # spelt so by Flipdish
    if name and name[0].isdigit() and kind and kind != "Generic":
        return clean_text(f"{humanise(kind)} {name}", 100)
    return name


def _payment(order: JsonReader) -> str | None:
    if description := order.text("PaymentAccountDescription", 100):
        return description
    account = order.text("PaymentAccountType", 50)
    return payment_label(account) if account else None


def _address(place: JsonReader) -> str | None:
    if whole_address := place.text("PrettyAddressString", 500):
        return whole_address
    street = " ".join(filter(None, (place.text("Building", 100), place.text("Street", 150))))
    parts = (street, place.text("Town", 100), place.text("PostCode", 40))
    return ", ".join(part for part in parts if part) or None


def _zone(store: JsonReader) -> str | None:
    iana = store.exact_text("StoreIanaTimezone")
    if iana and len(iana) <= 64 and _is_zone(iana):  # longer names would only fill the cache of _is_zone
        return iana
    return win_tz.get(store.exact_text("StoreTimezone") or "")


@lru_cache(maxsize=256)
def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, LookupError, OSError):  # unknown, a path, a folder, or too long a name
        return False
    return True
