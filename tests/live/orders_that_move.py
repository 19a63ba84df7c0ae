"""Orders in a database with events to publish, for the tests of the outbox."""

from collections.abc import Callable
from datetime import datetime

from tests.builders import EVENING, a_customer, a_platform_account, an_order, report
from tracker.database import Database
from tracker.orders.event_details import EventDetails
from tracker.orders.events import record_event
from tracker.orders.model import Order, OrderEvent
from tracker.orders.operations import by_platform
from tracker.orders.progress import Step
from tracker.orders.states import Actor

Act = Callable[[Order], object]


def keep_orders(database: Database, how_many: int) -> list[str]:
    """Commit so many new orders of one customer at one restaurant, and return their ids. Each has the event that it was
    placed."""
    platform_account, customer = a_platform_account(), a_customer()
    orders = [an_order(platform_account=platform_account, customer=customer) for _ in range(how_many)]
    with database.transaction() as session:
        for number, order in enumerate(orders):
            order.platform_order_id = str(number)
            session.add(order)
            session.flush()  # so that the ids of their events follow this order
    return [order.id for order in orders]


def happen(database: Database, order_id: str, *acts: Act) -> None:
    """Do these acts with the order, each in a transaction of its own."""
    for act in acts:
        with database.transaction() as session:
            act(session.get_one(Order, order_id))


def confirmed(order: Order) -> object:
    """Confirm the order, a minute after it was placed."""
    return by_platform.confirm_order(order, at=None, report=report(1, "confirmed"), now=EVENING)


def has_status(status: str, minutes: float = 2) -> Act:
    """Return an act by which the restaurant sets a status of its own."""
    return lambda order: by_platform.progress_order(
        order, status=status, step=None, at=None, report=report(minutes, status[:20]), now=EVENING
    )


def delivered(order: Order) -> object:
    """Report that the order has been delivered."""
    return by_platform.progress_order(
        order,
        status="Delivered",
        step=Step.HANDED_OVER,
        at=None,
        report=report(50, "delivered"),
        now=EVENING,
    )


def an_event(
    details: EventDetails,
    *,
    by: Actor = Actor.PLATFORM,
    at: datetime = EVENING,
    came_late: bool = False,
    actor_name: str | None = None,
    order: Order | None = None,
) -> OrderEvent:
    """Return an event of an order, in memory only. It is the order's second event."""
    return record_event(
        order or an_order(), details, by=by, at=at, actor_name=actor_name, now=EVENING, came_late=came_late
    )
