"""Finding is permission: every finder finds the orders with the right proof, and nothing with a wrong one."""

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
from tracker.orders.queries import board, finders, onlookers, viewed_order

MODULES = (finders, viewed_order, onlookers, storage, share_links, board)
NO_FINDERS = {
    "load_order_for_update": "it is called after a finder, by the clock and for a platform, which need no proof",
    "load_details": "it adds to an order that was found",
    "rows_of_order": "it builds a statement",
    "insert_order": "it finds nothing",
    "load_shared_details": "it adds to an order that was found",
    "load_status_details": "it adds to an order that was found",
    "find_open_links": "it is called after a finder",
    "find_link": "it is called after a finder",
    "share_order": "it finds nothing",
    "revoke_link": "it finds nothing",
    "links_expire_at": "it finds nothing",
    "can_be_shared": "it finds nothing",
    "enable_status_channel": "it finds nothing",
    "delete_old_share_links": "it finds nothing",
}


@dataclass
class Search:
    """The arguments of the finders, and the ids of the orders to look for."""

    session: Session
    connection: Connection
    orders: list[str]
    secret_key: str
    now: datetime

    def found_by_id(self, finder: Callable[[str], Any]) -> set[str]:
        """Return the ids of the orders that the finder finds by their ids."""
        return {order_id for order_id in self.orders if finder(order_id)}


Finder = Callable[[Search, str], set[str]]

OF_A_CUSTOMER: dict[str, Finder] = {
    "list_orders_for_customer": lambda search, proof: {
        order.id
        for order in finders.list_orders_for_customer(search.session, proof, only_restaurant_id=None, limit=100)
    },
    "find_order_for_customer": lambda search, proof: search.found_by_id(
        lambda order_id: storage.find_order_for_customer(
            search.session, proof, order_id, only_restaurant_id=None, now=search.now
        )
    ),
}
OF_A_SESSION: dict[str, Finder] = {
    "find_order_version": lambda search, proof: search.found_by_id(
        lambda order_id: (
            (seen := viewed_order.find_order_version(search.connection, proof, order_id, now=search.now)) and seen.order
        )
    ),
    "find_viewed_order": lambda search, proof: search.found_by_id(
        lambda order_id: (
            (seen := viewed_order.find_viewed_order(search.connection, proof, order_id, now=search.now)) and seen.order
        )
    ),
}
OF_A_RESTAURANT: dict[str, Finder] = {
    "list_orders_for_restaurant": lambda search, proof: {
        order.id
        for before in (None, *search.orders)
        for order in finders.list_orders_for_restaurant(search.session, proof, only_live=False, before=before, limit=9)
        or ()
    },
    "find_order_for_restaurant": lambda search, proof: search.found_by_id(
        lambda order_id: storage.find_order_for_restaurant(search.session, proof, order_id, now=search.now)
    ),
    "find_order_owner": lambda search, proof: search.found_by_id(
        lambda order_id: finders.find_order_owner(search.session, proof, order_id)
    ),
    "find_board_versions": lambda search, proof: {
        version[0]
        for versions in [board.find_board_versions(search.session, proof, now=search.now)]
        for version in (*versions.live, *versions.ended)
    },
    "load_board_orders": lambda search, proof: {
        order.id
        for versions in [board.find_board_versions(search.session, proof, now=search.now)]
        for orders in [board.load_board_orders(search.session, versions)]
        for order in (*orders.live, *orders.ended)
    },
    "find_order_version_for_restaurant": lambda search, proof: search.found_by_id(
        lambda order_id: board.find_order_version_for_restaurant(search.session, proof, order_id)
    ),
    "load_order_for_restaurant": lambda search, proof: search.found_by_id(
        lambda order_id: board.load_order_for_restaurant(search.session, proof, order_id)
    ),
}
OF_A_LINK: dict[str, Finder] = {
    "find_shared_order": lambda search, proof: id_of(
        onlookers.find_shared_order(search.connection, proof, secret_key=search.secret_key, now=search.now)
    ),
    "find_shared_status": lambda search, proof: id_of(
        onlookers.find_shared_status(search.connection, proof, secret_key=search.secret_key, now=search.now)
    ),
}
OF_A_LINKS_ID: dict[str, Finder] = {
    "find_order_id_by_link": lambda search, proof: {
        str(onlookers.find_order_id_by_link(search.session, proof, now=search.now))
    },
}
OF_A_WIDGET: dict[str, Finder] = {
    "find_embedded_order": lambda search, proof: id_of(
        onlookers.find_embedded_order(search.connection, proof, now=search.now)
    ),
}
OF_ONLOOKERS = OF_A_LINK | OF_A_LINKS_ID | OF_A_WIDGET
FINDERS = OF_A_CUSTOMER | OF_A_SESSION | OF_A_RESTAURANT | OF_ONLOOKERS


