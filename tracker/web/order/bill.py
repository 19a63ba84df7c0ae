"""The bill as rows: the parts and their total, then the refunds and the total after refunds.

sentences.py describes refunds in words.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tracker.orders.model import Order
from tracker.orders.money import Money


@dataclass(frozen=True, slots=True)
class BillRow:
    """One row of the bill.

    `at` is the time of a refund. `is_sum` means that the row is the sum of the rows above, `is_past` that the amount is
    from before an adjustment.
    """

    label: str
    amount: Money
    at: datetime | None = None
    is_sum: bool = False
    is_past: bool = False


def bill_rows(order: Order) -> list[BillRow]:
    """Return every part that is not 0, the total, each refund, and the total after refunds if there were any."""
    return [*_parts(order), *_before_the_change(order), BillRow("Total", order.total, is_sum=True), *_refunds(order)]


def _parts(order: Order) -> Iterator[BillRow]:
    bill = order.bill
    parts = (
        ("Items", bill.items),
        ("Delivery", bill.delivery),
        ("Service", bill.service),
        ("Ordering fee", bill.fee),
        (f"Voucher {order.voucher or ''}".strip(), bill.discount),
        ("Other charges" if bill.other > 0 else "Adjustments", bill.other),
        ("Tip", bill.tip),
    )
    return (BillRow(label, order.money(minor)) for label, minor in parts if minor)


def _before_the_change(order: Order) -> Iterator[BillRow]:
    if not any(line.quantity < line.ordered or line.options_left_out for line in order.lines):
        return
    if order.total_as_ordered != order.total:
        yield BillRow("Before the change", order.total_as_ordered, is_past=True)


def _refunds(order: Order) -> Iterator[BillRow]:
    for refund in order.refunds:
        yield BillRow("Refund", -order.money(refund.minor), refund.at)
    # The platform's own sum is authoritative. It may contain refunds that were not reported separately.
    unreported = order.refunded.minor - sum(refund.minor for refund in order.refunds)
    if unreported:
        yield BillRow("Other refunds" if unreported > 0 else "Refunds taken back", -order.money(unreported))
    if order.refunded:
        yield BillRow("Total after refunds", order.total - order.refunded, is_sum=True)
