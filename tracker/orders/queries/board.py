"""Queries for a restaurant's console: its board of live and recently ended orders, and single orders.

The number of queries and the size of the board do not grow with the number of orders.
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
"""The largest number of orders in each section of the board: waiting for an answer, being made, just ended."""
RECENTLY = timedelta(hours=1)
"""The board does not show orders that ended longer ago than this."""

OrderVersion = tuple[str, int]
"""An order's id and version."""


@dataclass(frozen=True, slots=True)
class BoardVersions:
    """The orders that the board shows, and the number of live orders that it has no room for."""

    live: tuple[OrderVersion, ...]
    ended: tuple[OrderVersion, ...]
    more: int


@dataclass(frozen=True, slots=True)
class BoardOrders:
    """The orders of a board with lines, adjustments and customers. `final_events` has the endings by order id."""

    live: Sequence[Order]
    ended: Sequence[Order]
    final_events: dict[str, OrderEvent]
    more: int


def find_board_versions(session: Session, restaurant_id: str, *, now: datetime) -> BoardVersions:
    """Return the versions of the orders on the restaurant's board.

    If a section has too many orders, the oldest of those that wait for an answer are shown, and the newest of those
    that are being made.
    """
    live = (Order.restaurant_id == restaurant_id, _is(OrderState.PLACED, OrderState.ADJUSTED, OrderState.CONFIRMED))
    statement = select(Order.id, Order.version)
    is_waiting, is_made = _is(OrderState.PLACED, OrderState.ADJUSTED), _is(OrderState.CONFIRMED)
    waiting = session.execute(
        statement.where(*live, is_waiting).order_by(Order.placed_at, Order.id).limit(MAX_ORDERS_PER_SECTION)
    )
    newest_first = (Order.placed_at.desc(), Order.id.desc())
    being_made = session.execute(statement.where(*live, is_made).order_by(*newest_first).limit(MAX_ORDERS_PER_SECTION))
    shown = tuple((order_id, version) for order_id, version in [*waiting, *being_made])
    has_just_ended = (Order.restaurant_id == restaurant_id, Order.ended_at > now - RECENTLY)
    ended = session.execute(
        statement.where(*has_just_ended).order_by(Order.ended_at.desc(), Order.id).limit(MAX_ORDERS_PER_SECTION)
    )
    live_count = session.scalars(select(func.count()).select_from(Order).where(*live)).one()
    return BoardVersions(shown, tuple((order_id, version) for order_id, version in ended), live_count - len(shown))


def load_board_orders(session: Session, versions: BoardVersions) -> BoardOrders:
    """Load the orders of `versions`, which must come from the same session, so that both show the same state."""
    ids = [order_id for order_id, _ in (*versions.live, *versions.ended)]
    rows = select(Order).where(Order.id.in_(ids))
    customer = joinedload(Order.customer).load_only(Customer.name)
    loaded = session.scalars(rows.options(customer, selectinload(Order.lines), selectinload(Order.adjustments)))
    orders = {order.id: order for order in loaded}
    ended = [order_id for order_id, _ in versions.ended]
    final_events = select(OrderEvent).where(OrderEvent.order_id.in_(ended), OrderEvent.kind.in_(ENDING_EVENTS))
    return BoardOrders(
        live=[orders[order_id] for order_id, _ in versions.live if order_id in orders],
        ended=[orders[order_id] for order_id in ended if order_id in orders],
        final_events={event.order_id: event for event in session.scalars(final_events.order_by(OrderEvent.number))},
        more=versions.more,
    )


def find_order_version_for_restaurant(session: Session, restaurant_id: str, order_id: str) -> OrderVersion | None:
    """Return the order's id and version. Return None if it is not the restaurant's order."""
    is_order = (Order.id == order_id, Order.restaurant_id == restaurant_id)
    found = session.execute(select(Order.id, Order.version).where(*is_order)).first() if is_id(order_id) else None
    return (found[0], found[1]) if found else None


def load_order_for_restaurant(session: Session, restaurant_id: str, order_id: str) -> Order | None:
    """Load the order with its collections and its customer, to show it. Return None if it is not the restaurant's."""
    if not is_id(order_id):
        return None
    query = select(Order).where(Order.id == order_id, Order.restaurant_id == restaurant_id)
    collections = (Order.lines, Order.adjustments, Order.refunds, Order.events)
    customer = joinedload(Order.customer).load_only(Customer.name)
    return session.scalars(
        query.options(customer, *(selectinload(collection) for collection in collections))
    ).one_or_none()


def _is(*states: OrderState) -> ColumnElement[bool]:
    """Return a condition with literal states: databases use the partial index of live orders only for literals."""
    return Order.state.in_([literal_column(f"'{state.value}'") for state in states])
