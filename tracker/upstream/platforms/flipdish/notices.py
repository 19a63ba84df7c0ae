"""Flipdish's order webhooks: from the bytes of one notice to what it means in our words.

A real delivery wraps the event in {"Type", "CreateTime", "Body"}; the documentation shows the event alone. Both are
taken, and mean the same (https://developers.flipdish.com/docs/order-webhook-events).
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from tracker.orders.reports import OrderDetails
from tracker.upstream.json_reader import Given, parse_json_object
from tracker.upstream.platform_events import Happening, NotUnderstood, Placed, Rated, TipChanged, Understood
from tracker.upstream.platforms.flipdish.events import TOLD_BY, Event, happenings_of
from tracker.upstream.platforms.flipdish.order import currency_of, order_details, person_of

_T = TypeVar("_T")


def understand(raw: bytes, *, currency: str) -> Understood:
    """What the notice means. Amounts are in the order's own currency, else in `currency` (ISO 4217), the restaurant's.

    An event that we don't know, and one whose envelope names another event than its body, is understood as nothing:
    without happenings and details. Raises NotUnderstood for what is no Flipdish notice at all.
    """
    try:
        return _understand(parse_json_object(raw), currency)
    except RecursionError:
        raise NotUnderstood("The body is nested too deeply.") from None


def _understand(root: Given, currency: str) -> Understood:
    envelope, given = _opened(root)
    announced = envelope.text("Type", 100)
    name = given.text("EventName", 100) or announced
    if name is None:
        given.refuse("EventName", "is missing")
    if name not in TOLD_BY or announced not in (None, name):
        return _set_aside(name, envelope, given)

    order = given.part("Order")
    order_id = _order_id(given) or given.refuse("Order.OrderId", "is missing")
    event = Event(given, order, currency_of(order, currency))
    happenings = happenings_of(name, event)
    return Understood(
        event_name=name,
        source_id=_source_id(name, order_id, given),
        platform_order_id=order_id,
        told_at=_told_at(envelope, given),
        happenings=happenings,
        details=_details(event, order_id, happenings),
        person=person_of(order),
    )


def _opened(root: Given) -> tuple[Given, Given]:
    """The envelope (empty for a bare event) and the event."""
    body = root.fields.get("Body")
    if isinstance(body, str):
        return root, parse_json_object(body, "Body")
    return (root, Given(body)) if isinstance(body, dict) else (Given({}), root)


def _set_aside(name: str, envelope: Given, given: Given) -> Understood:
    # It goes by its content, not by the id that it carries: one whose envelope contradicts its event must not use up
    # the identity of the right one, which may still come.
    order_id = _if_readable(lambda: _order_id(given))
    announced = envelope.text("Type", 100)
    contradiction = announced if announced != name else None
    return Understood(
        event_name=name,
        source_id=_content_hash([name, order_id, contradiction, given.fields]),
        platform_order_id=order_id,
        told_at=_if_readable(lambda: _told_at(envelope, given)),
    )


def _if_readable(read: Callable[[], _T]) -> _T | None:
    # An event that we don't know may use our names for other things. To refuse it would have it sent for a whole day.
    try:
        return read()
    except NotUnderstood:
        return None


def _order_id(given: Given) -> str | None:
    for part in (given.part("Order"), given):
        number = part.whole("OrderId", below=2**63)
        if number is not None and number < 1:
            part.refuse("OrderId", "is not the number of an order")
        if number:
            return str(number)
    return None


def _told_at(envelope: Given, given: Given) -> datetime | None:
    return given.moment("CreateTime") or envelope.moment("CreateTime")


def _source_id(name: str, order_id: str | None, given: Given) -> str:
    value = given.fields.get("FlipdishEventId")
    try:
        guid = UUID(value if isinstance(value, str) else "")
    except ValueError:
        guid = UUID(int=0)
    if guid.int:
        return str(guid)
    # Samples and tests carry a guid of zeros; taken for an identity, all of them but the first would be duplicates.
    return _content_hash([name, order_id, given.fields])


def _content_hash(content: list[object]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _details(event: Event, order_id: str, happenings: tuple[Happening, ...]) -> OrderDetails | None:
    # An order that comes with its number alone is named, not described: taken for a description, it would empty
    # everything that we know of the order. Only a new order may be as bare as that.
    is_bare = event.order.fields.get("OrderItems") is None and event.order.fields.get("Amount") is None
    if not event.order or (is_bare and Placed() not in happenings):
        return None
    details = _with_news(order_details(event.order, order_id, event.currency), happenings)
    return replace(details, is_bare=True) if is_bare else details


def _with_news(details: OrderDetails, happenings: tuple[Happening, ...]) -> OrderDetails:
    """The picture of the order, put right by an event that is newer than it."""
    for happening in happenings:
        if isinstance(happening, TipChanged):
            return replace(details, bill=replace(details.bill, tip=happening.minor))
        if isinstance(happening, Rated):
            return replace(details, rating=happening.rating)
    return details
