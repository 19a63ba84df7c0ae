"""Finding what a restaurant's console shows: everything that is still going on there, and what has just ended.

However many orders there are, the number of questions to the database stays the same, and so does the board's size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, literal_column, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.accounts.model import Customer
from tracker.ids import is_id
from tracker.orders.model import Order, OrderEvent
from tracker.orders.states import ENDING_EVENTS, OrderState

MAX_ORDERS_PER_SECTION = 100
"""So many orders that wait for an answer are shown, so many that are being made, and so many that have just ended."""
RECENTLY = timedelta(hours=1)
"""What ended longer ago is no longer on the board."""

OrderVersion = tuple[str, int]
"""An order's id and version."""


@dataclass(frozen=True, slots=True)
class BoardVersions:
    """Which orders the board shows, and how many more are live for which it has no room."""

    live: tuple[OrderVersion, ...]
    ended: tuple[OrderVersion, ...]
    more: int


@dataclass(frozen=True, slots=True)
class BoardOrders:
    """The orders of a board with lines, adjustments and customers; `final_events` are the events that ended some."""

    live: Sequence[Order]
    ended: Sequence[Order]
    final_events: dict[str, OrderEvent]
    more: int


def find_board_versions(session: Session, restaurant_id: str, *, now: datetime) -> BoardVersions:
    """What the restaurant's board would show now: of what waits the oldest, of what is being made the newest."""
    live = (Order.restaurant_id == restaurant_id, _is(OrderState.PLACED, OrderState.ADJUSTED, OrderState.CONFIRMED))
    statement = select(Order.id, Order.version)
    waits, is_made = _is(OrderState.PLACED, OrderState.ADJUSTED), _is(OrderState.CONFIRMED)
    asked = session.execute(
        statement.where(*live, waits).order_by(Order.placed_at, Order.id).limit(MAX_ORDERS_PER_SECTION)
    )
    newest_first = (Order.placed_at.desc(), Order.id.desc())
    made = session.execute(statement.where(*live, is_made).order_by(*newest_first).limit(MAX_ORDERS_PER_SECTION))
    shown = tuple((order_id, version) for order_id, version in [*asked, *made])
    has_just_ended = (Order.restaurant_id == restaurant_id, Order.ended_at > now - RECENTLY)
    ended = session.execute(
        statement.where(*has_just_ended).order_by(Order.ended_at.desc(), Order.id).limit(MAX_ORDERS_PER_SECTION)
    )
    in_all = session.scalars(select(func.count()).select_from(Order).where(*live)).one()
    return BoardVersions(shown, tuple((order_id, version) for order_id, version in ended), in_all - len(shown))


def load_board_orders(session: Session, versions: BoardVersions) -> BoardOrders:
    """The orders of the versions, which this session has had."""
    ids = [order_id for order_id, _ in (*versions.live, *versions.ended)]
    rows = select(Order).where(Order.id.in_(ids))
    customer = joinedload(Order.customer).load_only(Customer.name)
    loaded = session.scalars(rows.options(customer, selectinload(Order.lines), selectinload(Order.adjustments)))
    orders = {order.id: order for order in loaded}
    ended = [order_id for order_id, _ in versions.ended]
    how = select(OrderEvent).where(OrderEvent.order_id.in_(ended), OrderEvent.kind.in_(ENDING_EVENTS))
    return BoardOrders(
        live=[orders[order_id] for order_id, _ in versions.live if order_id in orders],
        ended=[orders[order_id] for order_id in ended if order_id in orders],
        final_events={event.order_id: event for event in session.scalars(how.order_by(OrderEvent.number))},
        more=versions.more,
    )


def find_order_version_for_restaurant(session: Session, restaurant_id: str, order_id: str) -> OrderVersion | None:
    """The order's id and version, if it is this restaurant's."""
    theirs = (Order.id == order_id, Order.restaurant_id == restaurant_id)
    found = session.execute(select(Order.id, Order.version).where(*theirs)).first() if is_id(order_id) else None
    return (found[0], found[1]) if found else None


def load_order_for_restaurant(session: Session, restaurant_id: str, order_id: str) -> Order | None:
    """The order with everything that belongs to it and who ordered, to look at, if it is this restaurant's."""
    if not is_id(order_id):
        return None
    theirs = select(Order).where(Order.id == order_id, Order.restaurant_id == restaurant_id)
    collections = (Order.lines, Order.adjustments, Order.refunds, Order.events)
    customer = joinedload(Order.customer).load_only(Customer.name)
    return session.scalars(
        theirs.options(customer, *(selectinload(collection) for collection in collections))
    ).one_or_none()


def _is(*states: OrderState) -> ColumnElement[bool]:
    """Written out: an index of live orders is of no use to a question that keeps to itself which states it means."""
    return Order.state.in_([literal_column(f"'{state.value}'") for state in states])
