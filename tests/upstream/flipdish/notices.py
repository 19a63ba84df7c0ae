"""Flipdish notices to test with: the documented ones of tests/upstream/flipdish/seeds, and what is made from them."""

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
    """The documented notice of that name, to be changed at will."""
    return deepcopy(_seed(name))


def an_event(name: str = "order.created", *, order: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """The documented order in an event of any name, with some of its fields, and of the order's, put otherwise."""
    event = the_seed("order.created") | {"EventName": name} | fields
    event["Order"] |= order or {}
    return event


def wrapped(event: dict[str, Any], **envelope: Any) -> dict[str, Any]:
    """The event as a real delivery carries it."""
    return {"Type": event["EventName"], "CreateTime": SENT, "Body": event} | envelope


def parsed_notice(notice: Any, *, currency: str = "EUR") -> ParsedNotice:
    """What we make of the notice; whatever is no bytes yet is sent as JSON."""
    return parse_notice(notice if isinstance(notice, bytes) else json.dumps(notice).encode(), currency=currency)


def details(**order: Any) -> OrderDetails | None:
    """What we know of the documented order with some of its fields put otherwise."""
    return parsed_notice(an_event(order=order)).details
