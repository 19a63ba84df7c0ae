"""What waits to be published: found for the outbox, and summed up for whoever looks after it."""

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
    """An order of which nothing is published until one event of it goes through."""

    order_id: str
    number: int
    tries: int
    try_at: datetime | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class PendingSummary:
    """How many events wait, for how long the oldest has, and the orders that are held up by a failure."""

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


# Made once: to put them together takes several times as long as to ask the database, and it is asked all the time.
_DUE = _due_statement()
_ANY_PENDING = CompiledStatement(select(OrderEvent.id).where(_IS_PENDING).limit(1))
_NEXT_RETRY = select(func.min(OrderEvent.try_at)).where(_IS_PENDING, OrderEvent.try_at > bindparam("now"))


def is_anything_pending(connection: Connection) -> bool:
    """Whether there is anything to be published, now or later: what a worker without work asks, once a second."""
    return _ANY_PENDING.first(connection, {}) is not None


def events_due(session: Session, now: datetime, *, limit: int) -> Sequence[OrderEvent]:
    """The oldest events to be published, with what wire.py reads of their orders.

    Of each order they come in the order in which they happened, for that is how their ids were given: two transactions
    that change one order follow each other. Where one waits for its next try, so do all that came after it.
    """
    return session.scalars(_DUE, {"now": now, "limit": limit}).all()


def next_retry(session: Session, now: datetime) -> datetime | None:
    """When the first of the events that wait for their next try is to have it."""
    return session.scalar(_NEXT_RETRY, {"now": now})


def pending_summary(session: Session, now: datetime, *, limit: int = 20) -> PendingSummary:
    """What waits to be published; of the orders held up, `limit` are named, the one tried most often first."""
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
