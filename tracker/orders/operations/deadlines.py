"""The worker's periodic task that lapses adjustments whose time to answer is over.

That time is set in by_restaurant.py, from the restaurant's `answer_minutes`: its default is in accounts/model.py, its
limits are in restaurant_settings.py. Customers extend it in by_customer.py.
"""

import logging
from datetime import datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.database import Database
from tracker.orders.adjustment import Adjustment
from tracker.orders.operations.by_clock import lapse_adjustment
from tracker.orders.operations.storage import load_order_for_update
from tracker.orders.states import AdjustmentState

log = logging.getLogger(__name__)

BATCH_SIZE = 100


def lapse_due_adjustments(database: Database, *, now: datetime) -> int:
    """Lapse every adjustment whose time to answer is over, each in its own transaction. Return how many lapsed.

    At most BATCH_SIZE adjustments are lapsed in one call.
    """
    with database.read_session() as session:
        is_due = (Adjustment.state == AdjustmentState.OPEN) & (Adjustment.answer_by < now)
        due = session.scalars(
            select(Adjustment.order_id).where(is_due).order_by(Adjustment.answer_by).limit(BATCH_SIZE)
        ).all()

    return sum(_try_lapse(database, order_id, now) for order_id in due)


def _try_lapse(database: Database, order_id: str, now: datetime) -> bool:
    try:
        return database.run_in_transaction(partial(_lapse, order_id, now))
    except Exception:  # one broken order must not hold up the others; the next call tries it again
        log.exception("could not lapse the adjustment of order %s", order_id)
        return False


def _lapse(order_id: str, now: datetime, session: Session) -> bool:
    return lapse_adjustment(load_order_for_update(session, order_id), now=now) is not None
