"""Signing in with a real browser: by keyboard, by the link in an e-mail, and without JavaScript."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import select
from werkzeug.serving import make_server

from tests.builders import a_customer
from tests.machine.chromium import chromium_path
from tests.machine.ports import free_port
from tracker.accounts.model import Mail
from tracker.application import create_app
from tracker.config import Settings
from tracker.database import Database


@contextmanager
def served(app: Callable[..., object], port: int) -> Iterator[None]:
    """Serve the application on this port of this machine."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Site:
    """The running site, and the e-mails that it has queued."""

    address: str
    database: Database

    def email(self) -> str:
        """Return the text of the only queued e-mail."""
        with self.database.read_session() as session:
            return session.scalars(select(Mail).where(Mail.text != "")).one().text

    @property
    def code(self) -> str:
        """Return the code in the e-mail."""
        return re.findall(r"\b\d{6}\b", self.email())[0]

    @property
    def link(self) -> str:
        """Return the link in the e-mail."""
        return re.findall(r"http://\S+/sign-in/link/\S+", self.email())[0]


@pytest.fixture
def site(settings: Settings, sqlite_url: str) -> Iterator[Site]:
    """Serve the site with one customer, Ada."""
    port, database = free_port(), Database(sqlite_url)
    address = f"http://localhost:{port}"
    with database.transaction() as session:
        session.add(a_customer(email="ada@example.com"))
    with served(create_app(settings.model_copy(update={"base_url": address}), database), port):
        yield Site(address, database)
    database.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run Chromium with its default timeouts."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """Yield a page in a new browser, and check that nothing has violated the site's policy."""
    complaints: list[str] = []
    with ExitStack() as stack:
        context = browser.new_context(java_script_enabled=request.param)
        stack.callback(context.close)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        yield page
    assert [text for text in complaints if "Content Security Policy" in text] == []


def test_signing_in_with_the_keyboard_alone(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/sign-in")
    page.get_by_label("Your e-mail address").focus()
    page.keyboard.type("Ada@example.com")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Enter your code")).to_be_visible()

    page.get_by_label("The code").focus()
    page.keyboard.type(site.code)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_label("Keep me signed in")).to_be_checked()
    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{site.address}/orders")
    (cookie,) = page.context.cookies()
    assert cookie["expires"] > 0
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")


def test_a_link_opened_in_a_webmail_signs_in_after_one_click_and_leaves_no_secret_in_the_history(
    page: Page, site: Site
) -> None:
    page.goto(f"{site.address}/sign-in")
    page.get_by_label("Your e-mail address").fill("ada@example.com")
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_role("heading", name="Enter your code")).to_be_visible()
    port = free_port()

    with served(another_site(f'<a href="{site.link}">Sign in</a>'), port):
        page.goto(f"http://127.0.0.1:{port}/")
        page.get_by_role("link", name="Sign in").click()
        expect(page.get_by_role("heading", name="Sign in as a•••@example.com?")).to_be_visible()
        assert page.url == f"{site.address}/sign-in/link"
        page.get_by_role("button", name="Sign in").click()

    expect(page).to_have_url(f"{site.address}/orders")


def test_a_form_on_another_site_is_refused(page: Page, site: Site) -> None:
    form = f'<form method="post" action="{site.address}/sign-in"><input name="email" value="ada@example.com"><button>'
    port = free_port()

    with served(another_site(form), port):
        page.goto(f"http://127.0.0.1:{port}/")
        with page.expect_response(f"{site.address}/sign-in") as answer:
            page.get_by_role("button").click()

    assert answer.value.status == 403
    with site.database.read_session() as session:
        assert session.scalars(select(Mail)).all() == []


def another_site(html: str) -> Flask:
    """Return the application of another site with one page."""
    app = Flask("somebody else")
    app.add_url_rule("/", "page", lambda: f"<!doctype html><title>Theirs</title>{html}")
    return app


def test_signing_out_and_going_back_shows_nothing_any_more(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/sign-in")
    page.get_by_label("Your e-mail address").fill("ada@example.com")
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("The code").fill(site.code)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{site.address}/orders")

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    page.goto(f"{site.address}/orders")

    expect(page).to_have_url(re.compile("/sign-in"))
    assert page.context.cookies() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_everybody_can_use_every_page_of_signing_in(browser: Browser, site: Site, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 700}, color_scheme=scheme)
    page = context.new_page()

    def look(heading: str) -> None:
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.goto(f"{site.address}/sign-in")
    look("Sign in")
    page.get_by_label("Your e-mail address").fill("ada@example")
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_role("alert")).to_contain_text("name@example.com")
    look("Sign in")
    page.get_by_label("Your e-mail address").fill("ada@example.com")
    page.get_by_role("button", name="Send me a code").click()
    look("Enter your code")
    page.get_by_label("The code").fill("1")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("six digits")
    look("Enter your code")
    page.goto(f"{site.address}/dev/mail")
    look("E-mails")
    page.get_by_role("link", name="Sign in to see your orders").click()
    look("Sign in to see your orders")
    page.goto(site.link)
    look("Sign in as a•••@example.com?")
    page.goto(f"{site.address}/sign-in/link/made-up")
    look("This link can't be used any more")
    context.close()
