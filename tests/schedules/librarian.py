"""The only process that looks into the database while a schedule runs: it prepares the rows, is asked what is left to
do, and in the end says what became of everything, beside what became of it on a site where all went in the right order.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from operator import itemgetter
from pathlib import Path
from shutil import copyfile

from flask import Flask
from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import selectinload

from tests.browser_sessions import signed_cookie
from tests.builders import EVENING, a_customer, a_platform_account, a_restaurant
from tests.queries import order_by_platform_id
from tests.schedules.children import notice_request, say, stamp_of_word
from tests.schedules.picture import PAGE_SECONDS, Picture, differences, flaws_of_history, picture
from tests.schedules.points import Leash
from tests.schedules.world import CUSTOMERS, Life
from tracker.accounts.model import Customer, PlatformAccount
from tracker.accounts.sign_in import start_session
from tracker.config import Settings
from tracker.database import Base, Database
from tracker.orders.model import Order, OrderEvent
from tracker.upstream.inbox import parse_notice
from tracker.upstream.intake import report_of_notice
from tracker.upstream.notice import Notice, NoticeState

PAGE_TIME = EVENING + timedelta(seconds=PAGE_SECONDS)


@dataclass(frozen=True, slots=True)
class Accounts:
    """What the driver has to know: the platform accounts' ids, and the cookie of each customer's browser."""

    platform_accounts: list[str]
    cookies: dict[int, str]


@dataclass(frozen=True, slots=True)
class Site:
    """An application with its database."""

    settings: Settings
    database: Database
    app: Flask


class Librarian:
    """Answers the driver's questions; `site` is where the schedule happens, `calm` where nothing ever goes wrong."""

    def __init__(self, site: Site, calm: Site, empty: Path) -> None:
        self.site, self.calm, self.empty = site, calm, empty
        self._calm_platform_accounts: list[str] = []

    def prepare(self) -> Accounts:
        """An empty database with two restaurants and the customers, who are signed in."""
        self.site.database.close()
        if self.site.database.is_sqlite:
            replace_sqlite(self.site.database, self.empty)
        else:
            empty_tables(self.site.database)
        self._calm_platform_accounts = add_accounts(self.calm).platform_accounts
        return add_accounts(self.site)

    def left_to_do(self) -> tuple[int, int]:
        """How many events wait to be published, and how many notices to be tried again."""
        with self.site.database.read_session() as session:
            pending = session.scalar(select(func.count()).where(OrderEvent.published_at.is_(None)))
            failed = session.scalar(select(func.count()).where(Notice.state == NoticeState.FAILED))
        return pending or 0, failed or 0

    def customer_of(self, order_id: str) -> int:
        """The number at the platform of whoever owns this order; 0 if that isn't known yet."""
        numbers = {address: number for number, (_, address) in CUSTOMERS.items()}
        with self.site.database.read_session() as session:
            address = select(Customer.email).join(Order, Order.customer_id == Customer.id).where(Order.id == order_id)
            return numbers.get(session.scalar(address) or "", 0)

    def wait_until_gone(self, pid: int) -> None:
        """PostgreSQL needs a moment to notice that a client was killed; until then it keeps what that one had locked.

        Where that one was itself waiting for a lock, it is noticed only when the lock comes free.
        """
        gone = text(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE application_name = :name AND wait_event_type IS DISTINCT FROM 'Lock'"
        )
        with self.site.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while connection.scalar(gone, {"name": f"tracker-{pid}"}):
                time.sleep(0.0005)

    def waits_for_lock(self, pid: int) -> bool:
        """Whether PostgreSQL has that process wait for somebody else's transaction."""
        waits = text("SELECT 1 FROM pg_stat_activity WHERE application_name = :name AND wait_event_type = 'Lock'")
        with self.site.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            return connection.scalar(waits, {"name": f"tracker-{pid}"}) is not None

    def cut(self, pid: int) -> None:
        """End all database connections of that process, as a restarted PostgreSQL would."""
        end = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name")
        with self.site.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(end, {"name": f"tracker-{pid}"})

    def examine(self, lives: list[Life]) -> tuple[list[str], dict[str, tuple[str, int]]]:
        """What is wrong, in words, and of each order its name in the schedule and its version."""
        problems, orders = [], {}
        platform_accounts = self._platform_accounts(self.site)
        with self.site.database.read_session() as session:
            kept = {(n.platform_account_id, n.source_id): n for n in session.scalars(select(Notice))}
            if session.scalar(select(func.count()).select_from(Order)) != len(lives):
                problems.append("there are not as many orders as were placed")
        problems += self._problems_of_notices(lives, platform_accounts, kept)
        for life in lives:
            name = f"order {life.number} of connection {life.platform_account}"
            found = loaded(self.site, platform_accounts[life.platform_account].id, life.number)
            if found is None:
                problems.append(f"{name} is not there")
                continue
            orders[found.id] = (name, found.version)
            right = self._calm_picture(life, platform_accounts[life.platform_account], kept)
            wrong = [*flaws_of_history(found), *differences(picture(found, PAGE_TIME), right)]
            problems += [f"{name}: {sentence}" for sentence in wrong]
        return problems, orders

    def _problems_of_notices(
        self, lives: list[Life], platform_accounts: list[PlatformAccount], kept: dict[tuple[str, str], Notice]
    ) -> list[str]:
        sent = {
            (platform_account.id, parse_notice(platform_account, body).source_id): body
            for life in lives
            for platform_account in [platform_accounts[life.platform_account]]
            for body in life.notices
        }
        problems = [f"a notice is not in the inbox: {sent[key][:200]!r}" for key in sent.keys() - kept.keys()]
        problems += [f"nobody sent this notice: {kept[key].body[:200]!r}" for key in kept.keys() - sent.keys()]
        with self.site.database.read_session() as session:
            rows = session.scalar(select(func.count()).select_from(Notice))
        if rows != len(kept):
            problems.append(f"{rows} rows in the inbox for {len(kept)} notices")
        problems += [
            f"notice {notice.id} ({notice.event_name}) was left {notice.state.value} ({notice.problem})"
            for notice in kept.values()
            if notice.state in (NoticeState.FAILED, NoticeState.WAITING)
        ]
        return problems

    def _calm_picture(
        self, life: Life, platform_account: PlatformAccount, kept: dict[tuple[str, str], Notice]
    ) -> Picture:
        """What the order looks like where everything was told once, in the right order.

        Where notices don't name their time, the right order is the one in which they first came in.
        """
        told: list[tuple[str, Callable[[], None]]] = []
        placed = ""
        for body in life.notices:
            understood = parse_notice(platform_account, body)
            notice = kept.get((platform_account.id, understood.source_id))
            came_in = notice.received_at if notice else EVENING
            stamp = report_of_notice(understood, came_in).source_version
            told.append((stamp, partial(self._post_calmly, life, body, came_in)))
            if understood.details is not None:
                placed = min(placed or stamp, stamp)
        for word in life.words:
            stamp = max(stamp_of_word(word.at), f"{placed} and then")  # before, there is no order to speak of
            told.append((stamp, partial(self._say_calmly, life, word.at, word.status)))
        for _, act in sorted(told, key=itemgetter(0)):
            act()
        order = loaded(self.calm, self._calm_platform_accounts[life.platform_account], life.number)
        return picture(order, PAGE_TIME) if order else {}

    def _post_calmly(self, life: Life, body: bytes, now: datetime) -> None:
        Leash.now = now
        request = notice_request(self._calm_platform_accounts[life.platform_account], body)
        status = self.calm.app.test_client().open(**request).status_code
        if status != 200:
            raise AssertionError(f"Even calmly, a notice is answered with {status}.")

    def _say_calmly(self, life: Life, at: datetime, status: str) -> None:
        with self.calm.database.transaction() as session:
            order = order_by_platform_id(session, self._calm_platform_accounts[life.platform_account], str(life.number))
            if order is None:
                raise AssertionError("Even calmly, the order was not placed.")
            say(order, at, status, now=at)

    def _platform_accounts(self, site: Site) -> list[PlatformAccount]:
        with site.database.read_session() as session:
            found = session.scalars(select(PlatformAccount).options(selectinload(PlatformAccount.restaurant)))
            return sorted(found, key=lambda platform_account: platform_account.id)


