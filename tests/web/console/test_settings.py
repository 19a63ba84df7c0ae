"""The console's settings: changes are stored, and impossible ones are refused with a sentence."""

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
    """A restaurant whose owner is signed in to the console."""
    return at_work(client, database, clock)


def stored_restaurant(work: Work) -> Restaurant:
    """Return the restaurant as it is stored."""
    with work.database.read_session() as session:
        return session.get_one(Restaurant, work.restaurant.id)


def staff(work: Work) -> dict[str | None, str]:
    """Return the role of each staff member, by their e-mail address."""
    with work.database.read_session() as session:
        return {person.email: member.role.value for member, person in staff_of_restaurant(session, work.restaurant.id)}


def id_of(work: Work, email: str) -> str:
    """Return the id of the staff member with this e-mail address."""
    with work.database.read_session() as session:
        everyone = staff_of_restaurant(session, work.restaurant.id)
        return next(person.id for _, person in everyone if person.email == email)


def test_the_settings_for_adjustments_are_stored_and_shown(work: Work) -> None:
    response = work.client.post(f"{work.board}/settings", data=ANSWERS)

    restaurant = stored_restaurant(work)
    assert response.status_code == 303
    assert (restaurant.answer_minutes, restaurant.window_minutes) == (15, 20)
    assert (restaurant.if_unanswered, restaurant.reject_reasons) == (IfUnanswered.GO_AHEAD, ["Full", "Closed"])
    assert "Full\nClosed</textarea>" in work.client.get(f"{work.board}/settings").text


@pytest.mark.parametrize("wrong", [{"answer_minutes": "none"}, {"answer_minutes": "999"}, {"window_minutes": "-1"}])
def test_impossible_settings_are_refused_with_a_sentence_and_change_nothing(work: Work, wrong: dict[str, str]) -> None:
    response = work.client.post(f"{work.board}/settings", data=ANSWERS | wrong)

    assert response.status_code == 422
    assert "That was not done." in words_of(response.text)
    assert stored_restaurant(work).answer_minutes == 10


def test_the_staff_can_press_the_restaurants_own_statuses(work: Work) -> None:
    names = {"name": ["In the oven", "Boxed", "", "Gone"], "step": ["confirmed", "ready", "ready", "handed_over"]}

    response = work.client.post(f"{work.board}/settings/statuses/collection", data=names)
    order_id = work.place_order(fulfilment="collection")
    work.press(order_id, "confirm", minutes="20")

    assert response.status_code == 303
    assert [own["name"] for own in stored_restaurant(work).statuses["collection"]] == ["In the oven", "Boxed", "Gone"]
    assert "Boxed" in section(work.client.get(work.address(order_id)).text, "acts")


def test_impossible_statuses_are_refused_and_an_empty_list_restores_the_default_ones(work: Work) -> None:
    wrong = work.client.post(f"{work.board}/settings/statuses/table", data={"name": ["Done"], "step": ["ready"]})
    none = work.client.post(f"{work.board}/settings/statuses/table", data={"name": [""], "step": ["ready"]})
    unknown = work.client.post(f"{work.board}/settings/statuses/drone", data={"name": [""], "step": ["ready"]})

    assert [response.status_code for response in (wrong, none, unknown)] == [422, 303, 400]
    assert "means that the food has been handed over" in words_of(wrong.text)
    assert 'value="Ready to serve"' in work.client.get(f"{work.board}/settings").text


def test_staff_members_are_added_made_owners_and_removed(work: Work) -> None:
    work.client.post(f"{work.board}/settings/staff", data={"email": " New@Example.com ", "role": "staff"})
    work.client.post(f"{work.board}/settings/staff/{id_of(work, COOK)}", data={"role": "owner"})
    work.client.post(f"{work.board}/settings/staff/{id_of(work, 'new@example.com')}", data={"role": "none"})

    assert staff(work) == {OWNER: "owner", COOK: "owner"}
    assert COOK in section(work.client.get(f"{work.board}/settings").text, "staff")


@pytest.mark.parametrize("role", ["none", "staff"])
def test_the_last_owner_can_not_be_removed_or_demoted(work: Work, role: str) -> None:
    response = work.client.post(f"{work.board}/settings/staff/{id_of(work, OWNER)}", data={"role": role})

    assert response.status_code == 422
    assert "last owner" in words_of(response.text)
    assert staff(work)[OWNER] == "owner"


def test_an_owner_who_gives_up_the_role_is_sent_to_the_board(work: Work) -> None:
    work.client.post(f"{work.board}/settings/staff/{id_of(work, COOK)}", data={"role": "owner"})

    response = work.client.post(f"{work.board}/settings/staff/{id_of(work, OWNER)}", data={"role": "staff"})

    assert (response.status_code, response.location) == (303, "/console")


@pytest.mark.parametrize(
    ("email", "role", "code"), [("nonsense", "staff", 422), (COOK, "owner", 422), (COOK, "king", 400)]
)
def test_a_staff_member_who_can_not_be_added_is_refused(work: Work, email: str, role: str, code: int) -> None:
    response = work.client.post(f"{work.board}/settings/staff", data={"email": email, "role": role})

    assert response.status_code == code
    assert staff(work) == {OWNER: "owner", COOK: "staff"}


def test_a_new_secret_is_shown_once_and_the_old_one_stays_valid_for_a_while(
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
        are_valid = [restaurant_by_secret(session, secret, now=work.now) is not None for secret in secrets]

    assert are_valid == [False, False, True]
    pages = work.client.get(f"{work.board}/settings").text + work.client.get(work.board).text + caplog.text
    assert [secret for secret in secrets if secret in pages] == []
