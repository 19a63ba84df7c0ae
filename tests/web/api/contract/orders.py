"""Builders and constants for the tests of the real-time contract's traps."""

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
"""The forms in which programs send an empty value."""


def an_order_here(**details: Any) -> Order:
    """Return a new order at a restaurant whose customers have ten minutes to answer."""
    restaurant = a_restaurant(answer_minutes=10, if_unanswered=IfUnanswered.CANCEL, statuses={}, reject_reasons=[])
    return an_order(platform_account=a_platform_account(restaurant), details=some_details(**details))


def messages_by_name(event: OrderEvent) -> dict[str, dict[str, Any]]:
    """Return the data of the event's messages, by the names of the messages."""
    return {message.name: message.data for message in messages_of(event)}


def status_at(
    time: object, *, zone: ZoneInfo = DUBLIN, received_at: datetime = LATER, placed_at: datetime = EVENING
) -> tuple[datetime | None, bool]:
    """Return the time that is read from the `time` of a status, and whether it is ambiguous."""
    message = read_status({"status": "Being made", "time": time}, zone, received_at, placed_at)
    return message.at, message.is_ambiguous
