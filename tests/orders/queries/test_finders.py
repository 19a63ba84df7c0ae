"""Finding is permission: every finder of orders, with the wrong proof, finds nothing; with the right one, it does."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from tests.web.strangers import World, build
from tracker.accounts.model import CustomerSession
from tracker.accounts.tokens import hash_secret, share_link_secret
from tracker.config import Settings
from tracker.database import Database
from tracker.orders.operations import share_links, storage
from tracker.orders.operations.share_links import ShareLink
from tracker.orders.queries import board, onlookers, viewed_order
from tracker.orders.queries import finders as reading

ROOMS = (reading, viewed_order, onlookers, storage, share_links, board)
NO_FINDERS = {
    "load_order_for_update": "it belongs to who has found the order, the clock and the platform, which need no proof",
    "load_details": "it adds to an order that was looked at",
    "rows_of_order": "it makes a statement",
    "insert_order": "it finds nothing",
    "load_shared_details": "it adds to an order that was looked at",
    "load_status_details": "it adds to an order that was looked at",
    "find_open_links": "it belongs to who has found the order",
    "find_link": "it belongs to who has found the order",
    "share_order": "it finds nothing",
    "revoke_link": "it finds nothing",
    "links_expire_at": "it finds nothing",
    "can_be_shared": "it finds nothing",
    "enable_status_channel": "it finds nothing",
    "delete_old_share_links": "it finds nothing",
}


@dataclass
class Asked:
    """Where a finder looks, and for which orders."""

    session: Session
    connection: Connection
    orders: list[str]
    secret_key: str
    now: datetime

    def each(self, finder: Callable[[str], Any]) -> set[str]:
        """Those of the orders that the finder finds, asked for each by its id."""
        return {order_id for order_id in self.orders if finder(order_id)}


Finder = Callable[[Asked, str], set[str]]

OF_A_CUSTOMER: dict[str, Finder] = {
    "list_orders_for_customer": lambda asked, proof: {
        order.id for order in reading.list_orders_for_customer(asked.session, proof, only_restaurant_id=None, limit=100)
    },
    "find_order_for_customer": lambda asked, proof: asked.each(
        lambda its_id: storage.find_order_for_customer(
            asked.session, proof, its_id, only_restaurant_id=None, now=asked.now
        )
    ),
}
OF_A_SESSION: dict[str, Finder] = {
    "find_order_version": lambda asked, proof: asked.each(
        lambda its_id: (
            (seen := viewed_order.find_order_version(asked.connection, proof, its_id, now=asked.now)) and seen.order
        )
    ),
    "find_viewed_order": lambda asked, proof: asked.each(
        lambda its_id: (
            (seen := viewed_order.find_viewed_order(asked.connection, proof, its_id, now=asked.now)) and seen.order
        )
    ),
}
OF_A_RESTAURANT: dict[str, Finder] = {
    "list_orders_for_restaurant": lambda asked, proof: {
        order.id
        for before in (None, *asked.orders)
        for order in reading.list_orders_for_restaurant(asked.session, proof, only_live=False, before=before, limit=9)
        or ()
    },
    "find_order_for_restaurant": lambda asked, proof: asked.each(
        lambda its_id: storage.find_order_for_restaurant(asked.session, proof, its_id, now=asked.now)
    ),
    "find_order_owner": lambda asked, proof: asked.each(
        lambda its_id: reading.find_order_owner(asked.session, proof, its_id)
    ),
    "find_board_versions": lambda asked, proof: {
        glance[0]
        for glances in [board.find_board_versions(asked.session, proof, now=asked.now)]
        for glance in (*glances.live, *glances.ended)
    },
    "load_board_orders": lambda asked, proof: {
        order.id
        for glances in [board.find_board_versions(asked.session, proof, now=asked.now)]
        for orders in [board.load_board_orders(asked.session, glances)]
        for order in (*orders.live, *orders.ended)
    },
    "find_order_version_for_restaurant": lambda asked, proof: asked.each(
        lambda its_id: board.find_order_version_for_restaurant(asked.session, proof, its_id)
    ),
    "load_order_for_restaurant": lambda asked, proof: asked.each(
        lambda its_id: board.load_order_for_restaurant(asked.session, proof, its_id)
    ),
}
OF_A_LINK: dict[str, Finder] = {
    "find_shared_order": lambda asked, proof: the_one(
        onlookers.find_shared_order(asked.connection, proof, secret_key=asked.secret_key, now=asked.now)
    ),
    "find_shared_status": lambda asked, proof: the_one(
        onlookers.find_shared_status(asked.connection, proof, secret_key=asked.secret_key, now=asked.now)
    ),
}
OF_A_LINKS_ID: dict[str, Finder] = {
    "find_order_id_by_link": lambda asked, proof: {
        str(onlookers.find_order_id_by_link(asked.session, proof, now=asked.now))
    },
}
OF_A_WIDGET: dict[str, Finder] = {
    "find_embedded_order": lambda asked, proof: the_one(
        onlookers.find_embedded_order(asked.connection, proof, now=asked.now)
    ),
}
OF_ONLOOKERS = OF_A_LINK | OF_A_LINKS_ID | OF_A_WIDGET
FINDERS = OF_A_CUSTOMER | OF_A_SESSION | OF_A_RESTAURANT | OF_ONLOOKERS


def the_one(seen: onlookers.SharedOrder | onlookers.EmbeddedOrder | None) -> set[str]:
    """The order that an onlooker sees, by its id."""
    return {seen.order.id} if seen else set()


@pytest.fixture
def world(database: Database, settings: Settings, now: datetime) -> World:
    with database.transaction() as session:
        return build(session, settings.secret_key.get_secret_value(), now)


@pytest.fixture
def asked(database: Database, world: World, settings: Settings, now: datetime) -> Iterator[Asked]:
    """Ada's orders at Bella Ago are looked for."""
    with database.transaction() as session, database.read_connection() as connection:
        yield Asked(session, connection, world.orders, settings.secret_key.get_secret_value(), now)


