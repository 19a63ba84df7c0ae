"""The only process that reads the database while a schedule runs.

It prepares the rows, tells the driver what is left to do, and in the end compares every order with the same order at a
reference site, where all notices came once and in the right order.
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
from tests.schedules.children import notice_request, update_as_staff, version_of_update
from tests.schedules.scenarios import CUSTOMERS, OrderScenario
from tests.schedules.snapshot import PAGE_SECONDS, Snapshot, differences, history_flaws, snapshot
from tests.schedules.stop_points import DriverLink
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
    """What the driver needs: the platform accounts' ids, and the cookie of each customer's browser."""

    platform_accounts: list[str]
    cookies: dict[int, str]


@dataclass(frozen=True, slots=True)
class Site:
    """An application with its database."""

    settings: Settings
    database: Database
    app: Flask


class Examiner:
    """Answers the driver's questions. The schedule runs at `site`; nothing ever goes wrong at `reference_site`."""

    def __init__(self, site: Site, reference_site: Site, empty: Path) -> None:
        self.site, self.reference_site, self.empty = site, reference_site, empty
        self._reference_ids: list[str] = []

    def prepare(self) -> Accounts:
        """Empty the database and add two restaurants and the customers, who are signed in."""
        self.site.database.close()
        if self.site.database.is_sqlite:
            replace_sqlite(self.site.database, self.empty)
        else:
            empty_tables(self.site.database)
        self._reference_ids = add_accounts(self.reference_site).platform_accounts
        return add_accounts(self.site)

    def left_to_do(self) -> tuple[int, int]:
        """Return how many events wait to be published, and how many notices are to be tried again."""
        with self.site.database.read_session() as session:
            pending = session.scalar(select(func.count()).where(OrderEvent.published_at.is_(None)))
            failed = session.scalar(select(func.count()).where(Notice.state == NoticeState.FAILED))
        return pending or 0, failed or 0

    def customer_of(self, order_id: str) -> int:
        """Return the number at the platform of the customer of this order, or 0 if the customer is not known yet."""
        numbers = {address: number for number, (_, address) in CUSTOMERS.items()}
        with self.site.database.read_session() as session:
            address = select(Customer.email).join(Order, Order.customer_id == Customer.id).where(Order.id == order_id)
            return numbers.get(session.scalar(address) or "", 0)

    def wait_until_gone(self, pid: int) -> None:
        """Wait until PostgreSQL has noticed that a client was killed; until then it holds that client's locks.

        A client that was itself waiting for a lock is noticed only when that lock is released, so it is not waited for.
        """
        gone = text(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE application_name = :name AND wait_event_type IS DISTINCT FROM 'Lock'"
        )
        with self.site.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while connection.scalar(gone, {"name": f"tracker-{pid}"}):
                time.sleep(0.0005)

    def waits_for_lock(self, pid: int) -> bool:
        """Return whether that process waits in PostgreSQL for another transaction."""
        waits = text("SELECT 1 FROM pg_stat_activity WHERE application_name = :name AND wait_event_type = 'Lock'")
        with self.site.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            return connection.scalar(waits, {"name": f"tracker-{pid}"}) is not None

    def cut(self, pid: int) -> None:
        """End all database connections of that process, as a restart of PostgreSQL would."""
        end = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name")
        with self.site.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(end, {"name": f"tracker-{pid}"})

    def examine(self, scenarios: list[OrderScenario]) -> tuple[list[str], dict[str, tuple[str, int]]]:
        """Return the problems, and for each order id its name in the schedule and its version."""
        problems, orders = [], {}
        platform_accounts = self._platform_accounts(self.site)
        with self.site.database.read_session() as session:
            stored = {(n.platform_account_id, n.source_id): n for n in session.scalars(select(Notice))}
            if session.scalar(select(func.count()).select_from(Order)) != len(scenarios):
                problems.append("there are not as many orders as were placed")
        problems += self._problems_of_notices(scenarios, platform_accounts, stored)
        for scenario in scenarios:
            name = f"order {scenario.number} of platform account {scenario.platform_account}"
            found = load_order(self.site, platform_accounts[scenario.platform_account].id, scenario.number)
            if found is None:
                problems.append(f"{name} is not there")
                continue
            orders[found.id] = (name, found.version)
            expected = self._reference_snapshot(scenario, platform_accounts[scenario.platform_account], stored)
            flaws = [*history_flaws(found), *differences(snapshot(found, PAGE_TIME), expected)]
            problems += [f"{name}: {sentence}" for sentence in flaws]
        return problems, orders

    def _problems_of_notices(
        self,
        scenarios: list[OrderScenario],
        platform_accounts: list[PlatformAccount],
        stored: dict[tuple[str, str], Notice],
    ) -> list[str]:
        sent = {
            (platform_account.id, parse_notice(platform_account, body).source_id): body
            for scenario in scenarios
            for platform_account in [platform_accounts[scenario.platform_account]]
            for body in scenario.notices
        }
        problems = [f"a notice is not in the inbox: {sent[key][:200]!r}" for key in sent.keys() - stored.keys()]
        problems += [f"nobody sent this notice: {stored[key].body[:200]!r}" for key in stored.keys() - sent.keys()]
        with self.site.database.read_session() as session:
            rows = session.scalar(select(func.count()).select_from(Notice))
        if rows != len(stored):
            problems.append(f"{rows} rows in the inbox for {len(stored)} notices")
        problems += [
            f"notice {notice.id} ({notice.event_name}) was left {notice.state.value} ({notice.problem})"
            for notice in stored.values()
            if notice.state in (NoticeState.FAILED, NoticeState.WAITING)
        ]
        return problems

    def _reference_snapshot(
        self, scenario: OrderScenario, platform_account: PlatformAccount, stored: dict[tuple[str, str], Notice]
    ) -> Snapshot:
        """Return the snapshot of the order at a site where everything was reported once, in the right order.

        Where notices name no time, the right order is the one in which they first arrived.
        """
        actions: list[tuple[str, Callable[[], None]]] = []
        placed = ""
        for body in scenario.notices:
            understood = parse_notice(platform_account, body)
            notice = stored.get((platform_account.id, understood.source_id))
            came_in = notice.received_at if notice else EVENING
            version = report_of_notice(understood, came_in).source_version
            actions.append((version, partial(self._post_to_reference, scenario, body, came_in)))
            if understood.details is not None:
                placed = min(placed or version, version)
        for update in scenario.updates:
            version = max(version_of_update(update.at), f"{placed} and then")  # before that there is no order to update
            actions.append((version, partial(self._update_reference, scenario, update.at, update.status)))
        for _, act in sorted(actions, key=itemgetter(0)):
            act()
        order = load_order(self.reference_site, self._reference_ids[scenario.platform_account], scenario.number)
        return snapshot(order, PAGE_TIME) if order else {}

    def _post_to_reference(self, scenario: OrderScenario, body: bytes, now: datetime) -> None:
        DriverLink.now = now
        request = notice_request(self._reference_ids[scenario.platform_account], body)
        status = self.reference_site.app.test_client().open(**request).status_code
        if status != 200:
            raise AssertionError(f"A notice is answered with {status} at the reference site.")

    def _update_reference(self, scenario: OrderScenario, at: datetime, status: str) -> None:
        with self.reference_site.database.transaction() as session:
            order = order_by_platform_id(session, self._reference_ids[scenario.platform_account], str(scenario.number))
            if order is None:
                raise AssertionError("The order was not placed at the reference site.")
            update_as_staff(order, at, status, now=at)

    def _platform_accounts(self, site: Site) -> list[PlatformAccount]:
        with site.database.read_session() as session:
            found = session.scalars(select(PlatformAccount).options(selectinload(PlatformAccount.restaurant)))
            return sorted(found, key=lambda platform_account: platform_account.id)


