"""What the tests that look at pages in a browser start from, beside what all do."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.pages import served
from tests.machine.ports import free_port
from tracker.application import create_app
from tracker.config import DEMO_SECRET, read_settings
from tracker.database import Database


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:
    """A site on which the gallery can be looked at."""
    port = free_port()
    settings = read_settings(
        environment="development",
        secret_key="a secret key for tests that is long enough",
        channels_secret=DEMO_SECRET,
        base_url=f"http://localhost:{port}",
        data_dir=tmp_path_factory.mktemp("gallery"),
    )
    with served(create_app(settings, Database(settings.database)), port):
        yield settings.base_url
