"""Builders of small, believable things. They use the operations, so that what they build could really be."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tracker.accounts.model import DEFAULT_REJECT_REASONS, Customer, IfUnanswered, PlatformAccount, Restaurant
from tracker.accounts.tokens import hash_secret
from tracker.ids import new_id
from tracker.orders.adjustment import Adjustment
from tracker.orders.bill import Bill
from tracker.orders.model import Order
from tracker.orders.operations import by_platform, by_restaurant
from tracker.orders.operations.adjustments import ProposedChange
from tracker.orders.operations.placement import place_order
from tracker.orders.progress import Fulfilment
from tracker.orders.reports import LineDetails, OrderDetails, Report

EVENING = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
VERIFY_TOKEN = "a-verify-token-for-tests"


def a_restaurant(**changes: Any) -> Restaurant:
    """Bella Napoli in Dublin."""
    usual = {
        "id": new_id(EVENING),
        "name": "Bella Napoli",
        "zone": "Europe/Dublin",
        "currency": "EUR",
        "locale": "en-IE",
        "phone": "+353 1 555 0142",
        "colour": "#b3261e",
        "window_minutes": 10,
        "answer_minutes": 10,
        "if_unanswered": IfUnanswered.CANCEL,
        "reject_reasons": list(DEFAULT_REJECT_REASONS),
        "statuses": {},
        "created_at": EVENING,
    }
    return Restaurant(**usual | changes)


def a_platform_account(restaurant: Restaurant | None = None, **changes: Any) -> PlatformAccount:
    """A restaurant's account at Flipdish; its webhooks carry VERIFY_TOKEN."""
    usual = {
        "id": new_id(EVENING),
        "restaurant": restaurant or a_restaurant(),
        "platform": "flipdish",
        "verify_token_hash": hash_secret(VERIFY_TOKEN),
        "created_at": EVENING,
    }
    return PlatformAccount(**usual | changes)


def a_customer(**changes: Any) -> Customer:
    """Somebody who can sign in."""
    usual = {"id": new_id(EVENING), "email": "ada@example.com", "name": "Ada Byrne", "created_at": EVENING}
    return Customer(**usual | changes)


def a_line(name: str = "Margherita", **changes: Any) -> LineDetails:
    """Two pizzas."""
    usual = LineDetails(name=name, quantity=2, unit_minor=1150, section="Pizza")
    return replace(usual, **changes)


def some_details(**changes: Any) -> OrderDetails:
    """An order for delivery, as a platform describes it."""
    usual = OrderDetails(
        placed_at=EVENING,
        currency="EUR",
        bill=Bill(items=2950, delivery=300, charged=3250, tip=200),
        fulfilment=Fulfilment.DELIVERY,
        short_code="A42",
        requested_for=EVENING + timedelta(minutes=45),
        payment="Visa ****2371",
        note="No oregano please",
        address="38 Sample Street, Dublin",
        address_note="The blue door",
        lines=(
            a_line(),
            a_line(
                "Tiramisu", quantity=1, unit_minor=650, section="Dolci", options=({"name": "Extra cocoa", "minor": 50},)
            ),
        ),
    )
    return replace(usual, **changes)


def report(minutes: float = 0, source: str = "a") -> Report:
    """A report by the platform so many minutes after the order was placed."""
    at = EVENING + timedelta(minutes=minutes)
    return Report(at=at, source_version=f"{at.isoformat(timespec='microseconds')} 0 {source}")


def an_order(
    *,
    platform_account: PlatformAccount | None = None,
    customer: Customer | None = None,
    details: OrderDetails | None = None,
) -> Order:
    """An order that has just been placed, in memory only."""
    platform_account = platform_account or a_platform_account()
    order = by_platform.place_order(
        platform_account, "1234", details or some_details(), report=report(), now=EVENING
    ).order
    order.customer = customer or a_customer()
    return order


def an_own_order(restaurant: Restaurant | None = None, *, customer: Customer | None = None, **details: Any) -> Order:
    """An order that the restaurant has just placed itself, in memory only: its lines are "pizza" and "dolce"."""
    lines = (
        a_line(ref="pizza"),
        a_line("Tiramisu", ref="dolce", quantity=1, unit_minor=650, options=({"name": "Extra cocoa", "minor": 50},)),
    )
    said = some_details(**{"lines": lines, "requested_for": None} | details)
    return place_order(
        restaurant or a_restaurant(), said, customer=customer or a_customer(), actor_name="API", now=EVENING
    ).order


def a_change(minutes: float | None = None, **changes: Any) -> ProposedChange:
    """Without the tiramisu, or in so many minutes from EVENING, or however it is said."""
    promised_at = None if minutes is None else EVENING + timedelta(minutes=minutes)
    usual = {"lines": () if minutes is not None or changes else ("dolce",), "promised_at": promised_at}
    return ProposedChange(**usual | changes)


def an_adjustment(order: Order, change: ProposedChange | None = None, *, now: datetime = EVENING) -> Adjustment:
    """What the restaurant proposes to do otherwise with this order, and the customer has not answered."""
    by_restaurant.adjust_order(order, change or a_change(), actor_name="bob@example.com", now=now)
    return order.adjustments[-1]
