"""A comparable snapshot of an order, equal for two sites that know the same facts, in whichever order they came.

What may differ, and why:
- ids, and `ref`, which is made from them; `version` and the numbers of events, because a site numbers facts in the
  order in which it learns them; the times of learning and publishing; `came_late`, which states exactly that;
- how often "the order was changed", "the promised time moved" and "something is known better" are in the history: a
  platform sends states, not changes, and of two states that come in the wrong order only the newer one is a change. But
  the moves of the promised time have to fit together and lead to the time that is promised now;
- the tip "from" which it changed: it is what was known at that time, and is shown nowhere.
"""

from collections import Counter
from datetime import datetime
from typing import Any

from tracker.orders.event_details import PromiseMoved
from tracker.orders.model import Order, OrderEvent
from tracker.orders.states import OrderEventKind
from tracker.web.customer.order_view import OrderPage

PAGE_SECONDS = 6 * 3600
"""The time at which all pages are rendered, in seconds since the evening began; one moment, because pages show relative
times."""
_NOT_COMPARED = {"id", "version", "restaurant_id", "customer_id", "platform_account_id"}
_DEPENDS_ON_ARRIVAL = {OrderEventKind.CONTENTS_CHANGED, OrderEventKind.PROMISE_MOVED, OrderEventKind.CORRECTED}
_ONCE = {
    OrderEventKind.PLACED,
    OrderEventKind.CONFIRMED,
    OrderEventKind.COMPLETED,
    OrderEventKind.REJECTED,
    OrderEventKind.CANCELLED,
}
_COMPARED_DETAILS = {
    OrderEventKind.PROGRESSED: ("status", "step"),
    OrderEventKind.COMPLETED: ("status",),
    OrderEventKind.REJECTED: ("reason",),
    OrderEventKind.REFUNDED: ("minor",),
    OrderEventKind.TIP_CHANGED: ("minor",),
    OrderEventKind.RATED: ("rating",),
}

Snapshot = dict[str, Any]


def snapshot(order: Order, now: datetime) -> Snapshot:
    """Return all stored values of the order and all that its customer sees, without what may differ."""
    columns = {column.key: getattr(order, column.key) for column in Order.__mapper__.column_attrs}
    compared = {key: value for key, value in columns.items() if key not in _NOT_COMPARED}
    return compared | {
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
        **_shown(OrderPage(order, now)),
    }


def differences(found: Snapshot, expected: Snapshot) -> list[str]:
    """Return a sentence for each difference."""
    names = sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))
    return [f"{name}: {_contrast(found.get(name), expected.get(name))}" for name in names]


def _contrast(found: Any, expected: Any) -> str:
    if isinstance(found, list) and isinstance(expected, list):
        counts, wanted = Counter(map(repr, found)), Counter(map(repr, expected))
        return f"unexpected: {[*(counts - wanted).elements()]}, missing: {[*(wanted - counts).elements()]}"
    if isinstance(found, dict) and isinstance(expected, dict):
        names = [name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name)]
        return "; ".join(f"{name} is {found.get(name)!r}, not {expected.get(name)!r}" for name in names)
    return f"{found!r}, not {expected!r}"


def history_flaws(order: Order) -> list[str]:
    """Return what is wrong with the history by itself."""
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
    starts, ends = [each.before for each in details], [each.after for each in details]
    promised = order.promised_at
    # A promise that was taken back may be made again, and that is no move.
    if all(to in (None, then) for to, then in zip(ends, [*starts[1:], promised], strict=False)):
        return []
    return [f"the promised time moved from {starts} to {ends}, but {promised} is promised"]


def _entry(event: OrderEvent) -> tuple[Any, ...]:
    details = tuple(str(getattr(event.details, name)) for name in _COMPARED_DETAILS.get(event.kind, ()))
    return (event.kind.value, event.by.value, event.at, details)


def _shown(page: OrderPage) -> Snapshot:
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
