"""Amounts of money: a whole number of the currency's smallest unit, with the currency. Floats are never used.

web/order/formatting.py writes amounts for people.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_DECIMALS = {
    0: ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"),
    3: ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"),
}
_DECIMALS_OF = {currency: decimals for decimals, currencies in _DECIMALS.items() for currency in currencies}
_ONE, _TOO_MUCH = Decimal(1), Decimal(10) ** 10


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (cents) of a currency (ISO 4217 code)."""

    minor: int
    currency: str

    @property
    def amount(self) -> Decimal:
        """The amount in major units: 1250 euro cents are 12.50."""
        return Decimal(self.minor).scaleb(-decimals(self.currency))

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"{other.currency} cannot be added to or subtracted from {self.currency}.")
        return other


def decimals(currency: str) -> int:
    """Return the number of decimals of the currency (ISO 4217)."""
    return _DECIMALS_OF.get(currency, 2)


def minor_units(amount: Decimal | int, currency: str) -> int:
    """Convert an amount in major units to minor units. Half a minor unit is rounded away from zero.

    Raise ValueError if the amount is not finite or too large for the database.
    """
    if not amount:
        return 0
    exact = Decimal(amount)
    if not exact.is_finite() or abs(exact) >= _TOO_MUCH:
        raise ValueError("not an amount of money")
    return int(exact.scaleb(decimals(currency)).quantize(_ONE, rounding=ROUND_HALF_UP))
