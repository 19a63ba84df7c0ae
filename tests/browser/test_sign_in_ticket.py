"""The pages for customers who come from a shop by a sign-in ticket: axe, keyboard only, and without JavaScript."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import complaints_by_day_and_night
from tests.browser.pages import served
from tests.machine.ports import free_port
from tests.web.api.program import Program, a_program
from tracker import clock
from tracker.application import create_app
from tracker.config import Settings
from tracker.database import Database

LINE = {"id": "1", "name": "Soup", "quantity": 1, "unit_price": 5}
WIDTHS = (360, 1280)


@pytest.fixture
def program(settings: Settings, sqlite_url: str) -> Iterator[Program]:
    """Serve the site and yield the shop's program that calls its API."""
    port, database = free_port(), Database(sqlite_url)
    app = create_app(settings.model_copy(update={"base_url": f"http://localhost:{port}"}), database)
    with served(app, port):
        yield a_program(app.test_client(), database, clock.now())
    database.close()


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=request.param)
    yield context.new_page()
    context.close()


def sign_in_address(program: Program, name: str) -> str:
    """Return a sign-in ticket's address for the order of a new customer with this name."""
    customer = {"id": name, "email": f"{name}@example.com", "email_verified": True}
    body = {"customer": customer, "lines": [LINE], "fulfilment": "collection"}
    order = program.call("POST", "/orders", body, headers={"Idempotency-Key": name}).json["id"]
    return str(program.ask("POST", "/sign_in_addresses", {"key": program.key, "order_id": order}).json["address"])


def test_a_customer_from_a_shop_can_use_all_pages_by_the_keyboard_alone(page: Page, program: Program) -> None:
    page.goto(sign_in_address(program, "ada"))
    page.get_by_role("link", name="Your orders").press("Enter")
    expect(page.get_by_text("You came here from Bella Napoli’s shop")).to_be_visible()
    page.goto(sign_in_address(program, "bob"))
    expect(page.get_by_role("heading", name="See an order at Bella Napoli?")).to_be_visible()

    page.get_by_role("button", name="See the order").press("Enter")

    expect(page).to_have_url(re.compile(r"/orders/[0-9a-f]{24}$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bella Napoli")
    page.get_by_role("link", name="Your orders").press("Enter")
    page.get_by_role("link", name="Sign in by e-mail").press("Enter")
    expect(page.get_by_label("Your e-mail address")).to_be_visible()


def test_axe_finds_nothing_wrong_with_the_pages_for_a_customer_from_a_shop(browser: Browser, program: Program) -> None:
    page = browser.new_context().new_page()
    ticket_address = sign_in_address(program, "ada")
    page.goto(ticket_address)
    found = []

    for address, heading in (
        (f"{ticket_address.partition('/sign-in-ticket')[0]}/orders", "Your orders"),
        (sign_in_address(program, "bob"), "See an order at Bella Napoli?"),
        (ticket_address, "Please start again from the shop"),
    ):
        page.goto(address)
        expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
        found += complaints_by_day_and_night(page, widths=WIDTHS)

    assert found == []
    page.context.close()