def load_order(site: Site, platform_account_id: str, number: int) -> Order | None:
    """Return the order with all its relations, or None if it does not exist."""
    everything = (Order.lines, Order.adjustments, Order.refunds, Order.events, Order.customer)
    with site.database.read_session() as session:
        query = select(Order).where(
            Order.platform_account_id == platform_account_id, Order.platform_order_id == str(number)
        )
        return session.scalar(query.options(*(selectinload(each) for each in everything)))


def add_accounts(site: Site) -> Accounts:
    """Add two restaurants with a platform account each, and the customers with a session each."""
    ids = sorted(os.urandom(12).hex() for _ in range(2))
    with site.database.transaction() as session:
        platform_accounts = [a_platform_account(a_restaurant(id=os.urandom(12).hex()), id=id_) for id_ in ids]
        existing = {customer.email: customer for customer in session.scalars(select(Customer))}
        customers = {
            number: existing.get(address) or a_customer(id=os.urandom(12).hex(), email=address, name=name)
            for number, (name, address) in CUSTOMERS.items()
        }
        session.add_all([*platform_accounts, *customers.values()])
        session.flush()
        tokens = {
            number: start_session(session, customer, remember=False, now=EVENING)
            for number, customer in customers.items()
        }
    return Accounts(ids, {number: cookie_of(site.app, token) for number, token in tokens.items()})


def cookie_of(app: Flask, token: str) -> str:
    """Return the Cookie header of a browser whose session has this token."""
    return "=".join(signed_cookie(app, token))


def empty_tables(database: Database) -> None:
    """Delete every row."""
    with database.engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(delete(table))


def replace_sqlite(database: Database, empty: Path) -> None:
    """Replace the database file by the empty one, and delete its side files."""
    path = Path(database.url.database or "")
    for leftover in path.parent.glob(f"{path.name}*"):
        leftover.unlink()
    copyfile(empty, path)
