"""What others see of an order is on the designer's table, too, in every state, and so is where it is shared."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.applications import Applications
from tests.page_text import not_drawn
from tracker.config import Environment, Settings
from tracker.database import Database
from tracker.samples.platform_orders import STATES
from tracker.web.dev.gallery_shared import PAGES, SHARING

OF_THE_CUSTOMER = ("Sample Street", "second bell", "oregano", "Visa", "2371", "too busy", "Luigi says")


@pytest.fixture
def app(applications: Applications, settings: Settings) -> Flask:
    """The application; the gallery's orders are in no database."""
    return applications.serving(settings, Database(settings.database))


@pytest.mark.parametrize("state", STATES)
def test_every_state_of_an_order_can_be_looked_at_as_others_see_it(client: FlaskClient, state: str) -> None:
    response = client.get(f"/gallery/shared/{state}")

    assert response.status_code == 200
    assert 'id="total"' in response.text
    assert [words for words in OF_THE_CUSTOMER if words in not_drawn(response.text)] == []
    assert f"/gallery/shared/{state}" in client.get("/gallery").text


@pytest.mark.parametrize("path", PAGES)
def test_every_page_about_sharing_can_be_looked_at(client: FlaskClient, path: str) -> None:
    assert client.get(f"/gallery{path}").status_code == 200
    assert f"/gallery{path}" in client.get("/gallery").text


def test_the_links_of_somebody_with_none_some_and_as_many_as_may_be_are_there(client: FlaskClient) -> None:
    counts = [client.get(f"/gallery/sharing/{state}").text.count("readonly") for state in SHARING]

    assert counts == [0, 5, 10, 2, 1, 2]


@pytest.mark.parametrize("path", ["/shared/placed", *PAGES, "/shared/on-the-moon"])
def test_customers_never_see_it(applications: Applications, settings: Settings, path: str) -> None:
    real = {"environment": Environment.PRODUCTION}
    app = applications.serving(settings.model_copy(update=real), Database(settings.database))

    assert app.test_client().get(f"/gallery{path}").status_code == 404
