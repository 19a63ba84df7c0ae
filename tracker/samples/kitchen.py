"""Makes orders up for the gallery, by the operations themselves, so that each could really be."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tracker.accounts.model import Connection, IfUnanswered, Platform, Restaurant
from tracker.ids import new_id
from tracker.orders.bill import Bill, LineOption
from tracker.orders.operations import by_platform as by_upstream
from tracker.orders.progress import Handover, Step
from tracker.orders.reports import LineDetails, OrderDetails, Told

MARGHERITA = LineDetails("Margherita", 2, 1150, "Pizza", (LineOption(name="Extra basil", minor=50),))
DIAVOLA = LineDetails("Diavola", 1, 1350, "Pizza")
TIRAMISU = LineDetails("Tiramisù", 1, 650, "Dolci")
USUAL_DETAILS = OrderDetails(
    placed_at=None,
    currency="EUR",
    bill=Bill(items=4300, delivery=300, service=50, charged=4650, tip=200),
    handover=Handover.DELIVERY,
    short_code="A42",
    payment="Visa ****2371",
    note="No oregano, please",
    address="38 Sample Street, Dublin 2",
    address_note="The blue door, second bell",
    lines=(MARGHERITA, DIAVOLA, TIRAMISU),
)


class Kitchen:
    """One order and what a platform tells of it, minute by minute; the last minute is the present."""

    def __init__(self, now: datetime, started: int, *, by: dict[str, Any] | None = None, **details: Any) -> None:
        self._now = now
        self._started = now - timedelta(minutes=started)
        self._told = 0
        self.details = replace(USUAL_DETAILS, placed_at=self._started, **details)
        restaurant = made_up_restaurant(now, by or {})
        connection = Connection(id=new_id(now), platform=Platform.FLIPDISH, restaurant=restaurant)
        told = self.told(0)
        placed = by_upstream.place_order(connection, "1", self.details, told=told, now=told.at)
        self.order = placed.order
        self.order.restaurant = connection.restaurant

    def told(self, minute: int) -> Told:
        """The next thing that the platform says, at that minute."""
        self._told += 1
        at = self._started + timedelta(minutes=minute)
        return Told(at, f"{at:%Y%m%d%H%M%S} {self._told:04}")

    def promise(self, minute: int, due: int) -> "Kitchen":
        """The food will be there at the minute `due`."""
        return self.change(minute, promised_at=self._started + timedelta(minutes=due))

    def change(self, minute: int, **details: Any) -> "Kitchen":
        """The order is described anew."""
        self.details = replace(self.details, **details)
        by_upstream.change_details(self.order, self.details, told=self.told(minute), now=self._now)
        return self

    def confirm(self, minute: int, due: int | None = None) -> "Kitchen":
        """The restaurant takes it on, for the minute `due` if one is given."""
        by_upstream.confirm_order(self.order, at=None, told=self.told(minute), now=self._now)
        return self.promise(minute, due) if due else self

    def progress(self, minute: int, status: str, step: Step | None) -> "Kitchen":
        """It has come further."""
        by_upstream.progress_order(self.order, status=status, step=step, at=None, told=self.told(minute), now=self._now)
        return self

    def reject(self, minute: int, reason: str | None) -> "Kitchen":
        """The restaurant doesn't take it on."""
        by_upstream.reject_order(self.order, reason=reason, at=None, told=self.told(minute), now=self._now)
        return self

    def cancel(self, minute: int) -> "Kitchen":
        """The customer takes it back."""
        by_upstream.cancel_order(self.order, at=None, told=self.told(minute), now=self._now)
        return self

    def refund(self, minute: int, minor: int) -> "Kitchen":
        """Money goes back."""
        told = self.told(minute)
        by_upstream.refund_order(self.order, minor, ref=told.stamp, told=told, now=self._now)
        return self

    def tip(self, minute: int, minor: int) -> "Kitchen":
        """The tip is now this."""
        by_upstream.change_tip(self.order, minor, told=self.told(minute), now=self._now)
        return self

    def rate(self, minute: int, rating: int) -> "Kitchen":
        """The rating is now this."""
        by_upstream.rate_order(self.order, rating, told=self.told(minute), now=self._now)
        return self


def made_up_restaurant(now: datetime, changes: dict[str, Any]) -> Restaurant:
    """Bella Napoli, but for the changes."""
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