def loaded(site: Site, platform_account_id: str, number: int) -> Order | None:
    """The order with everything that belongs to it."""
    everything = (Order.lines, Order.adjustments, Order.refunds, Order.events, Order.customer)
    with site.database.read_session() as session:
        mine = select(Order).where(
            Order.platform_account_id == platform_account_id, Order.platform_order_id == str(number)
        )
        return session.scalar(mine.options(*(selectinload(each) for each in everything)))


def add_accounts(site: Site) -> Accounts:
    """Two restaurants with a connection each, and the customers with a session each."""
    fresh = sorted(os.urandom(12).hex() for _ in range(2))
    with site.database.transaction() as session:
        platform_accounts = [a_platform_account(a_restaurant(id=os.urandom(12).hex()), id=its_id) for its_id in fresh]
        known = {customer.email: customer for customer in session.scalars(select(Customer))}
        customers = {
            number: known.get(address) or a_customer(id=os.urandom(12).hex(), email=address, name=name)
            for number, (name, address) in CUSTOMERS.items()
        }
        session.add_all([*platform_accounts, *customers.values()])
        session.flush()
        tokens = {number: start_session(session, who, remember=False, now=EVENING) for number, who in customers.items()}
    return Accounts(fresh, {number: cookie_of(site.app, token) for number, token in tokens.items()})


def cookie_of(app: Flask, token: str) -> str:
    """The Cookie header of a browser whose session has this token."""
    return "=".join(signed_cookie(app, token))


def empty_tables(database: Database) -> None:
    """Delete every row."""
    with database.engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(delete(table))


def replace_sqlite(database: Database, empty: Path) -> None:
    """Put the empty database in place of the one that is there, and nothing in place of its side files."""
    path = Path(database.url.database or "")
    for leftover in path.parent.glob(f"{path.name}*"):
        leftover.unlink()
    copyfile(empty, path)
