"""The parts of an order's price, and the prices of line options, in whole minor units of the order's currency."""

from dataclasses import dataclass
from typing import TypedDict


class LineOption(TypedDict):
    """An option chosen for a line. `minor` is its price, in minor units of the order's currency."""

    name: str
    minor: int


@dataclass(frozen=True, slots=True)
class Bill:
    """The price of an order and its parts, in minor units of its currency.

    `charged` is the amount due without the tip, as the seller reports it. It is never checked against the sum of the
    parts: `other` is the difference. `discount` is the amount of a voucher and usually negative.
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
        """The amount due, with the tip."""
        return self.charged + self.tip

    @property
    def other(self) -> int:
        """The part of `charged` that the named parts do not explain."""
        return self.charged - (self.items + self.delivery + self.service + self.fee + self.discount)
