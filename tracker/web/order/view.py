"""Functions that the views of an order for customers, restaurants and onlookers have in common."""

from datetime import datetime

from tracker.orders.model import Order
from tracker.orders.order_line import OrderLine
from tracker.web.order.due_time import DueTime, is_pending
from tracker.web.order.formatting import Formatter
from tracker.web.order.timeline import newest_step, reached_at


def formatter_for(order: Order, now: datetime) -> Formatter:
    """Return the formatter for views of the order: the restaurant's language and the order's time zone."""
    return Formatter(order.restaurant.locale, order.timezone, now)


def view_key(order: Order, now: datetime) -> tuple[object, ...]:
    """Return a cache key of everything that the text of a view of the order depends on. `now` is a whole minute."""
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
    """Return the look of the view for the customer and the restaurant: live, asking, done or lost."""
    if order.open_adjustment and not order.was_rejected_or_cancelled:
        return "asking"
    return mood_for_onlookers(order)


def mood_for_onlookers(order: Order) -> str:
    """Return the look of the view for onlookers, who cannot answer an adjustment: live, done or lost."""
    if order.was_rejected_or_cancelled:
        return "lost"
    return "done" if order.has_ended else "live"


def reloads_after(order: Order) -> int:
    """Return the number of seconds after which a page without scripts reloads itself.

    It is longer for an order that has ended, because that changes little and its customer may be filling in a form.
    """
    return 300 if order.has_ended else 30


def newest_step_since(order: Order) -> datetime | None:
    """Return when the order reached its newest step. Return None while the time of the next step is what matters."""
    if order.has_ended or is_pending(order):
        return None
    return reached_at(order, newest_step(order))


def time_announcement(when: DueTime | None, formatter: Formatter) -> str:
    """Return the text about the due time for screen readers. Return "" if there is none."""
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
    """Return the title of a shared link to an order at this restaurant. It must not name any person."""
    return f"Follow the order from {restaurant}"
