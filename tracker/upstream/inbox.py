"""The inbox: keeps each notice once, then acts on it, in one transaction, so that a crash leaves nothing or the whole.

If acting fails, the notice is kept all the same, the platform gets its 2xx, and the worker tries again.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tracker.accounts.model import Connection, Platform
from tracker.database import Database, in_turn
from tracker.orders.reading import order_by_platform_id
from tracker.upstream.acting import act, place, told_by
from tracker.upstream.claiming import claim
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
        try:
            database.write(partial(_retry, notice_id=notice_id, now=now))
        except SQLAlchemyError:  # the others must not wait for this one
            log.exception("notice could not be tried again", extra={"notice": notice_id})
    return len(ids)


def notices_by_state(session: Session) -> dict[NoticeState, int]:
    """How many notices there are in each state but the one that all should reach."""
    counts = (
        select(Notice.state, func.count().label("number"))
        .where(Notice.state != NoticeState.HANDLED)
        .group_by(Notice.state)
    )
    return {row.state: row.number for row in session.execute(counts)}


def _retry(session: Session, *, notice_id: int, now: datetime) -> None:
    kept = session.get_one(Notice, notice_id)
    in_turn(session, f"order {kept.connection_id} {kept.platform_order_id}")
    session.refresh(kept)
    if kept.state is NoticeState.FAILED:
        _try(session, kept, None, now=now)


def _try(session: Session, kept: Notice, notice: Understood | None, *, now: datetime) -> None:
    try:
        with session.begin_nested():
            kept.state = _act(session, kept, notice or understand(kept.connection, kept.body), now=now)
            kept.problem = kept.try_at = None
    except (OperationalError, StaleDataError):
        raise  # somebody got in the way, or the database is gone: nothing is kept, and all of it is done again
    except Exception as error:
        # Whatever it is, it is our mistake, not the sender's; to answer with an error would lose the notice for good.
        log.exception("notice kept, but not acted on", extra={"notice": kept.id})
        session.refresh(kept)
        kept.state, kept.problem = NoticeState.FAILED, type(error).__name__
        kept.tries += 1
        kept.try_at = now + min(_LONGEST_PAUSE, timedelta(seconds=5 * 2 ** min(kept.tries, 10)))


def _act(session: Session, kept: Notice, notice: Understood, *, now: datetime) -> NoticeState:
    if notice.platform_order_id is None or not (notice.happenings or notice.details):
        return NoticeState.SET_ASIDE
    told = told_by(notice, kept.received_at)
    order = order_by_platform_id(session, kept.connection_id, notice.platform_order_id)
    if order is not None:
        claim(session, order, kept.connection, notice, now=now)
        act(order, notice, told=told, now=now, has_details=True)
    elif notice.details is not None:
        order = place(kept.connection, notice, told=told, now=now)
        claim(session, order, kept.connection, notice, now=now)
        session.add(order)
        act(order, notice, told=told, now=now, has_details=False)
        _try_waiting(session, kept, now=now)
    else:
        return NoticeState.WAITING
    return NoticeState.HANDLED


def _try_waiting(session: Session, placed_by: Notice, *, now: datetime) -> None:
    """Act on what was told of the order before it was placed; in whatever order, for it makes no difference."""
    session.flush()
    waiting = select(Notice).where(
        Notice.connection_id == placed_by.connection_id,
        Notice.platform_order_id == placed_by.platform_order_id,
        Notice.state == NoticeState.WAITING,
        Notice.id != placed_by.id,
    )
    for kept in session.scalars(waiting.order_by(Notice.id)).all():
        _try(session, kept, None, now=now)
