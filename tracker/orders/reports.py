"""What a platform tells us of an order, in our words: the shapes that the way in hands to the operations."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tracker.orders.bill import Bill, LineOption
from tracker.orders.progress import Fulfilment


@dataclass(frozen=True, slots=True)
class Report:
    """When a platform said something, and a text that sorts everything it says of one order.

    Of two sayings the one with the greater stamp is the newer, on whichever day and in whichever order they arrive, and
    no two different sayings have the same stamp.
    """

    at: datetime
    source_version: str


@dataclass(frozen=True, slots=True)
class LineDetails:
    """One group of equal positions. `unit_minor` is the price of one with its options, in minor units."""

    name: str
    quantity: int
    unit_minor: int
    section: str | None = None
    options: tuple[LineOption, ...] = ()
    ref: str | None = None
    """The ordered item's id, from whoever gives it one; without one it is made of what the line says."""

    @property
    def key(self) -> str:
        """What makes two positions the same thing."""
        choices = ",".join(f"{option['name']}={option['minor']}" for option in self.options)
        return f"{self.section}|{self.name}|{self.unit_minor}|{choices}"


@dataclass(frozen=True, slots=True)
class OrderDetails:
    """The whole of an order as a platform sees it at one moment. `bill.tip` is the tip as of then."""

    placed_at: datetime | None
    currency: str
    bill: Bill
    fulfilment: Fulfilment
    short_code: str
    is_advance: bool = False
    table_name: str | None = None
    zone: str | None = None
    requested_for: datetime | None = None
    promised_at: datetime | None = None
    voucher: str | None = None
    payment: str | None = None
    rating: int | None = None
    note: str | None = None
    address: str | None = None
    address_note: str | None = None
    customer_name: str | None = None
    """What the restaurant calls the customer of an order of its own; whom a platform's is for is said beside it."""
    refunded_minor: int | None = None
    lines: tuple[LineDetails, ...] = field(default=())
    is_reference_only: bool = False
    """It names the order and says nothing of what is in it: enough to place an order, not to change one."""


_DESCRIBED_COLUMNS = (
    "short_code",
    "fulfilment",
    "table_name",
    "is_advance",
    "zone",
    "requested_for",
    "promised_at",
    "currency",
    "voucher",
    "payment",
    "note",
    "address",
    "address_note",
    "customer_name",
)
"""What an order has from its newest description, by the same names."""


def described_columns(details: OrderDetails) -> dict[str, Any]:
    """What of the details an order has by the same names."""
    return {name: getattr(details, name) for name in _DESCRIBED_COLUMNS}