def id_of(seen: onlookers.SharedOrder | onlookers.EmbeddedOrder | None) -> set[str]:
    """Return the id of the order that an onlooker sees, as a set."""
    return {seen.order.id} if seen else set()


@pytest.fixture
def world(database: Database, settings: Settings, now: datetime) -> World:
    with database.transaction() as session:
        return build(session, settings.secret_key.get_secret_value(), now)


@pytest.fixture
def search(database: Database, world: World, settings: Settings, now: datetime) -> Iterator[Search]:
    """A search for Ada's orders at Bella Ago."""
    with database.transaction() as session, database.read_connection() as connection:
        yield Search(session, connection, world.orders, settings.secret_key.get_secret_value(), now)


def customer_id_of(search: Search, token: str) -> str:
    """Return the id of the customer of this session."""
    return search.session.get_one(CustomerSession, hash_secret(token)).customer_id


def proofs(name: str, world: World, search: Search, settings: Settings) -> tuple[str, list[str]]:
    """Return the proof by which this finder finds Ada's orders, and proofs by which it must not find them."""
    if name in OF_ONLOOKERS:
        return proofs_of_onlookers(name, world, search, settings)
    browsers = [somebody.browser for somebody in (*world.strangers, world.staff, world.owner) if somebody.browser]
    if name in OF_A_SESSION:
        return hash_secret(world.ada.browser), [*(hash_secret(browser) for browser in browsers), hash_secret(""), ""]
    ada = customer_id_of(search, world.ada.browser)
    people = [customer_id_of(search, browser) for browser in browsers if customer_id_of(search, browser) != ada]
    if name in OF_A_CUSTOMER:
        return ada, [*people, world.restaurant, "f" * 24, "%", ""]
    return world.restaurant, [world.other, world.platform_account, ada, *people, "f" * 24, "%", ""]


def proofs_of_onlookers(name: str, world: World, search: Search, settings: Settings) -> tuple[str, list[str]]:
    """Return the same proofs for the finders of onlookers, who see the status of one order."""
    links = [link.id for link in search.session.query(ShareLink) if link.id != world.link]
    tokens = [somebody.proof["access_token"] for somebody in world.strangers if "access_token" in somebody.proof]
    other_texts = [*world.orders, world.ada.proof["access_token"], "f" * 24, "%", ""]
    if name in OF_A_LINKS_ID:
        return world.link, [*links, *tokens, world.link_secret, world.guest.proof["access_token"], *other_texts]
    if name in OF_A_WIDGET:
        return world.widget.bearer, [
            *tokens,
            hash_secret(world.widget.bearer),
            world.link_secret,
            world.link,
            *other_texts,
        ]
    secrets = [share_link_secret(settings.secret_key.get_secret_value(), link) for link in links]
    return world.link_secret, [
        *secrets,
        *tokens,
        hash_secret(world.link_secret),
        world.widget.bearer,
        world.link,
        *other_texts,
    ]


@pytest.mark.parametrize("name", FINDERS)
def test_the_right_proof_finds_the_orders_and_a_wrong_one_finds_none(
    name: str, world: World, search: Search, settings: Settings
) -> None:
    right, wrong = proofs(name, world, search, settings)

    found = {proof: FINDERS[name](search, proof) & set(world.orders) for proof in (right, *wrong)}

    assert found.pop(right) == set(world.orders[:1] if name in OF_ONLOOKERS else world.orders)
    assert len(found) >= 8
    assert set(map(frozenset, found.values())) == {frozenset()}


def test_a_session_from_a_sign_in_ticket_finds_only_orders_of_that_restaurant(world: World, search: Search) -> None:
    ada, everything = customer_id_of(search, world.ada.browser), {*world.orders, world.adas_elsewhere}

    listed = {
        only_restaurant_id: {
            order.id
            for order in finders.list_orders_for_customer(
                search.session, ada, only_restaurant_id=only_restaurant_id, limit=100
            )
        }
        for only_restaurant_id in (None, world.restaurant, world.other)
    }
    opened = {
        only_restaurant_id: {
            order_id
            for order_id in everything
            if storage.find_order_for_customer(
                search.session, ada, order_id, only_restaurant_id=only_restaurant_id, now=search.now
            )
        }
        for only_restaurant_id in listed
    }

    assert listed == opened
    assert listed == {None: everything, world.restaurant: set(world.orders), world.other: {world.adas_elsewhere}}


def test_every_finder_is_tested_here() -> None:
    public = {
        name
        for module in MODULES
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }

    assert public == FINDERS.keys() | NO_FINDERS.keys()
