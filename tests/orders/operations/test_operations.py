"""Rules for all operations: each records an event and increases the order's version."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType, UnionType
from typing import Any, get_args, get_type_hints

import pytest

from tracker.orders.model import OrderEvent
from tracker.orders.operations import by_clock, by_customer, by_platform, by_restaurant, placement

MODULES = (by_restaurant, by_customer, by_clock, by_platform, placement)
NO_OPERATIONS = {
    "effective_statuses": "it only reads the statuses",
    "find_idempotent_order": "it only finds an existing order",
}


@dataclass
class Operation:
    """An operation, with its module and name for the test's id."""

    module: ModuleType
    name: str

    @property
    def function(self) -> Callable[..., Any]:
        function: Callable[..., Any] = getattr(self.module, self.name)
        return function

    def __str__(self) -> str:
        return f"{self.module.__name__.rpartition('.')[2]}.{self.name}"


def public_functions(module: ModuleType) -> list[Operation]:
    found = inspect.getmembers(module, inspect.isfunction)
    return [
        Operation(module, name) for name, function in found if function.__module__ == module.__name__ and name[0] != "_"
    ]


OPERATIONS = [
    operation for module in MODULES for operation in public_functions(module) if operation.name not in NO_OPERATIONS
]


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_every_operation_returns_an_event_or_none_if_nothing_was_new(operation: Operation) -> None:
    returned = get_type_hints(operation.function)["return"]

    kinds = set(get_args(returned)) if isinstance(returned, UnionType) else {returned}
    assert kinds in ({OrderEvent}, {OrderEvent, type(None)})


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_every_operation_takes_the_time_as_a_parameter_and_reads_no_clock(operation: Operation) -> None:
    parameters = inspect.signature(operation.function).parameters

    assert parameters["now"].kind is inspect.Parameter.KEYWORD_ONLY
    assert "clock." not in inspect.getsource(operation.module).replace("by_clock.", "")


def test_there_are_operations_of_every_actor() -> None:
    names = {str(operation) for operation in OPERATIONS}

    assert {"by_restaurant.adjust_order", "by_customer.accept_adjustment", "by_clock.lapse_adjustment"} <= names
    assert {"by_platform.place_order", "placement.place_order"} <= names
