"""The processes of a schedule, forked from one that has everything ready: web servers, workers, and a hand.

They are the real parts on a real database: the application's doors, the worker with its outbox, lease and doorbell. A
worker's chores are done between its rounds instead of beside them, for a process has one thread here.
"""

import os
import signal
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from multiprocessing import Pipe
from multiprocessing.connection import Connection as PipeEnd
from typing import Any, NoReturn

from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from tests.builders import VERIFY_TOKEN
from tests.schedules.points import Leash, point, stop_around
from tracker import worker as working
from tracker.config import Settings
from tracker.database import Database
from tracker.live import delivery
from tracker.live.notifier import Notifier
from tracker.live.pusher import ChannelsClient
from tracker.live.wire import Message
from tracker.orders.model import Order, OrderEvent
from tracker.orders.operations.by_platform import progress_order
from tracker.orders.reports import Report
from tracker.upstream.inbox import retry_failed_notices


def fork(role: str, parts: "Parts") -> tuple[int, PipeEnd]:
    """Start a child of that role; its process id and the driver's end of the line to it."""
    ours, theirs = Pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        _be(role, parts, theirs)
    theirs.close()
    return pid, ours


class Parts:
    """What is ready before anybody is forked. The database has no open connection then."""

    def __init__(self, settings: Settings, database: Database, app: Flask) -> None:
        self.settings, self.database, self.app = settings, database, app
        self.cookie_name: str = app.config["SESSION_COOKIE_NAME"]


def _be(role: str, parts: Parts, pipe: PipeEnd) -> NoReturn:
    """Live as that child until killed, or until the driver is gone."""
    try:
        mine = os.dup2(pipe.fileno(), 3)
        os.closerange(4, 256)  # else a child would keep its brothers' lines open, and the driver's sockets
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.environ["PGAPPNAME"] = f"tracker-{os.getpid()}"
        Leash.tie(PipeEnd(mine))
        {"web": _serve, "worker": _work, "hand": _lend_a_hand}[role](parts)
    except (EOFError, OSError):
        pass  # the driver is gone
    finally:
        os._exit(0)


def _rest(parts: Parts) -> None:
    """Let go of this schedule's database; the next one is another file, or an empty PostgreSQL."""
    if parts.database.is_sqlite:
        parts.database.close()
    Leash.tell("resting")


# --- web ------------------------------------------------------------------------------------------------------------


def _serve(parts: Parts) -> None:
    client = parts.app.test_client(use_cookies=False)
    assert Leash.pipe
    while True:
        request, order = Leash.pipe.recv()
        Leash.let_on(order)
        if order.rests:
            _rest(parts)
            continue
        response = client.open(**request)
        body = response.get_data(as_text=True)
        point("answer")
        Leash.tell("answer", (response.status_code, body))


def notice_request(platform_account_id: str, body: bytes) -> dict[str, Any]:
    """A webhook, as Flipdish sends it."""
    headers = {"X-Verify-Token": VERIFY_TOKEN, "Content-Type": "application/json"}
    path = f"/webhooks/flipdish/{platform_account_id}"
    return {"path": path, "method": "POST", "data": body, "headers": headers, "base_url": "http://localhost"}


def region_request(order_id: str, cookie: str, etag: str) -> dict[str, Any]:
    """An open page asking for its live region; the ETag says what it shows already."""
    headers = {"Cookie": cookie, "HX-Request": "true"} | ({"If-None-Match": etag} if etag else {})
    return {"path": f"/orders/{order_id}/live", "method": "GET", "headers": headers, "base_url": "http://localhost"}


# --- worker ---------------------------------------------------------------------------------------------------------


class _SteppedNotifier(Notifier):
    """The real doorbell, at which sleeping is a point; whoever is woken up early does chores at times."""

    database: Database
    worker: working.Worker

    def wait(self, timeout: float) -> bool:
        end = Leash.now + timedelta(seconds=timeout)
        while True:
            Leash.report("asleep", end)
            if Leash.rests:
                self.worker.stop()
                return False
            if Leash.chores:
                with suppress(Exception):  # as the worker has it: the next round tries again
                    retry_failed_notices(self.database, now=Leash.now)
            if super().wait(0):
                return True
            if Leash.now >= end:
                return False


class _NoThread:
    """In place of the thread for chores."""

    def __init__(self, **_: object) -> None:
        pass

    def start(self) -> None:
        pass


def _tagged_messages(event: OrderEvent, inner: Any = delivery.messages_of) -> list[Message]:  # type: ignore[attr-defined]
    """The messages, with the event that they tell, which not all of them say."""
    tag = {"_event": [event.order_id, event.number]}
    return [replace(message, data=message.data | tag) for message in inner(event)]


def _work(parts: Parts) -> None:
    _SteppedNotifier.database = parts.database
    working.Database = lambda _: parts.database  # type: ignore[assignment, attr-defined, misc]
    working.Notifier = _SteppedNotifier  # type: ignore[attr-defined]
    working.Thread = _NoThread  # type: ignore[assignment, attr-defined]
    delivery.messages_of = _tagged_messages  # type: ignore[attr-defined]
    stop_around(ChannelsClient, "publish", "send", "sent")
    assert Leash.pipe
    while True:
        Leash.let_on(Leash.pipe.recv())
        _SteppedNotifier.worker = working.Worker(parts.settings)
        _SteppedNotifier.worker.run()
        _rest(parts)


# --- hand -----------------------------------------------------------------------------------------------------------


def _lend_a_hand(parts: Parts) -> None:
    """Do what a door for the restaurant would do: change an order without having waited for the platform's turn."""
    assert Leash.pipe
    while True:
        what, order = Leash.pipe.recv()
        Leash.let_on(order)
        if order.rests:
            _rest(parts)
            continue
        try:
            done = _say(parts.database, *what)
        except (StaleDataError, DBAPIError) as refused:
            done = type(refused).__name__
        point("answer")
        Leash.tell("answer", (200 if done == "said" else 409, done))


def _say(database: Database, platform_account_id: str, number: str, at: datetime, status: str) -> str:
    with database.transaction() as session:
        # Locked, for a change that is no event leaves the order's version as it is, and then it would not protect it.
        mine = select(Order).where(Order.platform_account_id == platform_account_id, Order.platform_order_id == number)
        order = session.scalar(mine.with_for_update(of=Order))
        if order is None:
            return "no such order"
        if not any(getattr(event.details, "status", None) == status for event in order.events):
            say(order, at, status, now=Leash.now)
    return "said"


def say(order: Order, at: datetime, status: str, *, now: datetime) -> None:
    """Somebody in the restaurant says how far it is, in words that mean no step."""
    progress_order(order, status=status, step=None, at=None, report=Report(at, stamp_of_word(at)), now=now)


def stamp_of_word(at: datetime) -> str:
    """What sorts it among the notices (tracker.upstream.intake.report_of_notice): after those of the same moment."""
    return f"{at.isoformat(timespec='microseconds')} 9 by hand"
