"""The worker: publishes what is committed, sends letters, tries again what failed. One process; more are standbys."""

import logging
import signal
from collections.abc import Callable
from datetime import timedelta
from threading import Event, Thread
from types import FrameType

from sqlalchemy.exc import SQLAlchemyError

from tracker import clock
from tracker.accounts.access_tokens import forget_old_access_tokens
from tracker.accounts.mail_queue import forget_old_letters, send_due
from tracker.accounts.sign_in import forget_old_sign_ins
from tracker.accounts.sign_in_tickets import forget_old_hand_overs
from tracker.config import Settings
from tracker.database import Database
from tracker.live.notifier import Doorbell, ring
from tracker.live.outbox import Outbox
from tracker.live.pusher import Channels
from tracker.orders.operations.deadlines import lapse_due
from tracker.orders.operations.share_links import forget_old_share_links
from tracker.upstream.inbox import retry_failed

log = logging.getLogger(__name__)

SAFETY_LOOK = timedelta(seconds=1)
"""How often to look without being rung for: another machine's commits ring no bell here."""
CHORES_EVERY = timedelta(seconds=2)
TIDY_EVERY = timedelta(hours=1)


class Worker:
    """Does what is due, again and again, until it is told to stop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._database = Database(settings.database)  # no doorbell: its own commits are no news to it
        self._channels = Channels(settings)
        self._outbox = Outbox(self._database, self._channels)
        self._problem = ""
        self._tidy_at = clock.now()
        self._stopping = Event()

    def stop(self, *_: int | FrameType | None) -> None:
        """End after what is being done now."""
        self._stopping.set()

    def run(self) -> None:
        """Work until stopped."""
        # By themselves: a mail server that takes its time must hold up neither what customers look at nor the clock.
        for chores in ((self._retry_failed, self._lapse_due, self._tidy), (self._send_letters,)):
            Thread(target=self._do_chores, args=chores, daemon=True).start()
        with Doorbell(self._settings.doorbell) as bell:
            while not self._stopping.is_set():
                bell.wait(self._publish().total_seconds())
        self._outbox.close()
        self._channels.close()

    def _publish(self) -> timedelta:
        """One round. Returns how long nothing will have to be done, if nobody rings."""
        try:
            done = self._outbox.publish_pending(clock.now())
        except SQLAlchemyError:
            log.exception("the database failed while publishing")
            return SAFETY_LOOK
        if done.problem != self._problem:
            self._problem = done.problem
            log.warning("channels service: %s", done.problem or "reached again")
        if done.more_waits:
            return timedelta(0)
        return min(SAFETY_LOOK, done.try_at - clock.now()) if done.try_at else SAFETY_LOOK

    def _do_chores(self, *chores: Callable[[], object]) -> None:
        while not self._stopping.wait(CHORES_EVERY.total_seconds()):
            for chore in chores:
                try:
                    chore()
                except Exception:  # whatever it is, the next round tries again and the other chores go on
                    log.exception("a chore of the worker failed")

    def _retry_failed(self) -> None:
        if retry_failed(self._database, now=clock.now()):
            ring(self._settings.doorbell)

    def _send_letters(self) -> None:
        send_due(self._database, self._settings, clock.now())

    def _lapse_due(self) -> None:
        if lapse_due(self._database, now=clock.now()):
            ring(self._settings.doorbell)

    def _tidy(self) -> None:
        if clock.now() < self._tidy_at:
            return
        self._tidy_at = clock.now() + TIDY_EVERY
        with self._database.writing() as session:
            forget_old_sign_ins(session, now=clock.now())
            forget_old_access_tokens(session, now=clock.now())
            forget_old_hand_overs(session, now=clock.now())
            forget_old_share_links(session, now=clock.now())
            forget_old_letters(session, now=clock.now())


def work(settings: Settings) -> None:
    """Be the worker until SIGTERM or SIGINT."""
    worker = Worker(settings)
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
    worker.run()
