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
from tracker.accounts.tokens import hash_of, share_secret
from tracker.config import Settings
from tracker.database import Database
from tracker.orders.operations import share_links as sharing
from tracker.orders.operations import storage as storing
from tracker.orders.operations.share_links import ShareLink
from tracker.orders.queries import board
from tracker.orders.queries import finders as reading
from tracker.orders.queries import onlookers as onlooking
from tracker.orders.queries import viewed_order as seeing

ROOMS = (reading, seeing, onlooking, storing, sharing, board)
NO_FINDERS = {
    "order_to_change": "it belongs to who has found the order, and to the clock and the platform, which need no proof",
    "look_closer": "it adds to an order that was looked at",
    "rows_of_order": "it makes a statement",
    "store_new": "it finds nothing",
    "look_closer_at_shared": "it adds to an order that was looked at",
    "look_closer_at_status": "it adds to an order that was looked at",
    "open_links_of_order": "it belongs to who has found the order",
    "link_of_order": "it belongs to who has found the order",
    "share_order": "it finds nothing",
    "revoke_link": "it finds nothing",
    "closes_at": "it finds nothing",
    "can_be_shared": "it finds nothing",
    "let_onlookers_hear": "it finds nothing",
    "forget_old_share_links": "it finds nothing",
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
    "orders_of_customer": lambda asked, proof: {
        order.id for order in reading.orders_of_customer(asked.session, proof, only_at=None, limit=100)
    },
    "order_of_customer": lambda asked, proof: asked.each(
        lambda its_id: storing.order_of_customer(asked.session, proof, its_id, only_at=None, now=asked.now)
    ),
}
OF_A_SESSION: dict[str, Finder] = {
    "glance_at_order": lambda asked, proof: asked.each(
        lambda its_id: (seen := seeing.glance_at_order(asked.connection, proof, its_id, now=asked.now)) and seen.order
    ),
    "look_at_order": lambda asked, proof: asked.each(
        lambda its_id: (seen := seeing.look_at_order(asked.connection, proof, its_id, now=asked.now)) and seen.order
    ),
}
OF_A_RESTAURANT: dict[str, Finder] = {
    "orders_of_restaurant": lambda asked, proof: {
        order.id
        for before in (None, *asked.orders)
        for order in reading.orders_of_restaurant(asked.session, proof, only_live=False, before=before, limit=9) or ()
    },
    "order_of_restaurant": lambda asked, proof: asked.each(
        lambda its_id: storing.order_of_restaurant(asked.session, proof, its_id, now=asked.now)
    ),
    "owner_of_order": lambda asked, proof: asked.each(
        lambda its_id: reading.owner_of_order(asked.session, proof, its_id)
    ),
    "glance_at_board": lambda asked, proof: {
        glance[0]
        for glances in [board.glance_at_board(asked.session, proof, now=asked.now)]
        for glance in (*glances.live, *glances.ended)
    },
    "orders_of_board": lambda asked, proof: {
        order.id
        for glances in [board.glance_at_board(asked.session, proof, now=asked.now)]
        for orders in [board.orders_of_board(asked.session, glances)]
        for order in (*orders.live, *orders.ended)
    },
    "glance_at_order_of_restaurant": lambda asked, proof: asked.each(
        lambda its_id: board.glance_at_order_of_restaurant(asked.session, proof, its_id)
    ),
    "whole_order_of_restaurant": lambda asked, proof: asked.each(
        lambda its_id: board.whole_order_of_restaurant(asked.session, proof, its_id)
    ),
}
OF_A_LINK: dict[str, Finder] = {
    "look_at_shared_order": lambda asked, proof: the_one(
        onlooking.look_at_shared_order(asked.connection, proof, secret_key=asked.secret_key, now=asked.now)
    ),
    "look_at_shared_status": lambda asked, proof: the_one(
        onlooking.look_at_shared_status(asked.connection, proof, secret_key=asked.secret_key, now=asked.now)
    ),
}
OF_A_LINKS_ID: dict[str, Finder] = {
    "order_of_open_link": lambda asked, proof: {str(onlooking.order_of_open_link(asked.session, proof, now=asked.now))},
}
OF_A_WIDGET: dict[str, Finder] = {
    "look_at_framed_order": lambda asked, proof: the_one(
        onlooking.look_at_framed_order(asked.connection, proof, now=asked.now)
    ),
}
OF_ONLOOKERS = OF_A_LINK | OF_A_LINKS_ID | OF_A_WIDGET
FINDERS = OF_A_CUSTOMER | OF_A_SESSION | OF_A_RESTAURANT | OF_ONLOOKERS


