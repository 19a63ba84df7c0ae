"""The types in which `upstream` passes a platform's reports to the operations, independent of the platform."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tracker.orders.bill import Bill, LineOption
from tracker.orders.progress import Fulfilment


@dataclass(frozen=True, slots=True)
class Report:
    """The time of a platform's report, and the source version that sorts the reports about one order.

    Of two reports, the one with the greater source version is the newer, whenever and in whichever order they arrive.
    No two different reports have the same source version.
    """

    at: datetime
    source_version: str


@dataclass(frozen=True, slots=True)
class LineDetails:
    """A group of equal positions. `unit_minor` is the price of one piece with its options, in minor units."""

    name: str
    quantity: int
    unit_minor: int
    section: str | None = None
    options: tuple[LineOption, ...] = ()
    ref: str | None = None
    """The ordered item's id, if its source gives one. Otherwise `line_ref` derives an id from `key`."""

    @property
    def key(self) -> str:
        """A text that is equal for two positions of the same article, price and options."""
        choices = ",".join(f"{option['name']}={option['minor']}" for option in self.options)
        return f"{self.section}|{self.name}|{self.unit_minor}|{choices}"


@dataclass(frozen=True, slots=True)
class OrderDetails:
    """A platform's description of an order at one time. `bill.tip` is the tip at that time."""

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
    """The customer's name as given by the restaurant for its own order. Platforms report the customer separately."""
    refunded_minor: int | None = None
    lines: tuple[LineDetails, ...] = field(default=())
    is_reference_only: bool = False
    """Whether only the order's id is known, not its content. That is enough to place an order but not to change one."""


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
"""The columns of an order that have the names of fields of OrderDetails."""


def described_columns(details: OrderDetails) -> dict[str, Any]:
    """Return the details that become columns of the order, by column name."""
    return {name: getattr(details, name) for name in _DESCRIBED_COLUMNS}
