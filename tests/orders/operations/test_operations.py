"""What all operations have in common: whatever is done to an order is an event, and one version more."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType, UnionType
from typing import Any, get_args, get_type_hints

import pytest

from tracker.orders.model import OrderEvent
from tracker.orders.operations import by_clock, by_customer, by_platform, by_restaurant, placement

ROOMS = (by_restaurant, by_customer, by_clock, by_platform, placement)
NO_OPERATIONS = {
    "effective_statuses": "it only says what they are called",
    "find_idempotent_order": "it finds an order that is there already",
}


@dataclass
class Named:
    """An operation, by its module's name and its own."""

    module: ModuleType
    name: str

    @property
    def does(self) -> Callable[..., Any]:
        does: Callable[..., Any] = getattr(self.module, self.name)
        return does

    def __str__(self) -> str:
        return f"{self.module.__name__.rpartition('.')[2]}.{self.name}"


def public_functions(module: ModuleType) -> list[Named]:
    found = inspect.getmembers(module, inspect.isfunction)
    return [Named(module, name) for name, does in found if does.__module__ == module.__name__ and name[0] != "_"]


OPERATIONS = [each for room in ROOMS for each in public_functions(room) if each.name not in NO_OPERATIONS]


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_every_operation_returns_an_event_or_nothing_where_nothing_was_new(operation: Named) -> None:
    returned = get_type_hints(operation.does)["return"]

    kinds = set(get_args(returned)) if isinstance(returned, UnionType) else {returned}
    assert kinds in ({OrderEvent}, {OrderEvent, type(None)})


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_an_operation_is_told_what_time_it_is_and_looks_at_no_clock(operation: Named) -> None:
    parameters = inspect.signature(operation.does).parameters

    assert parameters["now"].kind is inspect.Parameter.KEYWORD_ONLY
    assert "clock." not in inspect.getsource(operation.module).replace("by_clock.", "")


def test_there_are_operations_of_everybody_who_acts() -> None:
    names = {str(each) for each in OPERATIONS}

    assert {"by_restaurant.adjust_order", "by_customer.accept_adjustment", "by_clock.lapse_adjustment"} <= names
    assert {"by_platform.place_order", "placement.place_order"} <= names
