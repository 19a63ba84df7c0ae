"""What an owner says about the restaurant: it holds from then on, and what can't be is said in words."""

import logging
import re

import pytest
from flask.testing import FlaskClient

from tests.conftest import Clock
from tests.page_text import words_of
from tests.web.console.kitchen import COOK, OWNER, Work, at_work, section
from tracker.accounts.model import IfUnanswered, Restaurant
from tracker.accounts.staff_queries import restaurant_by_secret, staff_of_restaurant
from tracker.database import Database

ANSWERS = {
    "answer_minutes": "15",
    "window_minutes": "20",
    "if_unanswered": "go_ahead",
    "reject_reasons": "Full\nClosed",
}


@pytest.fixture
def work(client: FlaskClient, database: Database, clock: Clock) -> Work:
    """A restaurant whose owner looks at its settings."""
    return at_work(client, database, clock)


def kept(work: Work) -> Restaurant:
    """The restaurant as it is kept."""
    with work.database.read_session() as session:
        return session.get_one(Restaurant, work.restaurant.id)


def staff(work: Work) -> dict[str | None, str]:
    """Who works there, as what."""
    with work.database.read_session() as session:
        return {person.email: member.role.value for member, person in staff_of_restaurant(session, work.restaurant.id)}


def id_of(work: Work, email: str) -> str:
    """The id of somebody who works there."""
    with work.database.read_session() as session:
        everybody = staff_of_restaurant(session, work.restaurant.id)
        return next(person.id for _, person in everybody if person.email == email)


def test_how_orders_are_answered_is_kept_and_shown(work: Work) -> None:
    response = work.client.post(f"{work.board}/settings", data=ANSWERS)

    restaurant = kept(work)
    assert response.status_code == 303
    assert (restaurant.answer_minutes, restaurant.window_minutes) == (15, 20)
    assert (restaurant.if_unanswered, restaurant.reject_reasons) == (IfUnanswered.GO_AHEAD, ["Full", "Closed"])
    assert "Full\nClosed</textarea>" in work.client.get(f"{work.board}/settings").text


@pytest.mark.parametrize("wrong", [{"answer_minutes": "none"}, {"answer_minutes": "999"}, {"window_minutes": "-1"}])
def test_what_cannot_be_is_said_in_words_and_changes_nothing(work: Work, wrong: dict[str, str]) -> None:
    response = work.client.post(f"{work.board}/settings", data=ANSWERS | wrong)

    assert response.status_code == 422
    assert "That was not done." in words_of(response.text)
    assert kept(work).answer_minutes == 10


def test_a_restaurants_own_names_are_those_that_its_staff_press(work: Work) -> None:
    names = {"name": ["In the oven", "Boxed", "", "Gone"], "step": ["confirmed", "ready", "ready", "handed_over"]}

    response = work.client.post(f"{work.board}/settings/statuses/collection", data=names)
    order_id = work.takes_in(fulfilment="collection")
    work.presses(order_id, "confirm", minutes="20")

    assert response.status_code == 303
    assert [own["name"] for own in kept(work).statuses["collection"]] == ["In the oven", "Boxed", "Gone"]
    assert "Boxed" in section(work.client.get(work.address(order_id)).text, "acts")


def test_names_that_lead_nowhere_are_refused_and_without_any_the_usual_ones_are_back(work: Work) -> None:
    wrong = work.client.post(f"{work.board}/settings/statuses/table", data={"name": ["Done"], "step": ["ready"]})
    none = work.client.post(f"{work.board}/settings/statuses/table", data={"name": [""], "step": ["ready"]})
    unknown = work.client.post(f"{work.board}/settings/statuses/drone", data={"name": [""], "step": ["ready"]})

    assert [response.status_code for response in (wrong, none, unknown)] == [422, 303, 400]
    assert "means that the food has been handed over" in words_of(wrong.text)
    assert 'value="Ready to serve"' in work.client.get(f"{work.board}/settings").text


def test_people_are_taken_in_made_owners_and_let_go(work: Work) -> None:
    work.client.post(f"{work.board}/settings/staff", data={"email": " New@Example.com ", "role": "staff"})
    work.client.post(f"{work.board}/settings/staff/{id_of(work, COOK)}", data={"role": "owner"})
    work.client.post(f"{work.board}/settings/staff/{id_of(work, 'new@example.com')}", data={"role": "none"})

    assert staff(work) == {OWNER: "owner", COOK: "owner"}
    assert COOK in section(work.client.get(f"{work.board}/settings").text, "staff")


@pytest.mark.parametrize("role", ["none", "staff"])
def test_the_last_owner_stays_one(work: Work, role: str) -> None:
    response = work.client.post(f"{work.board}/settings/staff/{id_of(work, OWNER)}", data={"role": role})

    assert response.status_code == 422
    assert "last owner" in words_of(response.text)
    assert staff(work)[OWNER] == "owner"


def test_an_owner_who_steps_back_is_brought_to_the_board(work: Work) -> None:
    work.client.post(f"{work.board}/settings/staff/{id_of(work, COOK)}", data={"role": "owner"})

    response = work.client.post(f"{work.board}/settings/staff/{id_of(work, OWNER)}", data={"role": "staff"})

    assert (response.status_code, response.location) == (303, "/console")


@pytest.mark.parametrize(
    ("email", "role", "code"), [("nonsense", "staff", 422), (COOK, "owner", 422), (COOK, "king", 400)]
)
def test_who_cannot_be_taken_in_is_said_in_words(work: Work, email: str, role: str, code: int) -> None:
    response = work.client.post(f"{work.board}/settings/staff", data={"email": email, "role": role})

    assert response.status_code == code
    assert staff(work) == {OWNER: "owner", COOK: "staff"}


def test_a_new_secret_is_shown_once_and_works_and_the_old_one_for_a_while(
    work: Work, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = []
    for old in ("stays", "stays", "ends"):
        response = work.client.post(f"{work.board}/settings/secret", data={"old": old})
        secrets.append(re.search(r'id="new-secret"[^>]*value="([^"]+)"', response.text)[1])
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"

    with work.database.read_session() as session:
        opened = [restaurant_by_secret(session, secret, now=work.now) is not None for secret in secrets]

    assert opened == [False, False, True]
    pages = work.client.get(f"{work.board}/settings").text + work.client.get(work.board).text + caplog.text
    assert [secret for secret in secrets if secret in pages] == []
