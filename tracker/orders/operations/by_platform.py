"""What a platform may do to an order: tell us of it, again and again, in any order.

Whatever the order in which its sayings arrive, what the order is ends up the same. Three rules see to that: of two
values the one with the newer stamp stays; an order only ever moves on (placed, confirmed, ended) and is never moved
back by news that came late; and of two endings the one that was said to have come first is the true one. Only how one
description differed from the next (CONTENTS_CHANGED, PROMISE_MOVED) and what was known better later (CORRECTED) is
history as we learnt it.
"""

from dataclasses import replace
from datetime import datetime

from tracker.accounts.model import Connection
from tracker.ids import new_id
from tracker.orders.events import event_of, record
from tracker.orders.lines import count_lines, counts_of, differences, lines_as_seen
from tracker.orders.model import Order, OrderEvent, Refund
from tracker.orders.operations.adjustments import withdraw_open
from tracker.orders.operations.endings import end_order
from tracker.orders.progress import Step
from tracker.orders.reports import OrderDetails, Told, description
from tracker.orders.states import Actor, OrderEventKind, OrderState


def place_order(
    connection: Connection,
    platform_order_id: str,
    details: OrderDetails,
    *,
    told: Told,
    now: datetime,
) -> OrderEvent:
    """Take in an order that we had not heard of, as the platform describes it. It is nobody's yet."""
    stamps = {"first": told.stamp, "details": told.stamp, "first_charged": str(details.bill.charged)}
    order = Order(
        id=new_id(now),
        restaurant=connection.restaurant,
        restaurant_id=connection.restaurant.id,
        connection=connection,
        connection_id=connection.id,
        platform_order_id=platform_order_id,
        state=OrderState.PLACED,
        step=Step.PLACED,
        version=0,
        told=stamps,
        placed_at=told.at,
        bill=details.bill,
        rating=details.rating,
        adjustment_count=0,
        has_onlookers=False,
        **description(details),
    )
    _note_placing(order, details, told)
    _note_refunds(order, details, told)
    count_lines(order, details.lines, as_ordered=True, as_now=True)
    return record(order, OrderEventKind.PLACED, by=Actor.PLATFORM, at=order.placed_at, now=now)


def change_details(order: Order, details: OrderDetails, *, told: Told, now: datetime) -> OrderEvent | None:
    """Compare the order with how the platform describes it now, or described it before all we knew."""
    contents, promise = _contents(order), order.promised_at
    counts, total = counts_of(order), order.bill.total
    _note_placing(order, details, told)
    _note_refunds(order, details, told)
    if told.stamp > order.told["details"]:
        _take_over(order, details)
        count_lines(order, details.lines, as_now=True)
        order.told["details"] = told.stamp
    elif told.stamp < order.told["first"]:
        count_lines(order, details.lines, as_ordered=True)
        order.told |= {"first": told.stamp, "first_charged": str(details.bill.charged)}

    event = None
    if promise is not None and order.promised_at != promise:
        moved: dict[str, str | None] = {"from": promise.isoformat(), "to": _iso(order.promised_at)}
        event = record(order, OrderEventKind.PROMISE_MOVED, by=Actor.PLATFORM, at=told.at, now=now, data=moved)
    if _contents(order) != contents:
        changed = {"total_from": total, "total_to": order.bill.total, "lines": differences(counts, counts_of(order))}
        event = record(order, OrderEventKind.CONTENTS_CHANGED, by=Actor.PLATFORM, at=told.at, now=now, data=changed)
    return event


def correct_order(order: Order, *, told: Told, now: datetime) -> OrderEvent:
    """Say that something was known wrongly or not at all until now; whoever looks at the order asks again."""
    data = {"reason": order.reason} if order.state is OrderState.REJECTED else None
    return record(order, OrderEventKind.CORRECTED, by=Actor.PLATFORM, at=told.at, now=now, data=data)


def confirm_order(order: Order, *, at: datetime | None, told: Told, now: datetime) -> OrderEvent | None:
    """The restaurant has taken the order on."""
    at = at or told.at
    known = event_of(order, OrderEventKind.CONFIRMED)
    if known is not None:
        known.at = order.confirmed_at = min(known.at, at)
        return None

    # What the customer has not agreed to is not confirmed by a terminal that knows nothing of it; and what they have
    # agreed to is confirmed, but not as it was ordered.
    is_asked = order.state is OrderState.ADJUSTED
    late = order.has_ended or is_asked or event_of(order, OrderEventKind.ADJUSTMENT_ACCEPTED) is not None
    order.confirmed_at = at
    if order.state is OrderState.PLACED:
        order.state = OrderState.CONFIRMED
    if order.step is Step.PLACED and not is_asked:
        order.step = Step.CONFIRMED
    return record(order, OrderEventKind.CONFIRMED, by=Actor.PLATFORM, at=at, now=now, came_late=late)


