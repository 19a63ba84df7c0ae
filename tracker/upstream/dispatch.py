"""From what a notice tells to what is done: each happening is one operation of the order."""

from datetime import UTC, datetime, timedelta
from typing import assert_never

from tracker.accounts.model import Connection
from tracker.orders.model import Order
from tracker.orders.operations import by_platform as by_upstream
from tracker.orders.reports import Told
from tracker.orders.snapshot import as_shown
from tracker.upstream.platform_events import (
    Cancelled,
    Confirmed,
    Happening,
    Placed,
    Progressed,
    Rated,
    Refunded,
    Rejected,
    TipChanged,
    Understood,
)

_RANK: tuple[type[Happening], ...] = (
    Placed,
    Confirmed,
    Progressed,
    Rejected,
    Cancelled,
    Refunded,
    TipChanged,
    Rated,
)
"""Which comes first of two that were told at the same moment."""


_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""No platform of ours spoke before; an earlier time is a value that somebody forgot to set."""


def told_by(notice: Understood, received_at: datetime) -> Told:
    """When the notice was told, by the platform's clock if it names a credible time, else by ours."""
    said = notice.told_at
    at = said if said is not None and _LONG_AGO <= said <= received_at + timedelta(days=1) else received_at
    rank = _RANK.index(type(notice.happenings[0])) if notice.happenings else 0
    return Told(at=at, stamp=f"{_sortable(at)} {rank} {notice.source_id}")


def _sortable(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def place(connection: Connection, notice: Understood, *, told: Told, now: datetime) -> Order:
    """A new order as the notice describes it. The notice must have details and name the order."""
    if notice.details is None or notice.platform_order_id is None:
        raise ValueError("Only a notice that describes an order can place it.")
    return by_upstream.place_order(connection, notice.platform_order_id, notice.details, told=told, now=now).order


def act(order: Order, notice: Understood, *, told: Told, now: datetime, has_details: bool) -> None:
    """Do what follows from the notice; `has_details` if its description of the order is not taken over yet.

    What the event itself says goes first: it is surer than the description of the order that comes with it. If the
    order looks different afterwards and none of it was an event, that is one, too, or nobody would ask again.
    """
    if not has_details and all(isinstance(happening, Placed) for happening in notice.happenings):
        return
    before, version = as_shown(order), order.version
    for happening in notice.happenings:
        _do(order, happening, ref=notice.source_id, told=told, now=now)
    if has_details and notice.details is not None and not notice.details.is_bare:
        by_upstream.change_details(order, notice.details, told=told, now=now)
    if order.version == version and as_shown(order) != before:
        by_upstream.correct_order(order, told=told, now=now)


def _do(order: Order, happening: Happening, *, ref: str, told: Told, now: datetime) -> None:
    match happening:
        case Placed():
            pass
        case Confirmed(at):
            by_upstream.confirm_order(order, at=at, told=told, now=now)
        case Rejected(at, reason):
            by_upstream.reject_order(order, reason=reason, at=at, told=told, now=now)
        case Cancelled(at):
            by_upstream.cancel_order(order, at=at, told=told, now=now)
        case Progressed(at, status, step):
            by_upstream.progress_order(order, status=status, step=step, at=at, told=told, now=now)
        case Refunded(minor):
            by_upstream.refund_order(order, minor, ref=ref, told=told, now=now)
        case TipChanged(minor):
            by_upstream.change_tip(order, minor, told=told, now=now)
        case Rated(rating):
            by_upstream.rate_order(order, rating, told=told, now=now)
        case _:
            assert_never(happening)
