"""What a platform tells us of an order, in our words: the shapes that the way in hands to the operations."""

from dataclasses import dataclass, field
from datetime import datetime

from tracker.orders.bill import Bill, LineOption
from tracker.orders.progress import Handover


@dataclass(frozen=True, slots=True)
class Told:
    """When a platform said something, and a text that sorts everything it says of one order.

    Of two sayings the one with the greater stamp is the newer, on whichever day and in whichever order they arrive, and
    no two different sayings have the same stamp.
    """

    at: datetime
    stamp: str


@dataclass(frozen=True, slots=True)
class LineDetails:
    """One group of equal positions. `unit_minor` is the price of one with its options, in minor units."""

    name: str
    quantity: int
    unit_minor: int
    section: str | None = None
    options: tuple[LineOption, ...] = ()

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
    handover: Handover
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
    refunded_minor: int | None = None
    lines: tuple[LineDetails, ...] = field(default=())
    is_bare: bool = False
    """It names the order and says nothing of what is in it: enough to place an order, not to change one."""
