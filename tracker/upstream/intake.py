"""From one notice to the order: it is placed, or changed, by one operation for each event, and gets its customer.

All of it happens within the transaction of inbox.py, which has the turn of the order and of the person who ordered.
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
"""Which comes first of two that were told at the same moment."""

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""No platform of ours spoke before; an earlier time is a value that somebody forgot to set."""


def take_in_order(
    session: Session,
    account: PlatformAccount,
    notice: ParsedNotice,
    known: KnownState,
    *,
    received_at: datetime,
    now: datetime,
) -> NoticeState:
    """Place the order that the notice speaks of, or change it, and return what has become of the notice."""
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
        session.flush()  # The customer may be new, too.
        insert_order(session.connection(), order)
    else:
        return NoticeState.WAITING
    return NoticeState.HANDLED


def report_of_notice(notice: ParsedNotice, received_at: datetime) -> Report:
    """When the notice was told, by the platform's clock if it names a credible time, else by ours."""
    said = notice.sent_at
    at = said if said is not None and _LONG_AGO <= said <= received_at + timedelta(days=1) else received_at
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
    """Place a new order as the notice describes it, then apply whatever else the notice tells of it."""
    order = by_platform.place_order(account, platform_order_id, details, report=report, now=now).order
    if any(not isinstance(platform_event, Placed) for platform_event in notice.platform_events):
        before, version = order_snapshot(order), order.version
        _apply_events(order, notice, report=report, now=now)
        _correct_if_unsaid(order, before, version, report=report, now=now)
    return order


def _change(order: Order, notice: ParsedNotice, *, report: Report, now: datetime) -> None:
    """Apply the notice to an order that we know.

    What the event itself says goes first: it is surer than the description of the order that comes with it.
    """
    before, version = order_snapshot(order), order.version
    _apply_events(order, notice, report=report, now=now)
    if notice.details is not None and not notice.details.is_reference_only:
        by_platform.change_details(order, notice.details, report=report, now=now)
    _correct_if_unsaid(order, before, version, report=report, now=now)


def _assign_customer(
    session: Session, order: Order, account: PlatformAccount, notice: ParsedNotice, known: KnownState, *, now: datetime
) -> None:
    """Say whose the order is, once; what a later notice says of it changes nothing.

    The one exception: when the platform tells the address of somebody who had none until now, and we know that address,
    all their orders go to whoever can sign in with it. Nobody could sign in to see them before.
    """
    person, customer_id = notice.person, known.customer_id
    if person is None or order.customer_id not in (None, customer_id):
        return
    if customer_id is None or (person.email and not known.has_email):
        met = resolve_customer(session, account, person.platform_id, email=person.email, name=person.name, now=now)
        customer_id = met.id
    if order.customer_id is None:
        order.customer_id = customer_id
    if known.customer_id not in (None, customer_id):
        merge_customers(session, str(known.customer_id), str(customer_id))


def _correct_if_unsaid(
    order: Order, before: tuple[object, ...], version: int, *, report: Report, now: datetime
) -> None:
    """If the order looks different from `before` and no event said so, record one, or no page would ask again."""
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
