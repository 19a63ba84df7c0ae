"""Validating, pricing, applying and ending adjustments. An adjustment ends only once."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tracker.orders.adjustment import Adjustment
from tracker.orders.event_details import AdjustmentAccepted
from tracker.orders.events import record_event
from tracker.orders.lines import line_changes, line_counts
from tracker.orders.model import Order, OrderEvent
from tracker.orders.order_line import OrderLine
from tracker.orders.progress import Step
from tracker.orders.refusals import NothingChanged, NothingLeft, Unknown
from tracker.orders.states import Actor, AdjustmentState, OrderState


@dataclass(frozen=True, slots=True)
class ProposedChange:
    """A change that a restaurant wants to propose: a new time, lines and options to leave out, and the reason."""

    promised_at: datetime | None = None
    lines: tuple[str, ...] = ()
    """The refs of the lines to leave out."""
    options: tuple[str, ...] = ()
    """The names of the options to leave out of every line that has them: whole, or only the part after "Group: "."""
    reason: str | None = None


def validate_change(order: Order, change: ProposedChange) -> ProposedChange:
    """Return the change with each line and option named once and as the order names them.

    Raise Unknown for lines and options that the order does not have, NothingLeft if no line would remain, and
    NothingChanged if the order would stay as it is.
    """
    refs = {line.ref for line in order.lines if not line.is_removed}
    unknown = [ref for ref in change.lines if ref not in refs]
    if unknown:
        raise Unknown(f"This order has no line {unknown[0]}, or no longer.")
    remaining = [line for line in order.lines if not line.is_removed and line.ref not in change.lines]
    if refs and not remaining:
        raise NothingLeft("Nothing would be left of this order. Reject it instead.")
    options = [name for option in change.options for name in _option_names(remaining, option)]
    change = replace(change, lines=tuple(dict.fromkeys(change.lines)), options=tuple(dict.fromkeys(options)))
    if not (change.lines or change.options or (change.promised_at and change.promised_at != order.promised_at)):
        raise NothingChanged("This would change nothing of the order. Confirm it instead.")
    return change


def total_difference(order: Order, change: ProposedChange) -> int | None:
    """Return the amount that the change adds to the total, in minor units. Return None if it cannot be calculated.

    It cannot be calculated for an order of a platform, for an order with a discount (the value of a voucher for a
    smaller order is unknown), and if the options of a line are priced higher than the line with them.
    """
    if not (change.lines or change.options):
        return 0
    if not order.is_own or order.bill.discount:
        return None
    left_out = list(_options_left_out(order, change))
    if any(minor > line.unit_minor for line, minor in left_out):
        return None
    removed = sum(line.quantity * line.unit_minor for line in order.lines if line.ref in change.lines)
    return -removed - sum(line.quantity * minor for line, minor in left_out)


def apply(order: Order, adjustment: Adjustment) -> None:
    """Change the order's lines, options, bill and promised time as the adjustment proposes."""
    change = ProposedChange(lines=tuple(adjustment.lines), options=tuple(adjustment.options))
    changes_total = total_difference(order, change)
    for line, minor in list(_options_left_out(order, change)):
        line.unit_minor -= minor if order.is_own and minor <= line.unit_minor else 0
        names = [name for name in change.options if has_option(line, name)]
        line.options_left_out = [*line.options_left_out, *names]
    for line in order.lines:
        if line.ref in change.lines:
            line.quantity, line.is_left_out = 0, True
    if changes_total:
        bill = order.bill
        order.bill = replace(bill, items=bill.items + changes_total, charged=bill.charged + changes_total)
    if changes_total is None:
        order.uncounted_charged_minor = order.bill.charged
    set_promised_at(order, adjustment.promised_at)


def accept(order: Order, adjustment: Adjustment, state: AdjustmentState, *, by: Actor, now: datetime) -> OrderEvent:
    """Confirm the order as adjusted, because its customer agrees or has not answered in time. Return the event."""
    counts, total = line_counts(order), order.bill.total
    apply(order, adjustment)
    end(adjustment, state, by=by, now=now)
    order.state, order.confirmed_at = OrderState.CONFIRMED, order.confirmed_at or now
    order.step = Step.CONFIRMED if order.step is Step.PLACED else order.step
    details = AdjustmentAccepted(
        adjustment=adjustment.number,
        lines=line_changes(counts, line_counts(order)),
        total_from=total,
        total_to=order.bill.total,
    )
    return record_event(order, details, by=by, at=now, now=now)


def end(adjustment: Adjustment, state: AdjustmentState, *, by: Actor, now: datetime) -> None:
    """End the adjustment in this state. Do nothing if it has ended already."""
    if adjustment.state is AdjustmentState.OPEN:
        adjustment.state, adjustment.ended_at, adjustment.ended_by = state, now, by


def withdraw_open_adjustment(order: Order, *, by: Actor, now: datetime) -> None:
    """Withdraw the adjustment that waits for the customer's answer, if there is one."""
    for adjustment in order.adjustments:
        end(adjustment, AdjustmentState.WITHDRAWN, by=by, now=now)


def set_promised_at(order: Order, promised_at: datetime | None) -> None:
    """Set the time that the restaurant promises.

    If `promised_at` is None, the earlier promise stays; an advance order without one is promised for the time that the
    customer asked for. The time that the platform has promised is stored separately: the platform does not know the
    restaurant's promise, so a platform that only repeats its own time must not overwrite it.
    """
    promised_at = promised_at or order.promised_at or (order.requested_for if order.is_advance else None)
    if promised_at != order.promised_at:
        if not order.is_promise_own:
            order.is_promise_own, order.platform_promised_at = True, order.promised_at
        order.promised_at = promised_at


def minutes_until(promised_at: datetime, now: datetime) -> int:
    """Return the time until then in whole minutes, at least 1."""
    return max(1, round((promised_at - now) / timedelta(minutes=1)))


def has_option(line: OrderLine, name: str) -> bool:
    """Return whether the line has this option and no adjustment has left it out."""
    return any(option["name"] == name for option in line.options) and name not in line.options_left_out


def _option_names(lines: list[OrderLine], option: str) -> list[str]:
    names = {option["name"] for line in lines for option in line.options if has_option(line, option["name"])}
    matching = [name for name in sorted(names) if option in (name, name.partition(": ")[2])]
    if not matching:
        raise Unknown(f"No line of this order has the option {option}, or no longer.")
    return [option] if option in matching else matching


def _options_left_out(order: Order, change: ProposedChange) -> Iterator[tuple[OrderLine, int]]:
    """Yield each line that stays but loses options, with the price of those options in minor units."""
    for line in order.lines:
        if line.is_removed or line.ref in change.lines:
            continue
        names = [name for name in change.options if has_option(line, name)]
        lost = [option for option in line.options if option["name"] in names]
        if lost:
            yield line, sum(option["minor"] for option in lost)
