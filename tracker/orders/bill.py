"""What an order costs, and what the choices for its lines cost: whole minor units of the order's currency."""

from dataclasses import dataclass
from typing import TypedDict


class LineOption(TypedDict):
    """A choice made for a line. `minor` is its price, in minor units of the order's currency."""

    name: str
    minor: int


@dataclass(frozen=True, slots=True)
class Bill:
    """What the order costs, in minor units of its currency.

    `charged` is what the seller says is due without the tip, and is never checked by adding up: `other` is what it
    differs by from the parts we know. `discount` is what a voucher changes, usually below zero.
    """

    items: int = 0
    delivery: int = 0
    service: int = 0
    fee: int = 0
    discount: int = 0
    charged: int = 0
    tip: int = 0

    @property
    def total(self) -> int:
        """What is to be paid in all."""
        return self.charged + self.tip

    @property
    def other(self) -> int:
        """What is charged beside the parts that have a name."""
        return self.charged - (self.items + self.delivery + self.service + self.fee + self.discount)
