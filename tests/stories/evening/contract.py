"""The tables of Open Dining's page "Real-time Communication", and whether what is received is as they say.

Written from that page alone, as a third party would: nothing of Tracker is known here.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Heard = tuple[str, dict[str, Any]]
"""An event's name and its properties."""

ACCEPTED, ADJUSTED, REJECTED = 1, 2, 3
"""The codes of `confirmation`: what a restaurant, or a customer, did."""


def is_text(value: object) -> bool:
    """A string with something in it."""
    return isinstance(value, str) and value.strip() != ""


def is_integer(value: object) -> bool:
    """An integer; true, which Python takes for one, is none."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_minutes(value: object) -> bool:
    """The adjusted time, in minutes."""
    return isinstance(value, int) and is_integer(value) and value > 0


def is_code(value: object) -> bool:
    """Either 1, 2, or 3."""
    return is_integer(value) and value in (ACCEPTED, ADJUSTED, REJECTED)


def is_mongo_id(value: object) -> bool:
    """Such as 52a7289e96ba1c6209000003."""
    return isinstance(value, str) and re.fullmatch(r"[0-9a-f]{24}", value) is not None


def is_list_of_texts(value: object) -> bool:
    """An array of strings, be it empty."""
    return isinstance(value, list) and all(is_text(entry) for entry in value)


def is_date(value: object) -> bool:
    """A day that there is, in MM/DD/YYYY."""
    if not isinstance(value, str) or not re.fullmatch(r"\d\d/\d\d/\d{4}", value):
        return False
    return datetime.strptime(value, "%m/%d/%Y").year > 2000  # noqa: DTZ007  a day of the contract has no zone


def is_time_of_day(value: object) -> bool:
    """In H:MM AM format, like 9:45 PM."""
    return isinstance(value, str) and re.fullmatch(r"(1[0-2]|[1-9]):[0-5]\d [AP]M", value) is not None


def is_moment(value: object) -> bool:
    """A date/time string that says which moment it means."""
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
"""For each event its properties, in the documented form."""
FOR_CUSTOMERS = ("order_confirmation", "order_adjustment", "order_tracker")
FOR_RESTAURANTS = ("new_order", "order_user_confirmation")
NOT_ALWAYS = {"order_confirmation": {"reason"}, "order_adjustment": {"time", "order_date", "eta"}}
"""What is only there if there is something to say."""


@dataclass(frozen=True, slots=True)
class Breach(Exception):
    """Something was received otherwise than documented."""

    event: str
    properties: dict[str, Any]
    why: str


def check(event: str, properties: dict[str, Any]) -> None:
    """Raises Breach unless the event is one of the tables', with its properties and no others, in their form."""
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


def never_received(heard: Iterable[Heard]) -> set[str]:
    """The documented events, properties and codes of a confirmation that are in none of these."""
    documented = {f"{event}.{name}" for event, table in TABLES.items() for name in table}
    codes = {f"order_confirmation.confirmation={code}" for code in (ACCEPTED, ADJUSTED, REJECTED)}
    codes |= {f"order_user_confirmation.confirmation={code}" for code in (ACCEPTED, REJECTED)}
    received = set()
    for event, properties in heard:
        received |= {f"{event}.{name}" for name in properties}
        received.add(f"{event}.confirmation={properties.get('confirmation')}")
    return (documented | codes) - received
