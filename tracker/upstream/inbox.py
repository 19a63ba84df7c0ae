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

from tracker.accounts.customer_identity import customer_lock_key
from tracker.accounts.model import PlatformAccount
from tracker.backoff import DoublingBackoff
from tracker.compiled_statement import CompiledStatement, compiled_insert
from tracker.database import Base, Database, advisory_lock
from tracker.upstream.intake import take_in_order
from tracker.upstream.known_state import KnownState, load_known_state
from tracker.upstream.notice import Notice, NoticeState
from tracker.upstream.platform_events import ParsedNotice
from tracker.upstream.platforms import PLATFORMS

log = logging.getLogger(__name__)

RETRY = DoublingBackoff(first=timedelta(seconds=10), longest=timedelta(hours=1))
"""Pauses between the tries of a notice that could not be acted on."""
_NOTICES = Base.metadata.tables[Notice.__tablename__]
_INSERT_NOTICE = compiled_insert(_NOTICES, (column.name for column in _NOTICES.columns if column.name != "id"))

_DUE_NOTICES = CompiledStatement(
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


def parse_notice(platform_account: PlatformAccount, raw: bytes) -> ParsedNotice:
    """The notice in our words. Raises InvalidPayload if it isn't what the platform's contract says."""
    return PLATFORMS[platform_account.platform].parse_notice(raw, currency=platform_account.restaurant.currency)


def receive(
    database: Database, platform_account: PlatformAccount, raw: bytes, notice: ParsedNotice, *, now: datetime
) -> NoticeState:
    """Keep the notice and act on it, if it is the first time that we see it. What has become of it is returned."""

    def take_in(session: Session) -> NoticeState:
        return _process_new(session, platform_account, raw, notice, now)

    try:
        return database.run_in_transaction(take_in)
    except (OperationalError, StaleDataError):
        raise  # the database is gone, or somebody got in the way all the time: nothing is kept, and it is sent again
    except Exception as error:
        # Whatever it is, it is our mistake, not the sender's; to answer with an error would lose the notice for good.
        # Nothing of what was done is left: it is kept by itself, and if not even that can be done, it is sent again.
        log.exception("notice not acted on", extra={"notice": notice.source_id})
        failed = _failed(error, 1, now)

    def keep_failed(session: Session) -> NoticeState:
        return _process_new(session, platform_account, raw, notice, now, failed)

    return database.run_in_transaction(keep_failed)


def retry_failed_notices(database: Database, *, now: datetime) -> int:
    """Try the failed notices that are due once more, each in a transaction of its own. Returns how many were tried."""
    with database.autocommit_connection() as connection:
        ids = [notice_id for (notice_id,) in _DUE_NOTICES.all(connection, {"now": now})]
    for notice_id in ids:
        _retry_alone(database, notice_id, now=now)
    return len(ids)


def _retry_alone(database: Database, notice_id: int, *, now: datetime) -> None:
    def retry(session: Session) -> None:
        _retry(session, notice_id, now=now)

    try:
        database.run_in_transaction(retry)
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


def _process_new(
    session: Session,
    platform_account: PlatformAccount,
    raw: bytes,
    notice: ParsedNotice,
    now: datetime,
    failed: _Outcome | None = None,
) -> NoticeState:
    """In one transaction: see if we have the notice, act on it (unless that has `failed`), keep it."""
    known = _lock_and_load_known_state(session, platform_account.id, notice)
    if known.state is not None:
        return known.state

    outcome = failed or _Outcome(take_in_order(session, platform_account, notice, known, received_at=now, now=now))
    kept = {
        "platform_account_id": platform_account.id,
        "source_id": notice.source_id,
        "platform_order_id": notice.platform_order_id,
        "event_name": notice.event_name,
        "received_at": now,
        "body": raw,
    }
    _INSERT_NOTICE.run(session.connection(), kept | outcome._asdict())
    if known.has_waiting_notices and known.order_id is None and outcome.state is NoticeState.HANDLED:
        _process_waiting(session, platform_account.id, notice.platform_order_id, now=now)
    return outcome.state


def _lock_and_load_known_state(session: Session, platform_account_id: str, notice: ParsedNotice) -> KnownState:
    """Wait until nobody else takes in anything of the same order or person, then look what we know."""
    person = notice.person
    turns = (customer_lock_key(platform_account_id, person.platform_id),) if person else ()
    advisory_lock(session, f"order {platform_account_id} {notice.platform_order_id}", *turns)
    return load_known_state(session.connection(), platform_account_id, notice)


def _retry(session: Session, notice_id: int, *, now: datetime) -> None:
    kept = session.get_one(Notice, notice_id)
    advisory_lock(session, f"order {kept.platform_account_id} {kept.platform_order_id}")
    session.refresh(kept)
    if kept.state is NoticeState.FAILED:
        _process_stored(session, kept, now=now)
    if kept.state is NoticeState.HANDLED:
        _process_waiting(session, kept.platform_account_id, kept.platform_order_id, now=now)


def _process_waiting(
    session: Session, platform_account_id: str, platform_order_id: str | None, *, now: datetime
) -> None:
    """Act on what was told of the order before it was placed; in whatever order, for it makes no difference."""
    waiting = select(Notice).where(
        Notice.platform_account_id == platform_account_id,
        Notice.platform_order_id == platform_order_id,
        Notice.state == NoticeState.WAITING,
    )
    for kept in session.scalars(waiting.order_by(Notice.id)).all():
        _process_stored(session, kept, now=now)


def _process_stored(session: Session, kept: Notice, *, now: datetime) -> None:
    """Act on a notice that we have; if that fails, it leaves no trace but that it has."""
    try:
        with session.begin_nested():
            notice = parse_notice(kept.platform_account, kept.body)
            known = _lock_and_load_known_state(session, kept.platform_account_id, notice)
            kept.state = take_in_order(
                session, kept.platform_account, notice, known, received_at=kept.received_at, now=now
            )
            kept.problem = kept.try_at = None
    except (OperationalError, StaleDataError):
        raise  # somebody got in the way, or the database is gone: nothing is kept, and all of it is done again
    except Exception as error:
        log.exception("notice not acted on", extra={"notice": kept.source_id})
        session.refresh(kept)
        kept.state, kept.tries, kept.try_at, kept.problem = _failed(error, kept.tries + 1, now)


def _failed(error: Exception, tries: int, now: datetime) -> _Outcome:
    return _Outcome(NoticeState.FAILED, tries, now + RETRY.pause_after(tries), problem=type(error).__name__)
