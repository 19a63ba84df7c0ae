"""The gallery shows the shared page in every state, and the pages with share links."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.applications import Applications
from tests.page_text import not_drawn
from tracker.config import Environment, Settings
from tracker.database import Database
from tracker.samples.platform_orders import STATES
from tracker.web.dev.gallery_shared import PAGES, SHARING

PERSONAL_DATA = ("Sample Street", "second bell", "oregano", "Visa", "2371", "too busy", "Luigi says")


@pytest.fixture
def app(applications: Applications, settings: Settings) -> Flask:
    """The application with an empty database, because the gallery's orders are in none."""
    return applications.serving(settings, Database(settings.database))


@pytest.mark.parametrize("state", STATES)
def test_the_gallery_shows_the_shared_page_in_every_state_without_personal_data(
    client: FlaskClient, state: str
) -> None:
    response = client.get(f"/gallery/shared/{state}")

    assert response.status_code == 200
    assert 'id="total"' in response.text
    assert [words for words in PERSONAL_DATA if words in not_drawn(response.text)] == []
    assert f"/gallery/shared/{state}" in client.get("/gallery").text


@pytest.mark.parametrize("path", PAGES)
def test_the_gallery_shows_every_page_about_sharing(client: FlaskClient, path: str) -> None:
    assert client.get(f"/gallery{path}").status_code == 200
    assert f"/gallery{path}" in client.get("/gallery").text


def test_the_gallery_shows_no_links_some_links_and_the_largest_number_of_links(client: FlaskClient) -> None:
    counts = [client.get(f"/gallery/sharing/{state}").text.count("readonly") for state in SHARING]

    assert counts == [0, 5, 10, 2, 1, 2]


@pytest.mark.parametrize("path", ["/shared/placed", *PAGES, "/shared/on-the-moon"])
def test_the_gallery_does_not_exist_in_production(applications: Applications, settings: Settings, path: str) -> None:
    production = {"environment": Environment.PRODUCTION}
    app = applications.serving(settings.model_copy(update=production), Database(settings.database))

    assert app.test_client().get(f"/gallery{path}").status_code == 404
