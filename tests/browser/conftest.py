"""Fixtures of the tests that open pages of the gallery in a browser."""

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
    """Serve a site with the gallery and yield its address."""
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
    """Return more options of the browser context of `page`. A file of tests may override this fixture."""
    return {}


@pytest.fixture(scope="module")
def window(browser: Browser, address: str, page_options: dict[str, Any]) -> Iterator[BrowserContext]:
    """Yield one browser context for all tests of a file, because creating one takes longer than most of the tests."""
    context = browser.new_context(base_url=address, **page_options)
    yield context
    context.close()


@pytest.fixture
def page(window: BrowserContext, clock: Clock) -> Iterator[Page]:
    """Yield a new page in that context. The clock fixture keeps it Friday evening: near midnight times are longer."""
    page = window.new_page()
    yield page
    page.close()
