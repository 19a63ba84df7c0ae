"""Made-up orders in every state that the gallery shows. The operations make them, so that each could really be."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tracker.accounts.model import Connection, Platform, Restaurant
from tracker.ids import new_id
from tracker.orders import by_upstream
from tracker.orders.model import Bill, LineOption, Order
from tracker.orders.progress import Handover, Step
from tracker.orders.told import LineDetails, OrderDetails, Told

Build = Callable[[datetime], Order]

_MARGHERITA = LineDetails("Margherita", 2, 1150, "Pizza", (LineOption(name="Extra basil", minor=50),))
_DIAVOLA = LineDetails("Diavola", 1, 1350, "Pizza")
_TIRAMISU = LineDetails("Tiramisù", 1, 650, "Dolci")
_DETAILS = OrderDetails(
    placed_at=None,
    currency="EUR",
    bill=Bill(items=4300, delivery=300, service=50, charged=4650, tip=200),
    handover=Handover.DELIVERY,
    short_code="A42",
    payment="Visa ****2371",
    note="No oregano, please",
    address="38 Sample Street, Dublin 2",
    address_note="The blue door, second bell",
    lines=(_MARGHERITA, _DIAVOLA, _TIRAMISU),
)


class _Kitchen:
    """One order and what a platform tells of it, minute by minute; the last minute is the present."""

    def __init__(self, now: datetime, started: int, *, restaurant: dict[str, Any] | None = None, **details: Any) -> None:
        self._now = now
        self._started = now - timedelta(minutes=started)
        self._told = 0
        self.details = replace(_DETAILS, placed_at=self._started, **details)
        connection = Connection(id=new_id(now), platform=Platform.FLIPDISH, restaurant=_restaurant(now, restaurant or {}))
        told = self.told(0)
        placed = by_upstream.place_order(connection, "1", self.details, customer=None, told=told, now=told.at)
        self.order = placed.order
        self.order.restaurant = connection.restaurant

    def told(self, minute: int) -> Told:
        self._told += 1
        at = self._started + timedelta(minutes=minute)
        return Told(at, f"{at:%Y%m%d%H%M%S} {self._told:04}")

    def promise(self, minute: int, due: int) -> "_Kitchen":
        return self.change(minute, promised_at=self._started + timedelta(minutes=due))

    def change(self, minute: int, **details: Any) -> "_Kitchen":
        self.details = replace(self.details, **details)
        by_upstream.change_details(self.order, self.details, told=self.told(minute), now=self._now)
        return self

    def confirm(self, minute: int, due: int | None = None) -> "_Kitchen":
        by_upstream.confirm_order(self.order, at=None, told=self.told(minute), now=self._now)
        return self.promise(minute, due) if due else self

    def progress(self, minute: int, status: str, step: Step | None) -> "_Kitchen":
        by_upstream.progress_order(
            self.order, status=status, step=step, at=None, told=self.told(minute), now=self._now
        )
        return self

    def reject(self, minute: int, reason: str | None) -> "_Kitchen":
        by_upstream.reject_order(self.order, reason=reason, at=None, told=self.told(minute), now=self._now)
        return self

    def cancel(self, minute: int) -> "_Kitchen":
        by_upstream.cancel_order(self.order, at=None, told=self.told(minute), now=self._now)
        return self

    def refund(self, minute: int, minor: int) -> "_Kitchen":
        told = self.told(minute)
        by_upstream.refund_order(self.order, minor, ref=told.stamp, told=told, now=self._now)
        return self

    def tip(self, minute: int, minor: int) -> "_Kitchen":
        by_upstream.change_tip(self.order, minor, told=self.told(minute), now=self._now)
        return self

    def rate(self, minute: int, rating: int) -> "_Kitchen":
        by_upstream.rate_order(self.order, rating, told=self.told(minute), now=self._now)
        return self


def _restaurant(now: datetime, changes: dict[str, Any]) -> Restaurant:
    usual: dict[str, Any] = {
        "id": new_id(now),
        "name": "Bella Napoli",
        "zone": "Europe/Dublin",
        "currency": "EUR",
        "locale": "en-IE",
        "phone": "+353 1 555 0142",
        "colour": "#b3261e",
        "window_minutes": 10,
    }
    return Restaurant(**usual | changes)


def _placed(now: datetime) -> Order:
    return _Kitchen(now, 2).order


def _confirmed(now: datetime) -> Order:
    return _Kitchen(now, 12).confirm(3, due=45).order


def _moved(now: datetime) -> Order:
    return _Kitchen(now, 20).confirm(3, due=40).promise(15, due=60).order


def _overdue(now: datetime) -> Order:
    return _Kitchen(now, 65).confirm(3, due=40).order


def _no_time(now: datetime) -> Order:
    return _Kitchen(now, 12, restaurant={"phone": None}).confirm(3).order


def _ahead(now: datetime) -> Order:
    wanted = now + timedelta(hours=23)
    return _Kitchen(now, 90, is_advance=True, requested_for=wanted).confirm(5).order


def _ready(now: datetime) -> Order:
    kitchen = _Kitchen(now, 30, handover=Handover.COLLECTION, restaurant={"colour": "#ffd400", "name": "Sol y Sombra"})
    return kitchen.confirm(2, due=25).progress(26, "Ready to collect", Step.READY).order


def _at_table(now: datetime) -> Order:
    kitchen = _Kitchen(now, 9, handover=Handover.TABLE, table_name="12", restaurant={"colour": "#0b57d0"})
    return kitchen.confirm(2, due=20).order


def _on_the_way(now: datetime) -> Order:
    kitchen = _Kitchen(now, 35).confirm(3, due=45).progress(24, "Ready", Step.READY)
    return kitchen.progress(30, "Out for Delivery", Step.ON_THE_WAY).order


def _arrived(now: datetime) -> Order:
    kitchen = _Kitchen(now, 41).confirm(3, due=45).progress(30, "Out for Delivery", Step.ON_THE_WAY)
    return kitchen.progress(40, "The courier has arrived", Step.ARRIVED).order


def _set_back(now: datetime) -> Order:
    kitchen = _Kitchen(now, 35).confirm(3, due=45).progress(24, "Out for Delivery", Step.ON_THE_WAY)
    return kitchen.progress(30, "Back in the kitchen", Step.CONFIRMED).order


def _completed(now: datetime) -> Order:
    kitchen = _Kitchen(now, 90).confirm(3, due=45).progress(30, "Out for Delivery", Step.ON_THE_WAY)
    kitchen.progress(47, "Delivered", Step.HANDED_OVER)
    return kitchen.tip(60, 500).refund(70, 650).refund(75, 100).rate(80, 3).order


def _collected(now: datetime) -> Order:
    kitchen = _Kitchen(now, 90, handover=Handover.COLLECTION).confirm(3, due=45).progress(30, "Ready", Step.READY)
    return kitchen.progress(47, "Collected", Step.HANDED_OVER).order


def _rejected(now: datetime) -> Order:
    return _Kitchen(now, 8).reject(5, "The restaurant is too busy right now.").order


def _rejected_refunded(now: datetime) -> Order:
    return _Kitchen(now, 12).reject(5, "Something you ordered is not available right now.").refund(7, 4850).order


def _called_off(now: datetime) -> Order:
    return _Kitchen(now, 40).confirm(3, due=45).reject(30, None).refund(32, 2000).order


def _cancelled(now: datetime) -> Order:
    return _Kitchen(now, 12).cancel(6).order


def _changed(now: datetime) -> Order:
    lines = (replace(_MARGHERITA, quantity=1), _TIRAMISU, LineDetails("Sparkling water", 1, 250))
    bill = Bill(items=2050, delivery=300, service=50, charged=2400, tip=200)
    return _Kitchen(now, 15).confirm(3, due=40).change(8, lines=lines, bill=bill).order


def _long_names(now: datetime) -> Order:
    name = "The Extraordinarily Long-Named Neighbourhood Kitchen of Llanfairpwllgwyngyllgogerychwyrndrobwll"
    line = LineDetails("Slow-roasted seasonal vegetables with " + "very " * 12 + "good olive oil", 1, 123456)
    options = tuple(LineOption(name=f"Option number {number}", minor=0) for number in range(1, 9))
    kitchen = _Kitchen(
        now,
        9,
        restaurant={"name": name, "colour": "#f5f5f0"},
        lines=(replace(line, options=options), LineDetails("شاورما دجاج", 3, 900), LineDetails("حمص בייגל", 1, 400)),
        bill=Bill(items=126556, discount=-500, charged=126456, delivery=300, tip=0),
        voucher="WELCOME-TO-THE-NEIGHBOURHOOD-2026",
        note="Line one of the note\nand a second line, " + "which goes on " * 10,
        short_code="LONG-0123456789-ABCDEF",
    )
    return kitchen.confirm(2, due=30).progress(4, "In the oven, " * 8, None).order


def _big(now: datetime) -> Order:
    lines = tuple(LineDetails(f"Dish number {number}", number % 4 + 1, 500 + number * 25) for number in range(1, 31))
    items = sum(line.quantity * line.unit_minor for line in lines)
    bill = Bill(items=items, delivery=300, service=150, fee=99, discount=-1000, charged=items - 201, tip=1000)
    return _Kitchen(now, 9, lines=lines, bill=bill, voucher="10 euros off").confirm(2, due=60).order


def _tokyo(now: datetime) -> Order:
    restaurant = {"name": "東京ラーメン", "zone": "Asia/Tokyo", "locale": "ja-JP", "currency": "JPY", "colour": "#111111"}
    lines = (LineDetails("醤油ラーメン", 2, 980), LineDetails("餃子", 1, 450))
    bill = Bill(items=2410, charged=2410)
    kitchen = _Kitchen(now, 9, restaurant=restaurant, currency="JPY", lines=lines, bill=bill, note=None)
    return kitchen.confirm(2, due=26 * 60).order


STATES: dict[str, Build] = {
    "placed": _placed,
    "confirmed": _confirmed,
    "confirmed-without-a-time": _no_time,
    "confirmed-for-tomorrow": _ahead,
    "time-moved": _moved,
    "overdue": _overdue,
    "ready-to-collect": _ready,
    "at-table": _at_table,
    "on-the-way": _on_the_way,
    "arrived": _arrived,
    "set-back": _set_back,
    "completed-with-rating-and-refunds": _completed,
    "collected": _collected,
    "rejected": _rejected,
    "rejected-and-refunded": _rejected_refunded,
    "called-off-and-partly-refunded": _called_off,
    "cancelled": _cancelled,
    "lines-changed": _changed,
    "long-names": _long_names,
    "big-order": _big,
    "another-language": _tokyo,
}
"""Every state, by the name that it has in the gallery."""


def made_up_orders(now: datetime) -> list[Order]:
    """One order in each state, newest first."""
    return sorted((build(now) for build in STATES.values()), key=lambda order: order.placed_at, reverse=True)