def who(asked: Asked, token: str) -> str:
    """Whose session this is, or was, as a customer's id."""
    return asked.session.get_one(CustomerSession, hash_secret(token)).customer_id


def proofs(name: str, world: World, asked: Asked, settings: Settings) -> tuple[str, list[str]]:
    """The proof that opens Ada's orders to this finder, and those that open others, or nothing."""
    if name in OF_ONLOOKERS:
        return proofs_of_onlookers(name, world, asked, settings)
    browsers = [somebody.browser for somebody in (*world.strangers, world.staff, world.owner) if somebody.browser]
    if name in OF_A_SESSION:
        return hash_secret(world.ada.browser), [*(hash_secret(browser) for browser in browsers), hash_secret(""), ""]
    ada = who(asked, world.ada.browser)
    people = [who(asked, browser) for browser in browsers if who(asked, browser) != ada]
    if name in OF_A_CUSTOMER:
        return ada, [*people, world.restaurant, "f" * 24, "%", ""]
    return world.restaurant, [world.other, world.platform_account, ada, *people, "f" * 24, "%", ""]


def proofs_of_onlookers(name: str, world: World, asked: Asked, settings: Settings) -> tuple[str, list[str]]:
    """The same for those to whom one order is open, and no more of it than how far it is."""
    links = [link.id for link in asked.session.query(ShareLink) if link.id != world.link]
    tokens = [somebody.proof["access_token"] for somebody in world.strangers if "access_token" in somebody.proof]
    nobodys = [*world.orders, world.ada.proof["access_token"], "f" * 24, "%", ""]
    if name in OF_A_LINKS_ID:
        return world.link, [*links, *tokens, world.link_secret, world.guest.proof["access_token"], *nobodys]
    if name in OF_A_WIDGET:
        return world.widget.bearer, [*tokens, hash_secret(world.widget.bearer), world.link_secret, world.link, *nobodys]
    secrets = [share_link_secret(settings.secret_key.get_secret_value(), link) for link in links]
    return world.link_secret, [
        *secrets,
        *tokens,
        hash_secret(world.link_secret),
        world.widget.bearer,
        world.link,
        *nobodys,
    ]


@pytest.mark.parametrize("name", FINDERS)
def test_the_right_proof_finds_the_orders_and_a_wrong_one_none_of_them(
    name: str, world: World, asked: Asked, settings: Settings
) -> None:
    right, wrong = proofs(name, world, asked, settings)

    found = {proof: FINDERS[name](asked, proof) & set(world.orders) for proof in (right, *wrong)}

    assert found.pop(right) == set(world.orders[:1] if name in OF_ONLOOKERS else world.orders)
    assert len(found) >= 8
    assert set(map(frozenset, found.values())) == {frozenset()}


def test_a_session_at_the_word_of_a_shop_finds_what_is_of_that_restaurant(world: World, asked: Asked) -> None:
    ada, everything = who(asked, world.ada.browser), {*world.orders, world.adas_elsewhere}

    listed = {
        only_restaurant_id: {
            order.id
            for order in reading.list_orders_for_customer(
                asked.session, ada, only_restaurant_id=only_restaurant_id, limit=100
            )
        }
        for only_restaurant_id in (None, world.restaurant, world.other)
    }
    opened = {
        only_restaurant_id: {
            its_id
            for its_id in everything
            if storage.find_order_for_customer(
                asked.session, ada, its_id, only_restaurant_id=only_restaurant_id, now=asked.now
            )
        }
        for only_restaurant_id in listed
    }

    assert listed == opened
    assert listed == {None: everything, world.restaurant: set(world.orders), world.other: {world.adas_elsewhere}}


def test_there_is_no_finder_that_is_not_tried_here() -> None:
    public = {
        name
        for room in ROOMS
        for name, function in inspect.getmembers(room, inspect.isfunction)
        if function.__module__ == room.__name__ and not name.startswith("_")
    }

    assert public == FINDERS.keys() | NO_FINDERS.keys()
