"""The inbox: keeps each notice once, then acts on it, in one transaction, so that a crash leaves nothing or the whole.

If acting fails, the notice is kept all the same, the platform gets its 2xx, and the worker tries again.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.accounts.meeting import meet_customer
from tracker.accounts.model import Connection, Platform
from tracker.database import Database, in_turn
from tracker.orders.model import Order
from tracker.orders.reading import order_by_platform_id
from tracker.upstream.acting import act, place, told_by
from tracker.upstream.contract import Understood
from tracker.upstream.notice import Notice, NoticeState
from tracker.upstream.platforms import flipdish

log = logging.getLogger(__name__)

_UNDERSTAND: dict[Platform, Callable[..., Understood]] = {Platform.FLIPDISH: flipdish.understand}
_LONGEST_PAUSE = timedelta(hours=1)


def understand(connection: Connection, raw: bytes) -> Understood:
    """The notice in our words. Raises NotUnderstood if it isn't what the platform's contract says."""
    return _UNDERSTAND[connection.platform](raw, currency=connection.restaurant.currency)


def receive(session: Session, connection: Connection, raw: bytes, notice: Understood, *, now: datetime) -> NoticeState:
    """Keep the notice and act on it, if it is the first time that we see it. What has become of it is returned."""
    in_turn(session, f"order {connection.id} {notice.platform_order_id}")
    known = session.scalar(
        select(Notice.state).where(Notice.connection_id == connection.id, Notice.source_id == notice.source_id)
    )
    if known is not None:
        return known

    kept = Notice(
        connection=connection,
        source_id=notice.source_id,
        platform_order_id=notice.platform_order_id,
        event_name=notice.event_name,
        received_at=now,
        body=raw,
        state=NoticeState.WAITING,
        tries=0,
    )
    session.add(kept)
    session.flush()
    _try(session, kept, notice, now=now)
    return kept.state


def retry_failed(database: Database, *, now: datetime) -> int:
    """Try the failed notices that are due once more, each in a transaction of its own. Returns how many were tried."""
    with database.reading() as session:
        due = select(Notice.id).where(Notice.state == NoticeState.FAILED, Notice.try_at <= now).order_by(Notice.id)
        ids = list(session.scalars(due.limit(100)))
    for notice_id in ids:
        with database.writing() as session:
            kept = session.get_one(Notice, notice_id)
            in_turn(session, f"order {kept.connection_id} {kept.platform_order_id}")
            session.refresh(kept)
            if kept.state is NoticeState.FAILED:
                _try(session, kept, understand(kept.connection, kept.body), now=now)
    return len(ids)


def notices_by_state(session: Session) -> dict[NoticeState, int]:
    """How many notices there are in each state but the one that all should reach."""
    counts = (
        select(Notice.state, func.count().label("number"))
        .where(Notice.state != NoticeState.HANDLED)
        .group_by(Notice.state)
    )
    return {row.state: row.number for row in session.execute(counts)}


def _try(session: Session, kept: Notice, notice: Understood, *, now: datetime) -> None:
    try:
        with session.begin_nested():
            kept.state = _act(session, kept, notice, now=now)
            kept.problem = kept.try_at = None
    except Exception as error:
        # Whatever it is, it is our mistake, not the sender's; to answer with an error would lose the notice for good.
        log.exception("notice kept, but not acted on", extra={"notice": kept.id})
        session.refresh(kept)
        kept.state, kept.problem = NoticeState.FAILED, type(error).__name__
        kept.tries += 1
        kept.try_at = now + min(_LONGEST_PAUSE, timedelta(seconds=5 * 2**kept.tries))


def _act(session: Session, kept: Notice, notice: Understood, *, now: datetime) -> NoticeState:
    if notice.platform_order_id is None or not (notice.happenings or notice.details):
        return NoticeState.SET_ASIDE
    order = order_by_platform_id(session, kept.connection_id, notice.platform_order_id)
    if order is None and notice.details is None:
        return NoticeState.WAITING
    if order is None:
        order = _place(session, kept, notice, now=now)
        act(order, notice, told=told_by(notice, kept.received_at), now=now, has_details=False)
        _act_on_waiting(session, kept, order, now=now)
        return NoticeState.HANDLED
    _claim(session, kept, order, notice, now=now)
    act(order, notice, told=told_by(notice, kept.received_at), now=now, has_details=True)
    return NoticeState.HANDLED


def _place(session: Session, kept: Notice, notice: Understood, *, now: datetime) -> Order:
    order = place(kept.connection, notice, told=told_by(notice, kept.received_at), now=now)
    _claim(session, kept, order, notice, now=now)
    session.add(order)
    return order


def _claim(session: Session, kept: Notice, order: Order, notice: Understood, *, now: datetime) -> None:
    """Say whose the order is, once; what a later notice says of it changes nothing."""
    if order.customer_id is None and notice.person is not None:
        person = notice.person
        order.customer = meet_customer(
            session, kept.connection, person.platform_id, email=person.email, name=person.name, now=now
        )


def _act_on_waiting(session: Session, kept: Notice, order: Order, *, now: datetime) -> None:
    waiting = session.scalars(
        select(Notice).where(
            Notice.connection_id == kept.connection_id,
            Notice.platform_order_id == kept.platform_order_id,
            Notice.state == NoticeState.WAITING,
            Notice.id != kept.id,
        )
    )
    read = [(earlier, understand(kept.connection, earlier.body)) for earlier in waiting]
    for earlier, notice in sorted(read, key=lambda pair: told_by(pair[1], pair[0].received_at).stamp):
        act(order, notice, told=told_by(notice, earlier.received_at), now=now, has_details=False)
        earlier.state = NoticeState.HANDLED
