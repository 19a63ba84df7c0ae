"""The console: who may look at it, what stands where on the board, and what one order's page tells."""

import re
from datetime import timedelta
from functools import partial

import pytest
from flask.testing import FlaskClient

from tests.accounts.employing import let_work
from tests.builders import EVENING, a_change, a_customer, a_restaurant, an_own_order
from tests.conftest import Clock
from tests.web.kitchen import COOK, OWNER, Work, at_work
from tracker.accounts.model import IfUnanswered, Role
from tracker.accounts.staffing import remove_staff_member
from tracker.accounts.staff_reading import staff_of_restaurant
from tracker.accounts.tokens import read_console_token
from tracker.config import Settings
from tracker.database import Database
from tracker.ids import new_id
from tracker.orders import board, by_customer, by_restaurant, lapsing


@pytest.fixture
def work(client: FlaskClient, database: Database, clock: Clock) -> Work:
    """A restaurant whose owner looks at the console."""
    return at_work(client, database, clock)


def section(html: str, key: str) -> str:
    """One section of the board; nothing if it isn't shown."""
    found = re.search(rf'<section id="{key}".*?</section>', html, re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0])) if found else ""


def text_of(html: str) -> str:
    """What a person reads, in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_smoke(work: Work) -> None:
    one = work.takes_in()
    answer = work.client.get(work.board)
    assert answer.status_code == 200
    assert "A42" in section(answer.text, "answer")
    answer = work.client.get(work.address(one))
    assert answer.status_code == 200
    for form in ("confirm", "reject", "adjust"):
        assert work.client.get(f"{work.address(one)}/{form}").status_code == 200
    answer = work.presses(one, "adjust/preview", lines="dolce", minutes="30", reason="Out")
    assert answer.status_code == 200
    answer = work.presses(one, "confirm", minutes="30")
    assert answer.status_code == 303
    assert work.client.get(f"{work.address(one)}/promise").status_code == 200
    assert work.presses(one, "confirm", minutes="30").status_code == 409
    assert (
        work.presses(one, "progress", by_script=True, status="Out for delivery", **{"from": "board"}).status_code == 200
    )
    assert work.client.get(f"{work.board}/settings").status_code == 200
