"""What was ordered beside what there is now: both counts of every line, from two descriptions of the order."""

import hashlib
from collections.abc import Iterable

from tracker.orders.event_details import LineChange
from tracker.orders.model import Order
from tracker.orders.order_line import OrderLine
from tracker.orders.reports import LineDetails

REMOVED_LINE_POSITION = 10_000
"""The position of what was removed: after all that there is, by name."""
MAX_LINE_CHANGES = 10
"""Of one change of an order, so many lines are kept with what happened; more than anybody is told by name."""

Counts = dict[str, tuple[str, int]]


def set_line_counts(
    order: Order, lines: Iterable[LineDetails], *, as_ordered: bool = False, as_now: bool = False
) -> None:
    """Set how many of each line were ordered, or are part of the order now, or both, from one description of it.

    A line that the description lacks counts nothing; one that neither count knows any more is forgotten.
    """
    known = {line.ref: line for line in order.lines}
    for line in known.values():
        line.ordered = 0 if as_ordered else line.ordered
        line.quantity = 0 if as_now else line.quantity
    for position, details in enumerate(lines):
        ref = line_ref(order, details)
        if ref not in known:
            ordered = details.quantity if as_ordered else 0
            quantity = details.quantity if as_now else 0
            order.lines.append(_line(ref, details, ordered, quantity, position if quantity else REMOVED_LINE_POSITION))
            continue
        line = known[ref]
        if as_ordered:
            line.ordered = details.quantity
        if as_now:
            line.quantity = 0 if line.is_left_out else details.quantity
            line.position = position
    for line in known.values():
        line.position = line.position if line.quantity else REMOVED_LINE_POSITION
    if not all(line.ordered or line.quantity for line in order.lines):
        order.lines[:] = [line for line in order.lines if line.ordered or line.quantity]


def line_ref(order: Order, details: LineDetails) -> str:
    """The ordered item's id: always the same for the same thing in the same order, and telling nothing."""
    return details.ref or hashlib.sha256(f"{order.id}|{details.key}".encode()).hexdigest()[:24]


def line_counts(order: Order) -> Counts:
    """How many there are now of each line, by its ref and with its name."""
    return {line.ref: (line.name, line.quantity) for line in order.lines}


def line_changes(before: Counts, after: Counts) -> tuple[LineChange, ...]:
    """The lines of which there are more or fewer now, the first few; those of which there are fewer come first."""
    changes = [
        LineChange(name=name, before=before.get(ref, ("", 0))[1], after=after.get(ref, ("", 0))[1])
        for ref, (name, _) in (before | after).items()
    ]
    changed = [change for change in changes if change.before != change.after]
    return tuple(sorted(changed, key=lambda change: change.after > change.before)[:MAX_LINE_CHANGES])


def line_snapshot(order: Order) -> list[tuple[str, int, int]]:
    """The lines as far as a reader could tell a difference."""
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
