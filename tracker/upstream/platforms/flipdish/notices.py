"""Parse the bytes of one order webhook of Flipdish.

Flipdish wraps the event in an envelope {"Type", "CreateTime", "Body"}, but its documentation shows the event alone
(https://developers.flipdish.com/docs/order-webhook-events). Both forms are accepted and mean the same.
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
    """Parse a notice. Amounts are in the order's currency, otherwise in `currency` (ISO 4217), the restaurant's.

    An unknown event, or one whose envelope names another event than its body, results in a notice without platform
    events and details. Raises InvalidPayload for a body that is no notice of Flipdish.
    """
    try:
        return _parse_notice(parse_json_object(raw), currency)
    except RecursionError:
        raise InvalidPayload("The body is nested too deeply.") from None


def _parse_notice(root: JsonReader, currency: str) -> ParsedNotice:
    envelope, reader = _unwrap(root)
    envelope_name = envelope.text("Type", 100)
    name = reader.text("EventName", 100) or envelope_name
    if name is None:
        reader.refuse("EventName", "is missing")
    if name not in EVENT_PARSERS or envelope_name not in (None, name):
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
    """Return the envelope (empty for an event without one) and the event."""
    body = root.fields.get("Body")
    if isinstance(body, str):
        return root, parse_json_object(body, "Body")
    return (root, JsonReader(body)) if isinstance(body, dict) else (JsonReader({}), root)


def _set_aside(name: str, envelope: JsonReader, reader: JsonReader) -> ParsedNotice:
    # The source id is a hash of the content, not the event's id: a notice whose envelope contradicts its event must not
    # take the id of the correct notice, which may arrive later and would then count as a duplicate.
    order_id = _none_if_invalid(lambda: _order_id(reader))
    envelope_name = envelope.text("Type", 100)
    contradiction = envelope_name if envelope_name != name else None
    return ParsedNotice(
        event_name=name,
        source_id=_content_hash([name, order_id, contradiction, reader.fields]),
        platform_order_id=order_id,
        sent_at=_none_if_invalid(lambda: _sent_at(envelope, reader)),
    )


def _none_if_invalid(read: Callable[[], _T]) -> _T | None:
    # An unknown event may use the names of these fields for other things. If we refused it, Flipdish would send it
    # again for a whole day.
    try:
        return read()
    except InvalidPayload:
        return None


def _order_id(reader: JsonReader) -> str | None:
    for source in (reader.object("Order"), reader):
        number = source.integer("OrderId", below=2**63)
        if number is not None and number < 1:
            source.refuse("OrderId", "is not the number of an order")
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
    # Samples and test events have a GUID of zeros. If it were used as the id, all but the first would be duplicates.
    return _content_hash([name, order_id, reader.fields])


def _content_hash(content: list[object]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _details(event: Event, order_id: str, platform_events: tuple[PlatformEvent, ...]) -> OrderDetails | None:
    # An order with nothing but its number is a reference, not a description. If it were taken as a description, it
    # would empty everything that we know of the order. Only a new order may come without lines and amount.
    is_reference_only = event.order.fields.get("OrderItems") is None and event.order.fields.get("Amount") is None
    if not event.order or (is_reference_only and Placed() not in platform_events):
        return None
    details = _apply_event_values(order_details(event.order, order_id, event.currency), platform_events)
    return replace(details, is_reference_only=True) if is_reference_only else details


def _apply_event_values(details: OrderDetails, platform_events: tuple[PlatformEvent, ...]) -> OrderDetails:
    """Return the details with the tip or rating of the event, which is newer than the order in the same notice."""
    for platform_event in platform_events:
        if isinstance(platform_event, TipChanged):
            return replace(details, bill=replace(details.bill, tip=platform_event.minor))
        if isinstance(platform_event, Rated):
            return replace(details, rating=platform_event.rating)
    return details
