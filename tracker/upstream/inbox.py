"""The inbox: keeps each notice once, then acts on it, in one transaction, so that a crash leaves nothing or the whole.

If acting fails, the notice is kept all the same, the platform gets its 2xx, and the worker tries again.
"""

import logging
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, func, select
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tracker.accounts.customer_identity import turn_of_person
from tracker.accounts.model import Connection
from tracker.backoff import DoublingBackoff
from tracker.compiled_statement import Prepared, prepared_insert
from tracker.database import Base, Database, in_turn
from tracker.upstream.intake import take_in_order
from tracker.upstream.known_state import Known, what_is_known
from tracker.upstream.notice import Notice, NoticeState
from tracker.upstream.platform_events import Understood
from tracker.upstream.platforms import PLATFORMS

log = logging.getLogger(__name__)

RETRY = DoublingBackoff(first=timedelta(seconds=10), longest=timedelta(hours=1))
"""Pauses between the tries of a notice that could not be acted on."""
_NOTICES = Base.metadata.tables[Notice.__tablename__]
_KEEP = prepared_insert(_NOTICES, (column.name for column in _NOTICES.columns if column.name != "id"))

_DUE = Prepared(
    select(Notice.id)
    .where(Notice.state == NoticeState.FAILED, Notice.try_at <= bindparam("now"))
    .order_by(Notice.id)
    .limit(100)
)


class _Outcome(NamedTuple):
    """What has become of a notice, and when it is tried again if that is a failure."""

    state: NoticeState
    tries: int = 0
    try_at: datetime | None = None
    problem: str | None = None


def understand(connection: Connection, raw: bytes) -> Understood:
    """The notice in our words. Raises NotUnderstood if it isn't what the platform's contract says."""
    return PLATFORMS[connection.platform].understand(raw, currency=connection.restaurant.currency)


def receive(
    database: Database, connection: Connection, raw: bytes, notice: Understood, *, now: datetime
) -> NoticeState:
    """Keep the notice and act on it, if it is the first time that we see it. What has become of it is returned."""

    def take_in(session: Session) -> NoticeState:
        return _take_in(session, connection, raw, notice, now)

    try:
        return database.write(take_in)
    except (OperationalError, StaleDataError):
        raise  # the database is gone, or somebody got in the way all the time: nothing is kept, and it is sent again
    except Exception as error:
        # Whatever it is, it is our mistake, not the sender's; to answer with an error would lose the notice for good.
        # Nothing of what was done is left: it is kept by itself, and if not even that can be done, it is sent again.
        log.exception("notice not acted on", extra={"notice": notice.source_id})
        failed = _failed(error, 1, now)

    def keep_failed(session: Session) -> NoticeState:
        return _take_in(session, connection, raw, notice, now, failed)

    return database.write(keep_failed)


def retry_failed(database: Database, *, now: datetime) -> int:
    """Try the failed notices that are due once more, each in a transaction of its own. Returns how many were tried."""
    with database.glancing() as glance:
        ids = [notice_id for (notice_id,) in _DUE.all(glance, {"now": now})]
    for notice_id in ids:
        _retry_alone(database, notice_id, now=now)
    return len(ids)


def _retry_alone(database: Database, notice_id: int, *, now: datetime) -> None:
    def retry(session: Session) -> None:
        _retry(session, notice_id, now=now)

    try:
        database.write(retry)
    except SQLAlchemyError:  # the others must not wait for this one
        log.exception("notice could not be tried again", extra={"notice": notice_id})


def notices_by_state(session: Session) -> dict[NoticeState, int]:
    """How many notices there are in each state but the one that all should reach."""
    counts = (
        select(Notice.state, func.count().label("number"))
        .where(Notice.state != NoticeState.HANDLED)
        .group_by(Notice.state)
    )
    return {row.state: row.number for row in session.execute(counts)}


def _take_in(
    session: Session,
    connection: Connection,
    raw: bytes,
    notice: Understood,
    now: datetime,
    failed: _Outcome | None = None,
) -> NoticeState:
    """In one transaction: see if we have the notice, act on it (unless that has `failed`), keep it."""
    known = _in_its_turn(session, connection.id, notice)
    if known.state is not None:
        return known.state

    outcome = failed or _Outcome(take_in_order(session, connection, notice, known, received_at=now, now=now))
    kept = {
        "connection_id": connection.id,
        "source_id": notice.source_id,
        "platform_order_id": notice.platform_order_id,
        "event_name": notice.event_name,
        "received_at": now,
        "body": raw,
    }
    _KEEP.run(session.connection(), kept | outcome._asdict())
    if known.is_awaited and known.order_id is None and outcome.state is NoticeState.HANDLED:
        _try_waiting(session, connection.id, notice.platform_order_id, now=now)
    return outcome.state


def _in_its_turn(session: Session, connection_id: str, notice: Understood) -> Known:
    """Wait until nobody else takes in anything of the same order or person, then look what we know."""
    person = notice.person
    turns = (turn_of_person(connection_id, person.platform_id),) if person else ()
    in_turn(session, f"order {connection_id} {notice.platform_order_id}", *turns)
    return what_is_known(session.connection(), connection_id, notice)


def _retry(session: Session, notice_id: int, *, now: datetime) -> None:
    kept = session.get_one(Notice, notice_id)
    in_turn(session, f"order {kept.connection_id} {kept.platform_order_id}")
    session.refresh(kept)
    if kept.state is NoticeState.FAILED:
        _try(session, kept, now=now)
    if kept.state is NoticeState.HANDLED:
        _try_waiting(session, kept.connection_id, kept.platform_order_id, now=now)


def _try_waiting(session: Session, connection_id: str, platform_order_id: str | None, *, now: datetime) -> None:
    """Act on what was told of the order before it was placed; in whatever order, for it makes no difference."""
    waiting = select(Notice).where(
        Notice.connection_id == connection_id,
        Notice.platform_order_id == platform_order_id,
        Notice.state == NoticeState.WAITING,
    )
    for kept in session.scalars(waiting.order_by(Notice.id)).all():
        _try(session, kept, now=now)


def _try(session: Session, kept: Notice, *, now: datetime) -> None:
    """Act on a notice that we have; if that fails, it leaves no trace but that it has."""
    try:
        with session.begin_nested():
            notice = understand(kept.connection, kept.body)
            known = _in_its_turn(session, kept.connection_id, notice)
            kept.state = take_in_order(session, kept.connection, notice, known, received_at=kept.received_at, now=now)
            kept.problem = kept.try_at = None
    except (OperationalError, StaleDataError):
        raise  # somebody got in the way, or the database is gone: nothing is kept, and all of it is done again
    except Exception as error:
        log.exception("notice not acted on", extra={"notice": kept.source_id})
        session.refresh(kept)
        kept.state, kept.tries, kept.try_at, kept.problem = _failed(error, kept.tries + 1, now)


def _failed(error: Exception, tries: int, now: datetime) -> _Outcome:
    return _Outcome(NoticeState.FAILED, tries, now + RETRY.pause_after(tries), problem=type(error).__name__)
