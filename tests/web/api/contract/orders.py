"""What the tests of the real-time contract's traps have in common."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.builders import EVENING, a_platform_account, a_restaurant, an_order, some_details
from tracker.accounts.model import IfUnanswered
from tracker.live.wire import messages_of
from tracker.orders.model import Order, OrderEvent
from tracker.web.api.contract.vocabulary import read_status

DUBLIN, NEW_YORK = ZoneInfo("Europe/Dublin"), ZoneInfo("America/New_York")
LATER = EVENING + timedelta(minutes=10)
EMPTY = [None, "", "  ", [], {}]
"""The ways in which clients say nothing."""


def an_order_here(**details: Any) -> Order:
    """A new order at a restaurant whose customers have ten minutes to answer."""
    restaurant = a_restaurant(answer_minutes=10, if_unanswered=IfUnanswered.CANCEL, statuses={}, reject_reasons=[])
    return an_order(platform_account=a_platform_account(restaurant), details=some_details(**details))


def told(event: OrderEvent) -> dict[str, dict[str, Any]]:
    """What is said of an event, by name."""
    return {message.name: message.data for message in messages_of(event)}


def status_at(
    time: object, *, zone: ZoneInfo = DUBLIN, received_at: datetime = LATER, placed_at: datetime = EVENING
) -> tuple[datetime | None, bool]:
    """When it was, as read from the time of a status, and whether there is doubt."""
    said = read_status({"status": "Being made", "time": time}, zone, received_at, placed_at)
    return said.at, said.is_ambiguous
