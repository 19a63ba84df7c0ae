"""The inbox: store each notice once and act on it in the same transaction, so that a crash leaves all of it or none.

If acting on a notice fails, it is stored nevertheless, the platform gets a 2xx, and the worker tries again later.
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
    """The state of a notice after it was acted on, and when it is tried again if that failed."""

    state: NoticeState
    tries: int = 0
    try_at: datetime | None = None
    problem: str | None = None


def parse_notice(platform_account: PlatformAccount, raw: bytes) -> ParsedNotice:
    """Parse a notice of the account's platform. Raises InvalidPayload if it breaks the platform's contract."""
    return PLATFORMS[platform_account.platform].parse_notice(raw, currency=platform_account.restaurant.currency)


def receive(
    database: Database, platform_account: PlatformAccount, raw: bytes, notice: ParsedNotice, *, now: datetime
) -> NoticeState:
    """Store a notice and act on it, unless it is already stored. Return its state.

    Raises OperationalError or StaleDataError if nothing could be stored. The caller must then not answer with a 2xx, so
    that the platform sends the notice again.
    """

    def process(session: Session) -> NoticeState:
        return _process_new(session, platform_account, raw, notice, now)

    try:
        return database.run_in_transaction(process)
    except (OperationalError, StaleDataError):
        # The database is unavailable, or other transactions conflicted at every try. Nothing is stored, and the
        # platform sends the notice again.
        raise
    except Exception as error:
        # The fault is ours, not the sender's. An answer with an error would lose the notice for good once the platform
        # gives up. The transaction is rolled back, so the notice is now stored by itself; if that fails too, the
        # platform sends it again.
        log.exception("notice not acted on", extra={"notice": notice.source_id})
        failed = _failed(error, 1, now)

    def store_failed(session: Session) -> NoticeState:
        return _process_new(session, platform_account, raw, notice, now, failed)

    return database.run_in_transaction(store_failed)


def retry_failed_notices(database: Database, *, now: datetime) -> int:
    """Retry the failed notices that are due, each in its own transaction. Return how many were tried."""
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
    except SQLAlchemyError:  # other notices must not wait for this one
        log.exception("notice could not be tried again", extra={"notice": notice_id})


def notices_by_state(session: Session) -> dict[NoticeState, int]:
    """Return the number of notices in each state except HANDLED, the state that every notice should reach."""
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
    """Store a notice unless it is stored already, and act on it unless that has `failed` before. Return its state."""
    known = _lock_and_load_known_state(session, platform_account.id, notice)
    if known.state is not None:
        return known.state

    outcome = failed or _Outcome(take_in_order(session, platform_account, notice, known, received_at=now, now=now))
    values = {
        "platform_account_id": platform_account.id,
        "source_id": notice.source_id,
        "platform_order_id": notice.platform_order_id,
        "event_name": notice.event_name,
        "received_at": now,
        "body": raw,
    }
    _INSERT_NOTICE.run(session.connection(), values | outcome._asdict())
    if known.has_waiting_notices and known.order_id is None and outcome.state is NoticeState.HANDLED:
        _process_waiting(session, platform_account.id, notice.platform_order_id, now=now)
    return outcome.state


def _lock_and_load_known_state(session: Session, platform_account_id: str, notice: ParsedNotice) -> KnownState:
    """Lock the notice's order and person against other transactions of the inbox, then load what we know of them."""
    person = notice.person
    person_keys = (customer_lock_key(platform_account_id, person.platform_id),) if person else ()
    advisory_lock(session, f"order {platform_account_id} {notice.platform_order_id}", *person_keys)
    return load_known_state(session.connection(), platform_account_id, notice)


def _retry(session: Session, notice_id: int, *, now: datetime) -> None:
    stored = session.get_one(Notice, notice_id)
    advisory_lock(session, f"order {stored.platform_account_id} {stored.platform_order_id}")
    session.refresh(stored)
    if stored.state is NoticeState.FAILED:
        _process_stored(session, stored, now=now)
    if stored.state is NoticeState.HANDLED:
        _process_waiting(session, stored.platform_account_id, stored.platform_order_id, now=now)


def _process_waiting(
    session: Session, platform_account_id: str, platform_order_id: str | None, *, now: datetime
) -> None:
    """Act on the notices that came before their order was placed. Their sequence does not matter for the result."""
    waiting = select(Notice).where(
        Notice.platform_account_id == platform_account_id,
        Notice.platform_order_id == platform_order_id,
        Notice.state == NoticeState.WAITING,
    )
    for stored in session.scalars(waiting.order_by(Notice.id)).all():
        _process_stored(session, stored, now=now)


def _process_stored(session: Session, stored: Notice, *, now: datetime) -> None:
    """Act on a stored notice. If that fails, undo its changes and record only the failure."""
    try:
        with session.begin_nested():
            notice = parse_notice(stored.platform_account, stored.body)
            known = _lock_and_load_known_state(session, stored.platform_account_id, notice)
            stored.state = take_in_order(
                session, stored.platform_account, notice, known, received_at=stored.received_at, now=now
            )
            stored.problem = stored.try_at = None
    except (OperationalError, StaleDataError):
        raise  # a conflict, or the database is unavailable: the whole transaction is rolled back and tried again
    except Exception as error:
        log.exception("notice not acted on", extra={"notice": stored.source_id})
        session.refresh(stored)
        stored.state, stored.tries, stored.try_at, stored.problem = _failed(error, stored.tries + 1, now)


def _failed(error: Exception, tries: int, now: datetime) -> _Outcome:
    return _Outcome(NoticeState.FAILED, tries, now + RETRY.pause_after(tries), problem=type(error).__name__)
