"""Queries for events that wait to be published: for the outbox, and as a summary for the operator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, bindparam, exists, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from tracker.accounts.model import Restaurant
from tracker.compiled_statement import CompiledStatement
from tracker.orders.model import Order, OrderEvent

_IS_PENDING = OrderEvent.published_at.is_(None)


@dataclass(frozen=True, slots=True)
class BlockedOrder:
    """An order whose event was refused. No later event of the order is published before that one."""

    order_id: str
    number: int
    tries: int
    try_at: datetime | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class PendingSummary:
    """The number of events that wait, the time the oldest has waited, and the orders blocked by a refused event."""

    waiting: int
    oldest: timedelta | None
    blocked: list[BlockedOrder]


def _due_statement() -> Select[OrderEvent]:
    earlier = aliased(OrderEvent)
    waits_for_retry = exists().where(
        earlier.order_id == OrderEvent.order_id,
        earlier.number <= OrderEvent.number,
        earlier.published_at.is_(None),
        earlier.try_at > bindparam("now"),
    )
    order = joinedload(OrderEvent.order, innerjoin=True)
    return (
        select(OrderEvent)
        .where(_IS_PENDING, ~waits_for_retry)
        .order_by(OrderEvent.id)
        .limit(bindparam("limit"))
        .options(
            order.load_only(Order.restaurant_id, Order.fulfilment, Order.zone, Order.has_onlookers),
            order.joinedload(Order.restaurant, innerjoin=True).load_only(Restaurant.zone),
        )
    )


# The statements are built once, because building one takes several times as long as running it, and they run often.
_DUE = _due_statement()
_ANY_PENDING = CompiledStatement(select(OrderEvent.id).where(_IS_PENDING).limit(1))
_NEXT_RETRY = select(func.min(OrderEvent.try_at)).where(_IS_PENDING, OrderEvent.try_at > bindparam("now"))


def is_anything_pending(connection: Connection) -> bool:
    """Return whether any event waits to be published, now or later. An idle worker calls this once a second."""
    return _ANY_PENDING.first(connection, {}) is not None


def events_due(session: Session, now: datetime, *, limit: int) -> Sequence[OrderEvent]:
    """Return the oldest events that are due, at most `limit`, with the columns of their orders that wire.py reads.

    Ordering by id gives the events of each order in the order they happened, because transactions that change the same
    order run one after the other. While an event waits for its next try, all later events of its order wait too.
    """
    return session.scalars(_DUE, {"now": now, "limit": limit}).all()


def next_retry(session: Session, now: datetime) -> datetime | None:
    """Return when the next retry of any event is due, or None if no event waits for one."""
    return session.scalar(_NEXT_RETRY, {"now": now})


def pending_summary(session: Session, now: datetime, *, limit: int = 20) -> PendingSummary:
    """Return a summary of the events that wait to be published.

    It lists at most `limit` blocked orders, those with the most tries first.
    """
    count = func.count(OrderEvent.id)
    waiting, since = session.execute(select(count, func.min(OrderEvent.recorded_at)).where(_IS_PENDING)).one()
    blocking = (
        select(OrderEvent.order_id, OrderEvent.number, OrderEvent.tries, OrderEvent.try_at, OrderEvent.problem)
        .where(_IS_PENDING, OrderEvent.try_at.is_not(None))
        .order_by(OrderEvent.tries.desc(), OrderEvent.id)
        .limit(limit)
    )
    return PendingSummary(
        waiting=waiting,
        oldest=now - since if since else None,
        blocked=[BlockedOrder(*row) for row in session.execute(blocking)],
    )
