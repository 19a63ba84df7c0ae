"""The worker: publishes what is committed, sends letters, tries again what failed. One process; more are standbys."""

import logging
import signal
from collections.abc import Callable
from datetime import datetime, timedelta
from types import FrameType

from sqlalchemy.exc import SQLAlchemyError

from tracker import clock
from tracker.accounts.post import send_due
from tracker.config import Settings
from tracker.database import Database
from tracker.live.doorbell import Doorbell
from tracker.live.outbox import Outbox
from tracker.live.pusher import Channels
from tracker.upstream.inbox import retry_failed

log = logging.getLogger(__name__)

SAFETY_LOOK = timedelta(seconds=1)
"""How often to look without being rung for: another machine's commits ring no bell here."""
CHORES_EVERY = timedelta(seconds=2)


class Worker:
    """Does what is due, again and again, until it is told to stop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._database = Database(settings.database)  # no doorbell: its own commits are no news to it
        self._outbox = Outbox(self._database, Channels(settings))
        self._chores_at = clock.now()
        self._stopping = False

    def stop(self, *_: int | FrameType | None) -> None:
        """End after what is being done now."""
        self._stopping = True

    def run(self) -> None:
        """Work until stopped."""
        with Doorbell(self._settings.doorbell) as bell:
            while not self._stopping:
                bell.wait(self._work().total_seconds())
        self._outbox.close()
        self._database.close()

    def _work(self) -> timedelta:
        """One round. Returns how long nothing will have to be done, if nobody rings."""
        try:
            now = clock.now()
            if now >= self._chores_at:
                self._chores_at = now + CHORES_EVERY
                self._do_chores(now)
            done = self._outbox.publish_pending(clock.now())
        except SQLAlchemyError:
            log.exception("the database failed; trying again")
            return SAFETY_LOOK
        if done.problem:
            log.warning("the channels service could not be reached", extra={"problem": done.problem})
        if done.more_waits:
            return timedelta(0)
        return min(SAFETY_LOOK, done.try_at - clock.now()) if done.try_at else SAFETY_LOOK

    def _do_chores(self, now: datetime) -> None:
        chores: tuple[Callable[[], int], ...] = (
            lambda: retry_failed(self._database, now=now),
            lambda: send_due(self._database, self._settings, now),
        )
        for chore in chores:
            chore()


def work(settings: Settings) -> None:
    """Be the worker until SIGTERM or SIGINT."""
    worker = Worker(settings)
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
    worker.run()