def reject_order(
    order: Order, *, reason: str | None, at: datetime | None, told: Told, now: datetime
) -> OrderEvent | None:
    """The restaurant doesn't take the order on, or no longer."""
    return end_order(order, OrderState.REJECTED, reason=reason, at=at, told=told, now=now)


def cancel_order(order: Order, *, at: datetime | None, told: Told, now: datetime) -> OrderEvent | None:
    """The customer, through the platform, has taken the order back."""
    return end_order(order, OrderState.CANCELLED, reason=None, at=at, told=told, now=now)


def progress_order(
    order: Order, *, status: str, step: Step | None, at: datetime | None, told: Told, now: datetime
) -> OrderEvent | None:
    """The order has come further, or back; words that mean no known step are shown but move nothing."""
    if step is not None:
        confirm_order(order, at=at, told=told, now=now)
        _go_on_unanswered(order, now)
    is_news = not order.has_ended and told.stamp >= order.told.get("status", "")
    if told.stamp >= order.told.get("status", ""):
        order.status_text, order.told["status"] = status, told.stamp
    if step is not None and told.stamp >= order.told.get("step", ""):
        order.step, order.told["step"] = step, told.stamp
    if step is Step.HANDED_OVER:
        return end_order(order, OrderState.COMPLETED, reason=None, at=at, told=told, now=now, status=status)

    data = {"status": status, "step": step}
    at = at or told.at
    return record(order, OrderEventKind.PROGRESSED, by=Actor.PLATFORM, at=at, now=now, came_late=not is_news, data=data)


def _go_on_unanswered(order: Order, now: datetime) -> None:
    """Food that moves is no question any more."""
    if order.state is OrderState.ADJUSTED:
        withdraw_open(order, by=Actor.PLATFORM, now=now)
        order.state, order.step = OrderState.CONFIRMED, Step.CONFIRMED


def refund_order(order: Order, minor: int, *, ref: str, told: Told, now: datetime) -> OrderEvent | None:
    """Money was given back, in minor units. The same `ref` is the same refund, however often it is told."""
    if any(refund.ref == ref for refund in order.refunds):
        return None

    order.refunds.append(Refund(ref=ref, minor=minor, at=told.at, stamp=told.stamp))
    return record(order, OrderEventKind.REFUNDED, by=Actor.PLATFORM, at=told.at, now=now, data={"minor": minor})


def change_tip(order: Order, minor: int, *, told: Told, now: datetime) -> OrderEvent:
    """The tip is now this, in minor units."""
    is_news = told.stamp > order.told.get("tip", "")
    data = {"minor": minor, "from": order.bill.tip}
    if is_news:
        order.bill, order.told["tip"] = replace(order.bill, tip=minor), told.stamp
    return record(
        order, OrderEventKind.TIP_CHANGED, by=Actor.CUSTOMER, at=told.at, now=now, came_late=not is_news, data=data
    )


def rate_order(order: Order, rating: int | None, *, told: Told, now: datetime) -> OrderEvent:
    """The customer's rating is now this."""
    is_news = told.stamp > order.told.get("rating", "")
    if is_news:
        order.rating, order.told["rating"] = rating, told.stamp
    return record(
        order,
        OrderEventKind.RATED,
        by=Actor.CUSTOMER,
        at=told.at,
        now=now,
        came_late=not is_news,
        data={"rating": rating},
    )


def _note_placing(order: Order, details: OrderDetails, told: Told) -> None:
    """When it was placed: the earliest time that the platform says; until it says one, the earliest that it spoke."""
    is_surer = details.placed_at is not None and "placed" not in order.told
    if details.placed_at is not None:
        order.told["placed"] = "said"
    at = details.placed_at or (order.placed_at if "placed" in order.told else told.at)
    order.placed_at = at if is_surer else min(at, order.placed_at)
    placed = event_of(order, OrderEventKind.PLACED)
    if placed is not None:
        placed.at = order.placed_at


def _note_refunds(order: Order, details: OrderDetails, told: Told) -> None:
    if details.refunded_minor is not None and told.stamp > order.told.get("refunded_sum", "0 ").split(" ", 1)[1]:
        order.told["refunded_sum"] = f"{details.refunded_minor} {told.stamp}"


def _take_over(order: Order, details: OrderDetails) -> None:
    promise, is_ours = order.promised_at, order.told.get("platform_promise") == (_iso(details.promised_at) or "")
    for name, value in description(details).items():
        setattr(order, name, value)
    if is_ours:  # the platform says what it said before the restaurant said otherwise here
        order.promised_at = promise
    else:
        order.told.pop("platform_promise", None)
    order.bill = replace(details.bill, tip=order.bill.tip) if "tip" in order.told else details.bill
    if "rating" not in order.told:
        order.rating = details.rating


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _contents(order: Order) -> tuple[object, ...]:
    return (order.bill.charged, order.requested_for, order.handover, order.address, *lines_as_seen(order))
