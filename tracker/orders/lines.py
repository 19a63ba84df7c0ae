"""The two counts of every line: how many were ordered, and how many are part of the order now."""

import hashlib
from collections.abc import Iterable

from tracker.orders.event_details import LineChange
from tracker.orders.model import Order
from tracker.orders.order_line import OrderLine
from tracker.orders.reports import LineDetails

REMOVED_LINE_POSITION = 10_000
"""The sort position of removed lines: after all others, where they are sorted by name."""
MAX_LINE_CHANGES = 10
"""An event stores at most this many changed lines. The pages name fewer than that."""

Counts = dict[str, tuple[str, int]]


def set_line_counts(
    order: Order, lines: Iterable[LineDetails], *, as_ordered: bool = False, as_now: bool = False
) -> None:
    """Set the ordered quantity of each line, its quantity now, or both, from one description of the order.

    A line that is missing in the description gets the quantity 0. A line with both quantities 0 is deleted.
    """
    lines_by_ref = {line.ref: line for line in order.lines}
    for line in lines_by_ref.values():
        line.ordered = 0 if as_ordered else line.ordered
        line.quantity = 0 if as_now else line.quantity
    for position, details in enumerate(lines):
        ref = line_ref(order, details)
        if ref not in lines_by_ref:
            ordered = details.quantity if as_ordered else 0
            quantity = details.quantity if as_now else 0
            order.lines.append(_line(ref, details, ordered, quantity, position if quantity else REMOVED_LINE_POSITION))
            continue
        line = lines_by_ref[ref]
        if as_ordered:
            line.ordered = details.quantity
        if as_now:
            line.quantity = 0 if line.is_left_out else details.quantity
            line.position = position
    for line in lines_by_ref.values():
        line.position = line.position if line.quantity else REMOVED_LINE_POSITION
    if not all(line.ordered or line.quantity for line in order.lines):
        order.lines[:] = [line for line in order.lines if line.ordered or line.quantity]


def line_ref(order: Order, details: LineDetails) -> str:
    """Return the ordered item's id. It is stable for the same item of the same order and reveals no content."""
    return details.ref or hashlib.sha256(f"{order.id}|{details.key}".encode()).hexdigest()[:24]


def line_counts(order: Order) -> Counts:
    """Return the name and present quantity of each line, by its ref."""
    return {line.ref: (line.name, line.quantity) for line in order.lines}


def line_changes(before: Counts, after: Counts) -> tuple[LineChange, ...]:
    """Return the lines whose quantity changed: reduced ones first, and at most MAX_LINE_CHANGES."""
    changes = [
        LineChange(name=name, before=before.get(ref, ("", 0))[1], after=after.get(ref, ("", 0))[1])
        for ref, (name, _) in (before | after).items()
    ]
    changed = [change for change in changes if change.before != change.after]
    return tuple(sorted(changed, key=lambda change: change.after > change.before)[:MAX_LINE_CHANGES])


def line_snapshot(order: Order) -> list[tuple[str, int, int]]:
    """Return what a reader can see of the lines, to compare it with a later state."""
    return sorted((line.ref, line.ordered, line.quantity) for line in order.lines)


def _line(ref: str, details: LineDetails, ordered: int, quantity: int, position: int) -> OrderLine:
    return OrderLine(
        ref=ref,
        position=position,
        section=details.section,
        name=details.name,
        ordered=ordered,
        quantity=quantity,
        unit_minor=details.unit_minor,
        options=list(details.options),
        is_left_out=False,
        options_left_out=[],
    )
