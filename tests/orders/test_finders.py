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
from tracker.accounts.tokens import hash_of
from tracker.database import Database
from tracker.orders import board, reading, seeing, storing

ROOMS = (reading, seeing, storing, board)
NO_FINDERS = {
    "order_to_change": "it belongs to who has found the order, and to the clock and the platform, which need no proof",
    "look_closer": "it adds to an order that was looked at",
    "store_new": "it finds nothing",
}


@dataclass
class Asked:
    """Where a finder looks, and for which orders."""

    session: Session
    connection: Connection
    orders: list[str]
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
FINDERS = OF_A_CUSTOMER | OF_A_SESSION | OF_A_RESTAURANT


@pytest.fixture
def world(database: Database, now: datetime) -> World:
    with database.writing() as session:
        return build(session, now)


@pytest.fixture
def asked(database: Database, world: World, now: datetime) -> Iterator[Asked]:
    """Ada's orders at Bella Ago are looked for."""
    with database.writing() as session, database.looking() as connection:
        yield Asked(session, connection, world.orders, now)


def who(asked: Asked, token: str) -> str:
    """Whose session this is, or was, as a customer's id."""
    return asked.session.get_one(CustomerSession, hash_of(token)).customer_id


def proofs(name: str, world: World, asked: Asked) -> tuple[str, list[str]]:
    """The proof that opens Ada's orders to this finder, and those that open others, or nothing."""
    browsers = [somebody.browser for somebody in (*world.strangers, world.staff, world.owner) if somebody.browser]
    if name in OF_A_SESSION:
        return hash_of(world.ada.browser), [*(hash_of(browser) for browser in browsers), hash_of(""), ""]
    ada = who(asked, world.ada.browser)
    people = [who(asked, browser) for browser in browsers if who(asked, browser) != ada]
    if name in OF_A_CUSTOMER:
        return ada, [*people, world.restaurant, "f" * 24, "%", ""]
    return world.restaurant, [world.other, world.connection, ada, *people, "f" * 24, "%", ""]


@pytest.mark.parametrize("name", FINDERS)
def test_the_right_proof_finds_the_orders_and_a_wrong_one_none_of_them(name: str, world: World, asked: Asked) -> None:
    right, wrong = proofs(name, world, asked)

    found = {proof: FINDERS[name](asked, proof) & set(world.orders) for proof in (right, *wrong)}

    assert found.pop(right) == set(world.orders)
    assert len(found) >= 8
    assert set(map(frozenset, found.values())) == {frozenset()}


def test_there_is_no_finder_that_is_not_tried_here() -> None:
    public = {
        name
        for room in ROOMS
        for name, function in inspect.getmembers(room, inspect.isfunction)
        if function.__module__ == room.__name__ and not name.startswith("_")
    }

    assert public == FINDERS.keys() | NO_FINDERS.keys()
