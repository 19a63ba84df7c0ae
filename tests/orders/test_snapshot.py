"""The snapshot differs whenever an order's page looks different, because open pages are updated only then."""

from dataclasses import replace

from tests.builders import EVENING, an_order, report, some_details
from tracker.orders.operations import by_platform
from tracker.orders.snapshot import order_snapshot
from tracker.web.order.bill import bill_rows


def test_an_earlier_description_that_changes_the_price_as_ordered_changes_the_snapshot() -> None:
    details = some_details()
    order = an_order(details=details)
    by_platform.change_details(order, replace(details, lines=details.lines[:1]), report=report(5), now=EVENING)
    shown, rows = order_snapshot(order), bill_rows(order)

    dearer = replace(details, bill=replace(details.bill, charged=details.bill.charged + 100))
    by_platform.change_details(order, dearer, report=report(-5), now=EVENING)

    assert bill_rows(order) != rows
    assert order_snapshot(order) != shown


def test_a_report_that_only_confirms_the_time_of_placing_does_not_change_the_snapshot() -> None:
    order = an_order(details=some_details(placed_at=None))
    before = order_snapshot(order)

    by_platform.change_details(order, some_details(placed_at=EVENING), report=report(5), now=EVENING)

    assert order.is_placed_at_reported
    assert order_snapshot(order) == before