def the_one(seen: onlooking.Shared | onlooking.Framed | None) -> set[str]:
    """The order that an onlooker sees, by its id."""
    return {seen.order.id} if seen else set()


@pytest.fixture
def world(database: Database, settings: Settings, now: datetime) -> World:
    with database.writing() as session:
        return build(session, settings.secret_key.get_secret_value(), now)


@pytest.fixture
def asked(database: Database, world: World, settings: Settings, now: datetime) -> Iterator[Asked]:
    """Ada's orders at Bella Ago are looked for."""
    with database.writing() as session, database.looking() as connection:
        yield Asked(session, connection, world.orders, settings.secret_key.get_secret_value(), now)


def who(asked: Asked, token: str) -> str:
    """Whose session this is, or was, as a customer's id."""
    return asked.session.get_one(CustomerSession, hash_of(token)).customer_id


def proofs(name: str, world: World, asked: Asked, settings: Settings) -> tuple[str, list[str]]:
    """The proof that opens Ada's orders to this finder, and those that open others, or nothing."""
    if name in OF_ONLOOKERS:
        return proofs_of_onlookers(name, world, asked, settings)
    browsers = [somebody.browser for somebody in (*world.strangers, world.staff, world.owner) if somebody.browser]
    if name in OF_A_SESSION:
        return hash_of(world.ada.browser), [*(hash_of(browser) for browser in browsers), hash_of(""), ""]
    ada = who(asked, world.ada.browser)
    people = [who(asked, browser) for browser in browsers if who(asked, browser) != ada]
    if name in OF_A_CUSTOMER:
        return ada, [*people, world.restaurant, "f" * 24, "%", ""]
    return world.restaurant, [world.other, world.connection, ada, *people, "f" * 24, "%", ""]


def proofs_of_onlookers(name: str, world: World, asked: Asked, settings: Settings) -> tuple[str, list[str]]:
    """The same for those to whom one order is open, and no more of it than how far it is."""
    links = [link.id for link in asked.session.query(ShareLink) if link.id != world.link]
    tokens = [somebody.proof["access_token"] for somebody in world.strangers if "access_token" in somebody.proof]
    nobodys = [*world.orders, world.ada.proof["access_token"], "f" * 24, "%", ""]
    if name in OF_A_LINKS_ID:
        return world.link, [*links, *tokens, world.link_secret, world.guest.proof["access_token"], *nobodys]
    if name in OF_A_WIDGET:
        return world.widget.bearer, [*tokens, hash_of(world.widget.bearer), world.link_secret, world.link, *nobodys]
    secrets = [share_secret(settings.secret_key.get_secret_value(), link) for link in links]
    return world.link_secret, [*secrets, *tokens, hash_of(world.link_secret), world.widget.bearer, world.link, *nobodys]


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
        only_at: {order.id for order in reading.orders_of_customer(asked.session, ada, only_at=only_at, limit=100)}
        for only_at in (None, world.restaurant, world.other)
    }
    opened = {
        only_at: {
            its_id
            for its_id in everything
            if storing.order_of_customer(asked.session, ada, its_id, only_at=only_at, now=asked.now)
        }
        for only_at in listed
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
