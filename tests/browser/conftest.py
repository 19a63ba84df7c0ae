"""What the tests that look at pages in a browser start from, beside what all do."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.pages import served
from tests.conftest import Clock
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


@pytest.fixture(scope="module")
def page_options() -> dict[str, Any]:
    """What else the browser of `page` is to be; a file of tests may say it."""
    return {}


@pytest.fixture(scope="module")
def window(browser: Browser, address: str, page_options: dict[str, Any]) -> Iterator[BrowserContext]:
    """A browser of its own for the pages of one file: to make a browser costs more than most looks at a page."""
    context = browser.new_context(base_url=address, **page_options)
    yield context
    context.close()


@pytest.fixture
def page(window: BrowserContext, clock: Clock) -> Iterator[Page]:
    """A new page of that browser, on a Friday evening: near midnight, times get longer words."""
    page = window.new_page()
    yield page
    page.close()
