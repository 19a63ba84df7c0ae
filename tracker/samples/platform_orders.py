"""Every state of an order that the gallery shows, by name."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from tracker.orders.bill import Bill, LineOption
from tracker.orders.model import Order
from tracker.orders.progress import Fulfilment, Step
from tracker.orders.reports import LineDetails
from tracker.samples.kitchen import MARGHERITA, TIRAMISU, PlatformOrderBuilder
from tracker.samples.own_orders import OWN_STATES

Build = Callable[[datetime], Order]


def _placed(now: datetime) -> Order:
    return PlatformOrderBuilder(now, 2).order


def _confirmed(now: datetime) -> Order:
    return PlatformOrderBuilder(now, 12).confirm(3, due=45).order


def _moved(now: datetime) -> Order:
    return (
        PlatformOrderBuilder(now, 20)
        .confirm(3, due=40)
        .progress(14, "Our oven is slow tonight", None)
        .promise(15, due=60)
        .order
    )


def _overdue(now: datetime) -> Order:
    return PlatformOrderBuilder(now, 65).confirm(3, due=40).order


def _no_time(now: datetime) -> Order:
    return PlatformOrderBuilder(now, 12, by={"phone": None}).confirm(3).order


def _ahead(now: datetime) -> Order:
    wanted = now + timedelta(hours=23)
    return PlatformOrderBuilder(now, 90, is_advance=True, requested_for=wanted).confirm(5).order


def _ready(now: datetime) -> Order:
    kitchen = PlatformOrderBuilder(
        now, 30, fulfilment=Fulfilment.COLLECTION, by={"colour": "#ffd400", "name": "Sol y Sombra"}
    )
    return kitchen.confirm(2, due=25).progress(26, "Ready to collect", Step.READY).order


def _at_table(now: datetime) -> Order:
    kitchen = PlatformOrderBuilder(now, 9, fulfilment=Fulfilment.TABLE, table_name="12", by={"colour": "#0b57d0"})
    return kitchen.confirm(2, due=20).order


def _on_the_way(now: datetime) -> Order:
    kitchen = PlatformOrderBuilder(now, 35).confirm(3, due=45).progress(24, "Ready", Step.READY)
    return kitchen.progress(30, "Out for Delivery", Step.ON_THE_WAY).order


def _arrived(now: datetime) -> Order:
    kitchen = PlatformOrderBuilder(now, 41).confirm(3, due=45).progress(30, "Out for Delivery", Step.ON_THE_WAY)
    return kitchen.progress(40, "The courier has arrived", Step.ARRIVED).order


def _set_back(now: datetime) -> Order:
    kitchen = PlatformOrderBuilder(now, 35).confirm(3, due=45).progress(24, "Out for Delivery", Step.ON_THE_WAY)
    return kitchen.progress(30, "Back in the kitchen", Step.CONFIRMED).order


def _completed(now: datetime) -> Order:
    kitchen = PlatformOrderBuilder(now, 90).confirm(3, due=45).progress(30, "Out for Delivery", Step.ON_THE_WAY)
    kitchen.progress(47, "Delivered", Step.HANDED_OVER)
    return kitchen.tip(60, 500).refund(70, 650).refund(75, 100).rate(80, 3).order


def _collected(now: datetime) -> Order:
    kitchen = (
        PlatformOrderBuilder(now, 90, fulfilment=Fulfilment.COLLECTION)
        .confirm(3, due=45)
        .progress(30, "Ready", Step.READY)
    )
    return kitchen.progress(47, "Collected", Step.HANDED_OVER).order


def _rejected(now: datetime) -> Order:
    return PlatformOrderBuilder(now, 8).reject(5, "The restaurant is too busy right now.").order


def _rejected_refunded(now: datetime) -> Order:
    return (
        PlatformOrderBuilder(now, 12)
        .reject(5, "Something you ordered is not available right now.")
        .refund(7, 4850)
        .order
    )


def _called_off(now: datetime) -> Order:
    return PlatformOrderBuilder(now, 40).confirm(3, due=45).reject(30, None).refund(32, 2000).order


def _cancelled(now: datetime) -> Order:
    return PlatformOrderBuilder(now, 12).cancel(6).order


def _changed(now: datetime) -> Order:
    lines = (replace(MARGHERITA, quantity=1), TIRAMISU, LineDetails("Sparkling water", 1, 250))
    bill = Bill(items=2050, delivery=300, service=50, charged=2400, tip=200)
    return PlatformOrderBuilder(now, 15).confirm(3, due=40).change(8, lines=lines, bill=bill).order


def _long_names(now: datetime) -> Order:
    name = "The Extraordinarily Long-Named Neighbourhood Kitchen of Llanfairpwllgwyngyllgogerychwyrndrobwll"
    line = LineDetails("Slow-roasted seasonal vegetables with " + "very " * 12 + "good olive oil", 1, 123456)
    options = tuple(LineOption(name=f"Option number {number}", minor=0) for number in range(1, 9))
    kitchen = PlatformOrderBuilder(
        now,
        9,
        by={"name": name, "colour": "#f5f5f0"},
        lines=(replace(line, options=options), LineDetails("شاورما دجاج", 3, 900), LineDetails("حمص בייגל", 1, 400)),
        bill=Bill(items=126556, discount=-500, charged=126456, delivery=300, tip=0),
        voucher="ACCEPTED-TO-THE-NEIGHBOURHOOD-2026",
        note="Line one of the note\nand a second line, " + "which goes on " * 10,
        short_code="LONG-0123456789-ABCDEF",
    )
    return kitchen.confirm(2, due=30).progress(4, "In the oven, " * 8, None).order


def _big(now: datetime) -> Order:
    lines = tuple(LineDetails(f"Dish number {number}", number % 4 + 1, 500 + number * 25) for number in range(1, 31))
    items = sum(line.quantity * line.unit_minor for line in lines)
    bill = Bill(items=items, delivery=300, service=150, fee=99, discount=-1000, charged=items - 201, tip=1000)
    return PlatformOrderBuilder(now, 9, lines=lines, bill=bill, voucher="10 euros off").confirm(2, due=60).order


def _tokyo(now: datetime) -> Order:
    ramen = {
        "name": "東京ラーメン",
        "zone": "Asia/Tokyo",
        "locale": "ja-JP",
        "currency": "JPY",
        "colour": "#111111",
    }
    lines = (LineDetails("醤油ラーメン", 2, 980), LineDetails("餃子", 1, 450))
    bill = Bill(items=2410, charged=2410)
    kitchen = PlatformOrderBuilder(now, 9, by=ramen, currency="JPY", lines=lines, bill=bill, note=None)
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
    **OWN_STATES,
}
"""Every state, by the name that it has in the gallery."""


def sample_orders(now: datetime) -> list[Order]:
    """One order in each state, newest first."""
    return sorted((build(now) for build in STATES.values()), key=lambda order: order.placed_at, reverse=True)
