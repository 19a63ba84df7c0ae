"""What the views of an order have in common, whoever looks at it."""

from datetime import datetime

from tracker.orders.model import Order
from tracker.orders.order_line import OrderLine
from tracker.web.order.due_time import DueTime, is_pending
from tracker.web.order.formatting import Formatter
from tracker.web.order.timeline import newest_step, reached_at


def writing_for(order: Order, now: datetime) -> Formatter:
    """Return how a view of the order writes times and money: in its restaurant's language and on its own clock."""
    return Formatter(order.restaurant.locale, order.timezone, now)


def view_key(order: Order, now: datetime) -> tuple[object, ...]:
    """Return what the text of every view of the order depends on; `now` is a whole minute."""
    restaurant = order.restaurant
    return (
        order.id,
        order.version,
        now,
        restaurant.name,
        restaurant.locale,
        restaurant.zone,
        restaurant.window_minutes,
    )


def mood(order: Order) -> str:
    """Return how the view looks to a customer and a restaurant: live, asking, done or lost."""
    if order.open_adjustment and not order.was_rejected_or_cancelled:
        return "asking"
    return mood_for_onlookers(order)


def mood_for_onlookers(order: Order) -> str:
    """Return how the view looks to somebody who is asked nothing: live, done or lost."""
    if order.was_rejected_or_cancelled:
        return "lost"
    return "done" if order.has_ended else "live"


def reloads_after(order: Order) -> int:
    """Return after how many seconds a page without scripts reloads itself.

    An order that has ended moves little, and its customer may be typing on the page: there it takes longer.
    """
    return 300 if order.has_ended else 30


def newest_step_since(order: Order) -> datetime | None:
    """Return when the order reached its newest step. Return None while the time of the next step is what matters."""
    if order.has_ended or is_pending(order):
        return None
    return reached_at(order, newest_step(order))


def time_announcement(when: DueTime | None, formatter: Formatter) -> str:
    """Return what a screen reader says of the time that is waited for; empty if there is none."""
    if not when:
        return ""
    window = formatter.format_window(*when.window)
    if when.is_overdue:
        return f"It is later than promised; it was due {window}."
    return f"{when.label} {window}."


def remaining_lines(order: Order) -> list[OrderLine]:
    """Return the lines of which something is still part of the order."""
    return [line for line in order.lines if not line.is_removed]


def shared_link_title(restaurant: str) -> str:
    """Return what a link to an order at this restaurant is called where nobody's name may stand."""
    return f"Follow the order from {restaurant}"
