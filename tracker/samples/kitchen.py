"""A builder of sample orders of a platform. It uses the operations, so that every order is a possible one."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tracker.accounts.model import IfUnanswered, PlatformAccount, Restaurant
from tracker.ids import new_id
from tracker.orders.bill import Bill, LineOption
from tracker.orders.operations import by_platform
from tracker.orders.progress import Fulfilment, Step
from tracker.orders.reports import LineDetails, OrderDetails, Report

MARGHERITA = LineDetails("Margherita", 2, 1150, "Pizza", (LineOption(name="Extra basil", minor=50),))
DIAVOLA = LineDetails("Diavola", 1, 1350, "Pizza")
TIRAMISU = LineDetails("Tiramisù", 1, 650, "Dolci")
DEFAULT_DETAILS = OrderDetails(
    placed_at=None,
    currency="EUR",
    bill=Bill(items=4300, delivery=300, service=50, charged=4650, tip=200),
    fulfilment=Fulfilment.DELIVERY,
    short_code="A42",
    payment="Visa ****2371",
    note="No oregano, please",
    address="38 Sample Street, Dublin 2",
    address_note="The blue door, second bell",
    lines=(MARGHERITA, DIAVOLA, TIRAMISU),
)


class PlatformOrderBuilder:
    """An order and a platform's reports about it. Times are minutes after `started`, which is in minutes before now."""

    def __init__(self, now: datetime, started: int, *, by: dict[str, Any] | None = None, **details: Any) -> None:
        self._now = now
        self._started = now - timedelta(minutes=started)
        self._report_count = 0
        self.details = replace(DEFAULT_DETAILS, placed_at=self._started, **details)
        restaurant = sample_restaurant(now, by or {})
        platform_account = PlatformAccount(id=new_id(now), platform="flipdish", restaurant=restaurant)
        report = self.report(0)
        placed = by_platform.place_order(platform_account, "1", self.details, report=report, now=report.at)
        self.order = placed.order
        self.order.restaurant = platform_account.restaurant

    def report(self, minute: int) -> Report:
        """Return the platform's next report, made at this minute."""
        self._report_count += 1
        at = self._started + timedelta(minutes=minute)
        return Report(at, f"{at:%Y%m%d%H%M%S} {self._report_count:04}")

    def promise(self, minute: int, due: int) -> "PlatformOrderBuilder":
        """Report that the food is promised for the minute `due`."""
        return self.change(minute, promised_at=self._started + timedelta(minutes=due))

    def change(self, minute: int, **details: Any) -> "PlatformOrderBuilder":
        """Report a new description of the order."""
        self.details = replace(self.details, **details)
        by_platform.change_details(self.order, self.details, report=self.report(minute), now=self._now)
        return self

    def confirm(self, minute: int, due: int | None = None) -> "PlatformOrderBuilder":
        """Report that the restaurant has confirmed the order, for the minute `due` if one is given."""
        by_platform.confirm_order(self.order, at=None, report=self.report(minute), now=self._now)
        return self.promise(minute, due) if due else self

    def progress(self, minute: int, status: str, step: Step | None) -> "PlatformOrderBuilder":
        """Report how far the order has come."""
        by_platform.progress_order(
            self.order, status=status, step=step, at=None, report=self.report(minute), now=self._now
        )
        return self

    def reject(self, minute: int, reason: str | None) -> "PlatformOrderBuilder":
        """Report that the restaurant has rejected the order."""
        by_platform.reject_order(self.order, reason=reason, at=None, report=self.report(minute), now=self._now)
        return self

    def cancel(self, minute: int) -> "PlatformOrderBuilder":
        """Report that the customer has cancelled the order."""
        by_platform.cancel_order(self.order, at=None, report=self.report(minute), now=self._now)
        return self

    def refund(self, minute: int, minor: int) -> "PlatformOrderBuilder":
        """Report a refund, in minor units."""
        report = self.report(minute)
        by_platform.refund_order(self.order, minor, ref=report.source_version, report=report, now=self._now)
        return self

    def tip(self, minute: int, minor: int) -> "PlatformOrderBuilder":
        """Report the tip, in minor units."""
        by_platform.change_tip(self.order, minor, report=self.report(minute), now=self._now)
        return self

    def rate(self, minute: int, rating: int) -> "PlatformOrderBuilder":
        """Report the customer's rating."""
        by_platform.rate_order(self.order, rating, report=self.report(minute), now=self._now)
        return self


def sample_restaurant(now: datetime, changes: dict[str, Any]) -> Restaurant:
    """Return the restaurant Bella Napoli with these attributes changed."""
    usual: dict[str, Any] = {
        "id": new_id(now),
        "name": "Bella Napoli",
        "zone": "Europe/Dublin",
        "currency": "EUR",
        "locale": "en-IE",
        "phone": "+353 1 555 0142",
        "colour": "#b3261e",
        "window_minutes": 10,
        "answer_minutes": 10,
        "if_unanswered": IfUnanswered.CANCEL,
        "statuses": {},
    }
    return Restaurant(**usual | changes)
