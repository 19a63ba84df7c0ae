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
from tracker.upstream.json_reader import JsonReader, parse_json_object
from tracker.upstream.platform_events import InvalidPayload, ParsedNotice, Placed, PlatformEvent, Rated, TipChanged
from tracker.upstream.platforms.flipdish.events import EVENT_PARSERS, Event, parse_platform_events
from tracker.upstream.platforms.flipdish.order import currency_of, order_details, parse_person

_T = TypeVar("_T")


def parse_notice(raw: bytes, *, currency: str) -> ParsedNotice:
    """What the notice means. Amounts are in the order's own currency, else in `currency` (ISO 4217), the restaurant's.

    An event that we don't know, and one whose envelope names another event than its body, is understood as nothing:
    without platform_events and details. Raises InvalidPayload for what is no Flipdish notice at all.
    """
    try:
        return _parse_notice(parse_json_object(raw), currency)
    except RecursionError:
        raise InvalidPayload("The body is nested too deeply.") from None


def _parse_notice(root: JsonReader, currency: str) -> ParsedNotice:
    envelope, reader = _unwrap(root)
    announced = envelope.text("Type", 100)
    name = reader.text("EventName", 100) or announced
    if name is None:
        reader.refuse("EventName", "is missing")
    if name not in EVENT_PARSERS or announced not in (None, name):
        return _set_aside(name, envelope, reader)

    order = reader.object("Order")
    order_id = _order_id(reader) or reader.refuse("Order.OrderId", "is missing")
    event = Event(reader, order, currency_of(order, currency))
    platform_events = parse_platform_events(name, event)
    return ParsedNotice(
        event_name=name,
        source_id=_source_id(name, order_id, reader),
        platform_order_id=order_id,
        sent_at=_sent_at(envelope, reader),
        platform_events=platform_events,
        details=_details(event, order_id, platform_events),
        person=parse_person(order),
    )


def _unwrap(root: JsonReader) -> tuple[JsonReader, JsonReader]:
    """The envelope (empty for a bare event) and the event."""
    body = root.fields.get("Body")
    if isinstance(body, str):
        return root, parse_json_object(body, "Body")
    return (root, JsonReader(body)) if isinstance(body, dict) else (JsonReader({}), root)


def _set_aside(name: str, envelope: JsonReader, reader: JsonReader) -> ParsedNotice:
    # It goes by its content, not by the id that it carries: one whose envelope contradicts its event must not use up
    # the identity of the right one, which may still come.
    order_id = _none_if_invalid(lambda: _order_id(reader))
    announced = envelope.text("Type", 100)
    contradiction = announced if announced != name else None
    return ParsedNotice(
        event_name=name,
        source_id=_content_hash([name, order_id, contradiction, reader.fields]),
        platform_order_id=order_id,
        sent_at=_none_if_invalid(lambda: _sent_at(envelope, reader)),
    )


def _none_if_invalid(read: Callable[[], _T]) -> _T | None:
    # An event that we don't know may use our names for other things. To refuse it would have it sent for a whole day.
    try:
        return read()
    except InvalidPayload:
        return None


def _order_id(reader: JsonReader) -> str | None:
    for part in (reader.object("Order"), reader):
        number = part.integer("OrderId", below=2**63)
        if number is not None and number < 1:
            part.refuse("OrderId", "is not the number of an order")
        if number:
            return str(number)
    return None


def _sent_at(envelope: JsonReader, reader: JsonReader) -> datetime | None:
    return reader.timestamp("CreateTime") or envelope.timestamp("CreateTime")


def _source_id(name: str, order_id: str | None, reader: JsonReader) -> str:
    value = reader.fields.get("FlipdishEventId")
    try:
        guid = UUID(value if isinstance(value, str) else "")
    except ValueError:
        guid = UUID(int=0)
    if guid.int:
        return str(guid)
    # Samples and tests carry a guid of zeros; taken for an identity, all of them but the first would be duplicates.
    return _content_hash([name, order_id, reader.fields])


def _content_hash(content: list[object]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _details(event: Event, order_id: str, platform_events: tuple[PlatformEvent, ...]) -> OrderDetails | None:
    # An order that comes with its number alone is named, not described: taken for a description, it would empty
    # everything that we know of the order. Only a new order may be as bare as that.
    is_reference_only = event.order.fields.get("OrderItems") is None and event.order.fields.get("Amount") is None
    if not event.order or (is_reference_only and Placed() not in platform_events):
        return None
    details = _apply_event_values(order_details(event.order, order_id, event.currency), platform_events)
    return replace(details, is_reference_only=True) if is_reference_only else details


def _apply_event_values(details: OrderDetails, platform_events: tuple[PlatformEvent, ...]) -> OrderDetails:
    """The picture of the order, put right by an event that is newer than it."""
    for platform_event in platform_events:
        if isinstance(platform_event, TipChanged):
            return replace(details, bill=replace(details.bill, tip=platform_event.minor))
        if isinstance(platform_event, Rated):
            return replace(details, rating=platform_event.rating)
    return details
