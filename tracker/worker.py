"""The worker: it publishes committed events, sends e-mails, retries failed notices and lapses adjustments.

One worker process is enough; further ones are standbys.
"""

import logging
import signal
from collections.abc import Callable
from datetime import timedelta
from threading import Event, Thread
from types import FrameType

from sqlalchemy.exc import SQLAlchemyError

from tracker import clock
from tracker.accounts.access_tokens import delete_old_access_tokens
from tracker.accounts.mail_queue import delete_old_emails, send_due_emails
from tracker.accounts.sign_in import delete_old_sign_ins
from tracker.accounts.sign_in_tickets import delete_old_sign_in_tickets
from tracker.config import Settings
from tracker.database import Database
from tracker.live.notifier import Notifier, notify
from tracker.live.outbox import Outbox
from tracker.live.pusher import ChannelsClient
from tracker.orders.operations.deadlines import lapse_due_adjustments
from tracker.orders.operations.share_links import delete_old_share_links
from tracker.upstream.inbox import retry_failed_notices

log = logging.getLogger(__name__)

POLL_INTERVAL = timedelta(seconds=1)
"""How often to look for events without being notified: commits on another machine do not wake this worker."""
CHORE_INTERVAL = timedelta(seconds=2)
CLEANUP_INTERVAL = timedelta(hours=1)


class Worker:
    """Publishes events in the calling thread and does the other chores in two more threads, until it is stopped."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._database = Database(settings.database)  # without after_commit: chores notify where it is needed
        self._channels = ChannelsClient(settings)
        self._outbox = Outbox(self._database, self._channels)
        self._problem = ""
        self._next_cleanup_at = clock.now()
        self._stopping = Event()

    def stop(self, *_: int | FrameType | None) -> None:
        """Make run() end after the current round. It is also a signal handler."""
        self._stopping.set()

    def run(self) -> None:
        """Work until stop() is called."""
        # E-mails have a thread of their own: a slow mail server must delay neither the events nor the other chores.
        for chores in ((self._retry_failed, self._lapse_due, self._clean_up), (self._send_emails,)):
            Thread(target=self._do_chores, args=chores, daemon=True).start()
        with Notifier(self._settings.notifier_path) as notifier:
            while not self._stopping.is_set():
                notifier.wait(self._publish().total_seconds())
        self._outbox.close()
        self._channels.close()

    def _publish(self) -> timedelta:
        """Publish pending events once. Return how long to wait for a notification before the next round."""
        try:
            done = self._outbox.publish_pending(clock.now())
        except SQLAlchemyError:
            log.exception("the database failed while publishing")
            return POLL_INTERVAL
        if done.problem != self._problem:
            self._problem = done.problem
            log.warning("Channels service: %s", done.problem or "reachable again")
        if done.has_more:
            return timedelta(0)
        return min(POLL_INTERVAL, done.try_at - clock.now()) if done.try_at else POLL_INTERVAL

    def _do_chores(self, *chores: Callable[[], object]) -> None:
        while not self._stopping.wait(CHORE_INTERVAL.total_seconds()):
            for chore in chores:
                try:
                    chore()
                except Exception:  # the next round tries again, and the other chores must go on
                    log.exception("a chore of the worker failed")

    def _retry_failed(self) -> None:
        if retry_failed_notices(self._database, now=clock.now()):
            notify(self._settings.notifier_path)

    def _send_emails(self) -> None:
        send_due_emails(self._database, self._settings, clock.now())

    def _lapse_due(self) -> None:
        if lapse_due_adjustments(self._database, now=clock.now()):
            notify(self._settings.notifier_path)

    def _clean_up(self) -> None:
        if clock.now() < self._next_cleanup_at:
            return
        self._next_cleanup_at = clock.now() + CLEANUP_INTERVAL
        with self._database.transaction() as session:
            delete_old_sign_ins(session, now=clock.now())
            delete_old_access_tokens(session, now=clock.now())
            delete_old_sign_in_tickets(session, now=clock.now())
            delete_old_share_links(session, now=clock.now())
            delete_old_emails(session, now=clock.now())


def run_worker(settings: Settings) -> None:
    """Run a worker in this process until SIGTERM or SIGINT."""
    worker = Worker(settings)
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
    worker.run()
