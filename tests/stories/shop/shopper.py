"""The sample shop, which runs beside the site, and a customer who uses it in a real browser."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.builders import a_restaurant
from tests.machine.ports import free_port
from tests.site import Site, wait_for
from tracker import clock
from tracker.accounts.model import Restaurant
from tracker.accounts.registration import issue_secret, register_application

PROGRAM = Path(__file__).parent / "shop.py"


@dataclass
class OpenShop:
    """A running shop."""

    address: str
    restaurant: Restaurant
    key: str
    """The key of the shop's application."""
    site: Site

    def email(self, name: str) -> str:
        """Return an e-mail address that no other shop of these tests uses."""
        return f"{name}.{self.restaurant.id}@example.com"

    def enter(self, browser: Browser, name: str, email: str, *, confirmed: bool) -> "Shopper":
        """Sign a new customer up in a new browser, and return them."""
        shopper = Shopper(browser.new_context(), self)
        shopper.sign_up(name, email, confirmed=confirmed)
        return shopper


@dataclass
class Shopper:
    """A customer of the shop, with their browser."""

    context: BrowserContext
    shop: OpenShop
    ticket_addresses: list[str] = field(default_factory=list)
    """Every sign-in ticket's address that the browser has requested."""
    referrers: list[str] = field(default_factory=list)
    """The Referer header of every request of the browser."""
    page: Page = field(init=False)

    def __post_init__(self) -> None:
        self.page = self.context.new_page()
        self.context.on("request", self._note)

    def _note(self, request: Any) -> None:
        self.referrers.append(request.headers.get("referer", ""))
        if "/sign-in-ticket/" in request.url:
            self.ticket_addresses.append(request.url)

    def sign_up(self, name: str, email: str, *, confirmed: bool) -> None:
        """Create another account at the shop and sign in to it instead of the present one."""
        self.context.clear_cookies(name="shop")
        self.page.goto(self.shop.address)
        self.page.get_by_label("name").fill(name)
        self.page.get_by_label("email").fill(email)
        self.page.get_by_role("button", name="Sign up").click()
        if confirmed:
            self.confirm()

    def confirm(self) -> None:
        """Confirm the customer's e-mail address at the shop."""
        self.page.get_by_role("button", name="Confirm my address").click()

    def change_address(self, email: str) -> None:
        """Change the e-mail address at the shop, and confirm the new one."""
        self.page.get_by_label("email").fill(email)
        self.page.get_by_role("button", name="Change my address").click()
        self.confirm()

    def order(self) -> str:
        """Order a pizza and return the order's id."""
        self.page.goto(self.shop.address)
        self.page.get_by_role("button", name="Order a pizza").click()
        newest = self.page.locator("li").last.get_attribute("id") or ""
        return newest.removeprefix("order-")

    def follow(self, order: str) -> None:
        """Press the button that leads from the shop to the order at the site."""
        self.page.goto(self.shop.address)
        self.page.locator(f"#order-{order}").get_by_role("button", name="Follow my order").click()

    def press(self, path: str) -> Any:
        """Send a POST request to the shop, for which no page has a button, and return its response."""
        response = self.context.request.post(f"{self.shop.address}{path}")
        assert response.ok, response.text()
        return response.json()

    def orders_seen(self) -> set[str]:
        """Return the ids of the orders in the customer's list at the site."""
        self.page.goto(f"{self.shop.site.url}/orders")
        cards = self.page.locator("#orders li.card").all()
        return {(card.get_attribute("id") or "").removeprefix("order-") for card in cards}

    def is_shown(self, order: str) -> bool:
        """Return whether the site shows this order to the customer."""
        response = self.page.goto(f"{self.shop.site.url}/orders/{order}")
        return response is not None and response.status == 200 and "/sign-in" not in self.page.url


@contextmanager
def open_shop(site: Site, restaurant: Restaurant | None = None) -> Iterator[OpenShop]:
    """Run a shop of this restaurant, or of a new one if it is None, until the end of the block."""
    port, now = free_port(), clock.now()
    address = f"http://127.0.0.1:{port}"
    with site.database.transaction() as session:
        restaurant = session.merge(restaurant or a_restaurant(name="Trattoria"))
        session.flush()
        stored_secret, secret = issue_secret(restaurant, now=now)
        application = register_application("A shop", [address], now=now)
        session.add_all([stored_secret, application])
    options = {
        "site": site.url,
        "restaurant": restaurant.id,
        "key": application.key,
        "secret": secret,
        "port": str(port),
    }
    words = [f"--{name}={value}" for name, value in options.items()]  # "--name=value", as a secret may begin with "-"
    program = subprocess.Popen([sys.executable, "-I", str(PROGRAM), *words])
    try:
        wait_for(lambda: _is_open(port), "the shop to open")
        yield OpenShop(address, restaurant, application.key, site)
    finally:
        program.terminate()
        program.wait()


def _is_open(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0
