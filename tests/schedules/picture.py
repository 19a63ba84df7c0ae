"""An order as everybody can see it, made comparable: the same for two sites that know the same, however they learnt it.

What may differ, and why:
- ids, and `ref`, which is made from them; `version` and the numbers of events, for a site numbers what it learns in the
  order in which it learns it; when it learnt and published it; `came_late`, which says just that;
- how often "the order was changed", "the promised time moved" and "something is known better" are in the history: a
  platform sends pictures, not changes, and of two pictures that come the wrong way round only the newer is a change.
  But what the moves say has to fit together and lead to the time that is promised now;
- the tip "from" which it changed: it is told as it was known, and shown nowhere.
"""

from collections import Counter
from datetime import datetime
from typing import Any

from tracker.orders.event_details import PromiseMoved
from tracker.orders.model import Order, OrderEvent
from tracker.orders.states import OrderEventKind
from tracker.web.customer.order_view import OrderPage

PAGE_SECONDS = 6 * 3600
"""When pages are looked at, in seconds after the evening began: all at one moment, for a page tells how long ago."""
_NOT_COMPARED = {"id", "version", "restaurant_id", "customer_id", "platform_account_id"}
_DEPENDS_ON_ARRIVAL = {OrderEventKind.CONTENTS_CHANGED, OrderEventKind.PROMISE_MOVED, OrderEventKind.CORRECTED}
_ONCE = {
    OrderEventKind.PLACED,
    OrderEventKind.CONFIRMED,
    OrderEventKind.COMPLETED,
    OrderEventKind.REJECTED,
    OrderEventKind.CANCELLED,
}
_TOLD = {
    OrderEventKind.PROGRESSED: ("status", "step"),
    OrderEventKind.COMPLETED: ("status",),
    OrderEventKind.REJECTED: ("reason",),
    OrderEventKind.REFUNDED: ("minor",),
    OrderEventKind.TIP_CHANGED: ("minor",),
    OrderEventKind.RATED: ("rating",),
}

Picture = dict[str, Any]


def picture(order: Order, now: datetime) -> Picture:
    """All that is kept of the order, and all that its customer sees, but what may differ."""
    columns = {column.key: getattr(order, column.key) for column in Order.__mapper__.column_attrs}
    kept = {key: value for key, value in columns.items() if key not in _NOT_COMPARED}
    return kept | {
        "bill": order.bill,
        "total": order.total,
        "refunded": order.refunded,
        "customer": (order.customer.email, order.customer.name) if order.customer else None,
        "lines": sorted(
            (
                str(line.section),
                line.name,
                line.unit_minor,
                str(line.options),
                line.ordered,
                line.quantity,
                line.position,
            )
            for line in order.lines
        ),
        "refunds": sorted((refund.ref, refund.minor, refund.at, refund.source_version) for refund in order.refunds),
        "history": sorted(_entry(event) for event in order.events if event.kind not in _DEPENDS_ON_ARRIVAL),
        **_seen(OrderPage(order, now)),
    }


def differences(found: Picture, right: Picture) -> list[str]:
    """In words, what differs."""
    names = sorted(name for name in found.keys() | right.keys() if found.get(name) != right.get(name))
    return [f"{name}: {_contrast(found.get(name), right.get(name))}" for name in names]


def _contrast(found: Any, right: Any) -> str:
    if isinstance(found, list) and isinstance(right, list):
        counts, wanted = Counter(map(repr, found)), Counter(map(repr, right))
        return f"too much: {[*(counts - wanted).elements()]}, missing: {[*(wanted - counts).elements()]}"
    if isinstance(found, dict) and isinstance(right, dict):
        names = [name for name in found.keys() | right.keys() if found.get(name) != right.get(name)]
        return "; ".join(f"{name} is {found.get(name)!r}, not {right.get(name)!r}" for name in names)
    return f"{found!r}, not {right!r}"


def flaws_of_history(order: Order) -> list[str]:
    """What can be wrong with a history by itself."""
    events = sorted(order.events, key=lambda event: event.number)
    numbers = [event.number for event in events]
    flaws = []
    if numbers != list(range(1, order.version + 1)):
        flaws.append(f"the numbers of its events are {numbers}, its version is {order.version}")
    flaws += [f"{kind} happened more than once" for kind in _ONCE if sum(event.kind is kind for event in events) > 1]
    flaws += _flaws_of_moves([event for event in events if event.kind is OrderEventKind.PROMISE_MOVED], order)
    flaws += [f"event {event.number} was not published" for event in events if event.published_at is None]
    return flaws


def _flaws_of_moves(moves: list[OrderEvent], order: Order) -> list[str]:
    details = [move.details for move in moves if isinstance(move.details, PromiseMoved)]
    starts, leads = [each.before for each in details], [each.after for each in details]
    promised = order.promised_at
    # A promise that was taken back may be made again; that is no move.
    if all(to in (None, then) for to, then in zip(leads, [*starts[1:], promised], strict=False)):
        return []
    return [f"the promised time moved from {starts} to {leads}, but {promised} is promised"]


def _entry(event: OrderEvent) -> tuple[Any, ...]:
    told = tuple(str(getattr(event.details, name)) for name in _TOLD.get(event.kind, ()))
    return (event.kind.value, event.by.value, event.at, told)


def _seen(page: OrderPage) -> Picture:
    when = page.when
    shown = (when.label, when.window, when.distance_text, when.is_promised, when.is_overdue) if when else None
    words = {"The order was changed", "The time moved", "The promised time was taken back", "The time is now"}
    return {
        "seen: headline": page.headline,
        "seen: mood": page.mood,
        "seen: reason": page.reason if page.order.was_rejected_or_cancelled else None,
        "seen: money": page.money_sentence if page.order.was_rejected_or_cancelled else None,
        "seen: when": shown,
        "seen: since": page.since,
        "seen: timeline": [] if page.order.was_rejected_or_cancelled else page.timeline,
        "seen: bill": page.bill,
        "seen: history": sorted(
            (entry.at, entry.text) for entry in page.history if not entry.text.startswith(tuple(words))
        ),
    }
