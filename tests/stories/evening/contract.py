"""The tables of Open Dining's page "Real-time Communication", and checks that received events agree with them.

This module is written from that page alone, as a third party would write it, and imports nothing of Tracker.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Received = tuple[str, dict[str, Any]]
"""An event's name and its properties."""

ACCEPTED, ADJUSTED, REJECTED = 1, 2, 3
"""The codes of `confirmation`, for the decision of a restaurant or a customer."""


def is_text(value: object) -> bool:
    """Return whether the value is a string with visible characters."""
    return isinstance(value, str) and value.strip() != ""


def is_integer(value: object) -> bool:
    """Return whether the value is an integer and not a Boolean, which Python also treats as an integer."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_minutes(value: object) -> bool:
    """Return whether the value is an adjusted time in minutes."""
    return isinstance(value, int) and is_integer(value) and value > 0


def is_code(value: object) -> bool:
    """Return whether the value is the code 1, 2 or 3."""
    return is_integer(value) and value in (ACCEPTED, ADJUSTED, REJECTED)


def is_mongo_id(value: object) -> bool:
    """Return whether the value is an id such as 52a7289e96ba1c6209000003."""
    return isinstance(value, str) and re.fullmatch(r"[0-9a-f]{24}", value) is not None


def is_list_of_texts(value: object) -> bool:
    """Return whether the value is an array of strings, which may be empty."""
    return isinstance(value, list) and all(is_text(entry) for entry in value)


def is_date(value: object) -> bool:
    """Return whether the value is an existing day in the form MM/DD/YYYY."""
    if not isinstance(value, str) or not re.fullmatch(r"\d\d/\d\d/\d{4}", value):
        return False
    return datetime.strptime(value, "%m/%d/%Y").year > 2000  # noqa: DTZ007  a day of the contract has no zone


def is_time_of_day(value: object) -> bool:
    """Return whether the value is a time of day in the form H:MM AM, such as 9:45 PM."""
    return isinstance(value, str) and re.fullmatch(r"(1[0-2]|[1-9]):[0-5]\d [AP]M", value) is not None


def is_moment(value: object) -> bool:
    """Return whether the value is a date and time with a UTC offset."""
    return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None


Check = Callable[[object], bool]

TABLES: dict[str, dict[str, Check]] = {
    "order_confirmation": {"confirmation": is_code, "reason": is_text},
    "order_adjustment": {
        "time": is_minutes,
        "order_date": is_date,
        "eta": is_time_of_day,
        "items": is_list_of_texts,
        "options": is_list_of_texts,
    },
    "order_tracker": {"time": is_moment, "status": is_text},
    "new_order": {"order_id": is_mongo_id},
    "order_user_confirmation": {"order_id": is_mongo_id, "confirmation": is_code},
}
"""The check of the documented form, for each property of each event."""
FOR_CUSTOMERS = ("order_confirmation", "order_adjustment", "order_tracker")
FOR_RESTAURANTS = ("new_order", "order_user_confirmation")
NOT_ALWAYS = {"order_confirmation": {"reason"}, "order_adjustment": {"time", "order_date", "eta"}}
"""The properties of each event that are optional."""


@dataclass(frozen=True, slots=True)
class Breach(Exception):
    """Raised for an event that does not agree with the documentation."""

    event: str
    properties: dict[str, Any]
    why: str


def check(event: str, properties: dict[str, Any]) -> None:
    """Raise Breach unless the event is documented and has exactly the documented properties in their form."""
    table = TABLES.get(event)
    if table is None:
        raise Breach(event, properties, "is not documented")
    for name in properties:
        if name not in table:
            raise Breach(event, properties, f"{name} is not documented")
        if not table[name](properties[name]):
            raise Breach(event, properties, f"{name} is not of the documented form")
    missing = table.keys() - properties.keys() - NOT_ALWAYS.get(event, set())
    if missing:
        raise Breach(event, properties, f"without {sorted(missing)}")
    if "reason" in properties and properties["confirmation"] != REJECTED:
        raise Breach(event, properties, "a reason belongs to a rejection")
    if ("order_date" in properties) != ("eta" in properties) or {"time", "eta"} <= properties.keys():
        raise Breach(event, properties, "time is for ASAP orders, order_date and eta for advance orders")


def never_received(events: Iterable[Received]) -> set[str]:
    """Return the documented properties and codes of confirmations that occur in none of these events."""
    documented = {f"{event}.{name}" for event, table in TABLES.items() for name in table}
    codes = {f"order_confirmation.confirmation={code}" for code in (ACCEPTED, ADJUSTED, REJECTED)}
    codes |= {f"order_user_confirmation.confirmation={code}" for code in (ACCEPTED, REJECTED)}
    received = set()
    for event, properties in events:
        received |= {f"{event}.{name}" for name in properties}
        received.add(f"{event}.confirmation={properties.get('confirmation')}")
    return (documented | codes) - received
