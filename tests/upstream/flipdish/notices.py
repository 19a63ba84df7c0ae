"""Flipdish notices for tests: the documented ones in tests/upstream/flipdish/seeds, and variations of them."""

import json
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

from tracker.orders.reports import OrderDetails
from tracker.upstream.platform_events import ParsedNotice
from tracker.upstream.platforms.flipdish.notices import parse_notice

SEEDS = sorted(path.stem for path in (Path(__file__).parent / "seeds").glob("*.json"))
SENT = "2020-11-01T10:00:00.000Z"


@lru_cache
def _seed(name: str) -> dict[str, Any]:
    return json.loads((Path(__file__).parent / "seeds" / f"{name}.json").read_bytes())


def the_seed(name: str) -> dict[str, Any]:
    """Return a copy of the documented notice with this event name, which the caller may change."""
    return deepcopy(_seed(name))


def an_event(name: str = "order.created", *, order: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """Return the documented order in an event of this name, with these fields of event and order replaced."""
    event = the_seed("order.created") | {"EventName": name} | fields
    event["Order"] |= order or {}
    return event


def wrapped(event: dict[str, Any], **envelope: Any) -> dict[str, Any]:
    """Return the event in the envelope in which Flipdish sends it."""
    return {"Type": event["EventName"], "CreateTime": SENT, "Body": event} | envelope


def parsed_notice(notice: Any, *, currency: str = "EUR") -> ParsedNotice:
    """Parse the notice. Anything but bytes is encoded as JSON first."""
    return parse_notice(notice if isinstance(notice, bytes) else json.dumps(notice).encode(), currency=currency)


def details(**order: Any) -> OrderDetails | None:
    """Return the parsed details of the documented order with these fields replaced."""
    return parsed_notice(an_event(order=order)).details
