"""What anybody could see of an order: if its page looks another way, so does this, or nobody would be told."""

from dataclasses import replace

from tests.builders import EVENING, an_order, report, some_details
from tracker.orders.operations import by_platform
from tracker.orders.snapshot import order_snapshot
from tracker.web.order.bill import bill_rows


def test_what_it_cost_before_the_change_is_seen_when_an_earlier_price_than_the_first_becomes_known() -> None:
    details = some_details()
    order = an_order(details=details)
    by_platform.change_details(order, replace(details, lines=details.lines[:1]), report=report(5), now=EVENING)
    shown, rows = order_snapshot(order), bill_rows(order)

    dearer = replace(details, bill=replace(details.bill, charged=details.bill.charged + 100))
    by_platform.change_details(order, dearer, report=report(-5), now=EVENING)

    assert bill_rows(order) != rows
    assert order_snapshot(order) != shown


def test_nobody_sees_that_a_platform_has_reported_what_was_taken_for_true() -> None:
    order = an_order(details=some_details(placed_at=None))
    before = order_snapshot(order)

    by_platform.change_details(order, some_details(placed_at=EVENING), report=report(5), now=EVENING)

    assert order.is_placed_at_reported
    assert order_snapshot(order) == before
