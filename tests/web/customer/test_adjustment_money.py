"""Prices of adjusted orders: nothing, more than before, and unknown."""

from dataclasses import replace
from datetime import timedelta

from flask.testing import FlaskClient

from tests.builders import EVENING, a_change, a_line, an_adjustment, an_order, report, some_details
from tests.conftest import Clock
from tests.order_actions import WHO, an_own_order, propose
from tests.web.customer.adjusted_order import a_table
from tests.web.customer.test_adjustment_view import announcement_in, card_of
from tracker.database import Database
from tracker.orders.bill import Bill, LineOption
from tracker.orders.operations import by_customer, by_platform, by_restaurant
from tracker.orders.operations.adjustments import ProposedChange

LATER = EVENING + timedelta(minutes=5)


def test_a_free_order_costs_nothing_after_a_change_instead_of_an_unknown_sum(
    client: FlaskClient, database: Database, clock: Clock
) -> None:
    free = (a_line("Tap water", ref="water", unit_minor=0),)
    table = a_table(client, database, clock, an_own_order(EVENING, lines=free, bill=Bill()))
    table.step(propose(70))

    page = table.page()

    assert "Total €0.00, as before" in card_of(page)
    assert "The total would be €0.00." in announcement_in(page)


def test_leaving_out_an_option_with_a_negative_price_makes_the_order_dearer(
    client: FlaskClient, database: Database, clock: Clock
) -> None:
    plain = a_line(ref="pizza", quantity=1, unit_minor=900, options=({"name": "No cheese", "minor": -100},))
    table = a_table(client, database, clock, an_own_order(EVENING, lines=(plain,), bill=Bill(items=900, charged=900)))
    change = ProposedChange(options=("No cheese",))
    table.step(lambda order, now: by_restaurant.adjust_order(order, change, actor_name=WHO, now=now))

    assert "Total not €9.00 → but €10.00 €1.00 more" in card_of(table.page())


def test_leaving_out_an_option_dearer_than_its_dish_makes_no_price_negative() -> None:
    dear = a_line(ref="pizza", quantity=2, unit_minor=100, options=(LineOption(name="Truffle", minor=500),))
    order = an_own_order(EVENING, lines=(dear,), bill=Bill(items=200, charged=200))

    an_adjustment(order, ProposedChange(options=("Truffle",)))
    by_customer.accept_adjustment(order, 1, now=LATER)

    assert order.adjustments[0].difference is None
    assert (order.lines[0].unit_minor, order.bill.charged) == (100, 200)


def test_a_total_that_a_platform_reports_after_an_accepted_change_is_no_longer_open() -> None:
    order = an_order()
    dearer = replace(order.bill, charged=order.bill.charged + 100)
    by_platform.change_details(order, some_details(bill=dearer), report=report(1), now=LATER)
    (dessert,) = (line.ref for line in order.lines if line.name == "Tiramisu")
    an_adjustment(order, a_change(lines=(dessert,)))

    by_customer.accept_adjustment(order, 1, now=LATER)
    was_open = order.is_total_open
    cheaper = replace(dearer, charged=dearer.charged - 650)
    by_platform.change_details(order, some_details(bill=cheaper), report=report(9), now=LATER)

    assert was_open
    assert not order.is_total_open
