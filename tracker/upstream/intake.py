"""Apply one notice to its order: place or change it by one operation for each platform event, and set its customer.

All of this runs in the transaction of inbox.py, which holds the locks of the order and of the person who ordered.
"""

from datetime import UTC, datetime, timedelta
from typing import assert_never

from sqlalchemy.orm import Session

from tracker.accounts.customer_identity import resolve_customer
from tracker.accounts.model import PlatformAccount
from tracker.orders.model import Order
from tracker.orders.operations import by_platform
from tracker.orders.operations.customer_merge import merge_customers
from tracker.orders.operations.storage import insert_order, load_order_for_update
from tracker.orders.reports import OrderDetails, Report
from tracker.orders.snapshot import order_snapshot
from tracker.upstream.known_state import KnownState
from tracker.upstream.notice import NoticeState
from tracker.upstream.platform_events import (
    Cancelled,
    Confirmed,
    ParsedNotice,
    Placed,
    PlatformEvent,
    Progressed,
    Rated,
    Refunded,
    Rejected,
    TipChanged,
)

_RANK: tuple[type[PlatformEvent], ...] = (
    Placed,
    Confirmed,
    Progressed,
    Rejected,
    Cancelled,
    Refunded,
    TipChanged,
    Rated,
)
"""The kinds of platform events from the older to the newer, for notices with the same time of sending."""

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""No platform that we support is older. An earlier time in a notice is a value that was never set."""


def take_in_order(
    session: Session,
    account: PlatformAccount,
    notice: ParsedNotice,
    known: KnownState,
    *,
    received_at: datetime,
    now: datetime,
) -> NoticeState:
    """Place or change the order of the notice, and return the new state of the notice."""
    if notice.platform_order_id is None or not (notice.platform_events or notice.details):
        return NoticeState.SET_ASIDE
    report = report_of_notice(notice, received_at)
    if known.order_id is not None:
        order = load_order_for_update(session, known.order_id)
        _assign_customer(session, order, account, notice, known, now=now)
        _change(order, notice, report=report, now=now)
    elif notice.details is not None:
        order = _place(account, notice, notice.platform_order_id, notice.details, report=report, now=now)
        _assign_customer(session, order, account, notice, known, now=now)
        session.flush()  # The customer may be new, and the order's row refers to it.
        insert_order(session.connection(), order)
    else:
        return NoticeState.WAITING
    return NoticeState.HANDLED


def report_of_notice(notice: ParsedNotice, received_at: datetime) -> Report:
    """Return the time and the source version of a notice.

    The time is the platform's if it is plausible, otherwise the time at which we received the notice.
    """
    sent_at = notice.sent_at
    at = sent_at if sent_at is not None and _LONG_AGO <= sent_at <= received_at + timedelta(days=1) else received_at
    rank = _RANK.index(type(notice.platform_events[0])) if notice.platform_events else 0
    return Report(at=at, source_version=f"{_sortable(at)} {rank} {notice.source_id}")


def _sortable(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _place(
    account: PlatformAccount,
    notice: ParsedNotice,
    platform_order_id: str,
    details: OrderDetails,
    *,
    report: Report,
    now: datetime,
) -> Order:
    """Place a new order as the notice describes it, then apply the notice's other platform events to it."""
    order = by_platform.place_order(account, platform_order_id, details, report=report, now=now).order
    if any(not isinstance(platform_event, Placed) for platform_event in notice.platform_events):
        before, version = order_snapshot(order), order.version
        _apply_events(order, notice, report=report, now=now)
        _correct_if_unrecorded(order, before, version, report=report, now=now)
    return order


def _change(order: Order, notice: ParsedNotice, *, report: Report, now: datetime) -> None:
    """Apply the notice to an order that we know.

    The platform events go first, because they are more reliable than the order's details in the same notice.
    """
    before, version = order_snapshot(order), order.version
    _apply_events(order, notice, report=report, now=now)
    if notice.details is not None and not notice.details.is_reference_only:
        by_platform.change_details(order, notice.details, report=report, now=now)
    _correct_if_unrecorded(order, before, version, report=report, now=now)


def _assign_customer(
    session: Session, order: Order, account: PlatformAccount, notice: ParsedNotice, known: KnownState, *, now: datetime
) -> None:
    """Set the order's customer, if it has none. Later notices do not change it.

    There is one exception. If the notice contains the e-mail address of a customer who had none, and another customer
    has that address, all orders of the former go to the latter. Nobody could sign in to see those orders before.
    """
    person, customer_id = notice.person, known.customer_id
    if person is None or order.customer_id not in (None, customer_id):
        return
    if customer_id is None or (person.email and not known.has_email):
        customer = resolve_customer(session, account, person.platform_id, email=person.email, name=person.name, now=now)
        customer_id = customer.id
    if order.customer_id is None:
        order.customer_id = customer_id
    if known.customer_id not in (None, customer_id):
        merge_customers(session, str(known.customer_id), str(customer_id))


def _correct_if_unrecorded(
    order: Order, before: tuple[object, ...], version: int, *, report: Report, now: datetime
) -> None:
    """Record a correction if the visible order differs from `before` and no order event was recorded.

    Without an event, open pages would not fetch the order again.
    """
    if order.version == version and order_snapshot(order) != before:
        by_platform.correct_order(order, report=report, now=now)


def _apply_events(order: Order, notice: ParsedNotice, *, report: Report, now: datetime) -> None:
    for platform_event in notice.platform_events:
        match platform_event:
            case Placed():
                pass
            case Confirmed(at):
                by_platform.confirm_order(order, at=at, report=report, now=now)
            case Rejected(at, reason):
                by_platform.reject_order(order, reason=reason, at=at, report=report, now=now)
            case Cancelled(at):
                by_platform.cancel_order(order, at=at, report=report, now=now)
            case Progressed(at, status, step):
                by_platform.progress_order(order, status=status, step=step, at=at, report=report, now=now)
            case Refunded(minor):
                by_platform.refund_order(order, minor, ref=notice.source_id, report=report, now=now)
            case TipChanged(minor):
                by_platform.change_tip(order, minor, report=report, now=now)
            case Rated(rating):
                by_platform.rate_order(order, rating, report=report, now=now)
            case _:
                assert_never(platform_event)
