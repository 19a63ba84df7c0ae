"""From one notice to the order: it is placed, or changed, by one operation for each event, and gets its customer.

All of it happens within the transaction of inbox.py, which has the turn of the order and of the person who ordered.
"""

from datetime import UTC, datetime, timedelta
from typing import assert_never

from sqlalchemy.orm import Session

from tracker.accounts.customer_identity import meet_customer
from tracker.accounts.model import Connection
from tracker.orders.model import Order
from tracker.orders.operations import by_platform
from tracker.orders.operations.customer_merge import join_customers
from tracker.orders.operations.storage import order_to_change, store_new
from tracker.orders.reports import OrderDetails, Told
from tracker.orders.snapshot import as_shown
from tracker.upstream.known_state import Known
from tracker.upstream.notice import NoticeState
from tracker.upstream.platform_events import (
    Cancelled,
    Confirmed,
    Happening,
    Placed,
    Progressed,
    Rated,
    Refunded,
    Rejected,
    TipChanged,
    Understood,
)

_RANK: tuple[type[Happening], ...] = (
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
    session: Session, account: Connection, notice: Understood, known: Known, *, received_at: datetime, now: datetime
) -> NoticeState:
    """Place the order that the notice speaks of, or change it, and return what has become of the notice."""
    if notice.platform_order_id is None or not (notice.happenings or notice.details):
        return NoticeState.SET_ASIDE
    told = told_by(notice, received_at)
    if known.order_id is not None:
        order = order_to_change(session, known.order_id)
        _assign_customer(session, order, account, notice, known, now=now)
        _change(order, notice, told=told, now=now)
    elif notice.details is not None:
        order = _place(account, notice, notice.platform_order_id, notice.details, told=told, now=now)
        _assign_customer(session, order, account, notice, known, now=now)
        session.flush()  # The customer may be new, too.
        store_new(session.connection(), order)
    else:
        return NoticeState.WAITING
    return NoticeState.HANDLED


def told_by(notice: Understood, received_at: datetime) -> Told:
    """When the notice was told, by the platform's clock if it names a credible time, else by ours."""
    said = notice.told_at
    at = said if said is not None and _LONG_AGO <= said <= received_at + timedelta(days=1) else received_at
    rank = _RANK.index(type(notice.happenings[0])) if notice.happenings else 0
    return Told(at=at, stamp=f"{_sortable(at)} {rank} {notice.source_id}")


def _sortable(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _place(
    account: Connection,
    notice: Understood,
    platform_order_id: str,
    details: OrderDetails,
    *,
    told: Told,
    now: datetime,
) -> Order:
    """Place a new order as the notice describes it, then apply whatever else the notice tells of it."""
    order = by_platform.place_order(account, platform_order_id, details, told=told, now=now).order
    if any(not isinstance(happening, Placed) for happening in notice.happenings):
        before, version = as_shown(order), order.version
        _apply_events(order, notice, told=told, now=now)
        _correct_if_unsaid(order, before, version, told=told, now=now)
    return order


def _change(order: Order, notice: Understood, *, told: Told, now: datetime) -> None:
    """Apply the notice to an order that we know.

    What the event itself says goes first: it is surer than the description of the order that comes with it.
    """
    before, version = as_shown(order), order.version
    _apply_events(order, notice, told=told, now=now)
    if notice.details is not None and not notice.details.is_bare:
        by_platform.change_details(order, notice.details, told=told, now=now)
    _correct_if_unsaid(order, before, version, told=told, now=now)


def _assign_customer(
    session: Session, order: Order, account: Connection, notice: Understood, known: Known, *, now: datetime
) -> None:
    """Say whose the order is, once; what a later notice says of it changes nothing.

    The one exception: when the platform tells the address of somebody who had none until now, and we know that address,
    all their orders go to whoever can sign in with it. Nobody could sign in to see them before.
    """
    person, customer_id = notice.person, known.customer_id
    if person is None or order.customer_id not in (None, customer_id):
        return
    if customer_id is None or (person.email and not known.has_address):
        met = meet_customer(session, account, person.platform_id, email=person.email, name=person.name, now=now)
        customer_id = met.id
    if order.customer_id is None:
        order.customer_id = customer_id
    if known.customer_id not in (None, customer_id):
        join_customers(session, str(known.customer_id), str(customer_id))


def _correct_if_unsaid(order: Order, before: tuple[object, ...], version: int, *, told: Told, now: datetime) -> None:
    """If the order looks different from `before` and no event said so, record one, or no page would ask again."""
    if order.version == version and as_shown(order) != before:
        by_platform.correct_order(order, told=told, now=now)


def _apply_events(order: Order, notice: Understood, *, told: Told, now: datetime) -> None:
    for happening in notice.happenings:
        match happening:
            case Placed():
                pass
            case Confirmed(at):
                by_platform.confirm_order(order, at=at, told=told, now=now)
            case Rejected(at, reason):
                by_platform.reject_order(order, reason=reason, at=at, told=told, now=now)
            case Cancelled(at):
                by_platform.cancel_order(order, at=at, told=told, now=now)
            case Progressed(at, status, step):
                by_platform.progress_order(order, status=status, step=step, at=at, told=told, now=now)
            case Refunded(minor):
                by_platform.refund_order(order, minor, ref=notice.source_id, told=told, now=now)
            case TipChanged(minor):
                by_platform.change_tip(order, minor, told=told, now=now)
            case Rated(rating):
                by_platform.rate_order(order, rating, told=told, now=now)
            case _:
                assert_never(happening)
