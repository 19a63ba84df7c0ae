"""The sample shop running beside the site, and somebody who shops there in a real browser."""

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
    """One that is open."""

    address: str
    restaurant: Restaurant
    key: str
    """Of its application."""
    site: Site

    def email(self, name: str) -> str:
        """An address of somebody whom only this shop's story knows."""
        return f"{name}.{self.restaurant.id}@example.com"

    def enter(self, browser: Browser, name: str, email: str, *, confirmed: bool) -> "Shopper":
        """Somebody with a browser of their own signs up."""
        shopper = Shopper(browser.new_context(), self)
        shopper.sign_up(name, email, confirmed=confirmed)
        return shopper


@dataclass
class Shopper:
    """Somebody in the shop, with their browser."""

    context: BrowserContext
    shop: OpenShop
    ways: list[str] = field(default_factory=list)
    """Every one-time address that their browser was sent to."""
    referrers: list[str] = field(default_factory=list)
    """What their browser has said of where it came from."""
    page: Page = field(init=False)

    def __post_init__(self) -> None:
        self.page = self.context.new_page()
        self.context.on("request", self._note)

    def _note(self, request: Any) -> None:
        self.referrers.append(request.headers.get("referer", ""))
        if "/sign-in-ticket/" in request.url:
            self.ways.append(request.url)

    def sign_up(self, name: str, email: str, *, confirmed: bool) -> None:
        """Another account at the shop, in place of whichever they are signed in to."""
        self.context.clear_cookies(name="shop")
        self.page.goto(self.shop.address)
        self.page.get_by_label("name").fill(name)
        self.page.get_by_label("email").fill(email)
        self.page.get_by_role("button", name="Sign up").click()
        if confirmed:
            self.confirm()

    def confirm(self) -> None:
        """Confirm the address."""
        self.page.get_by_role("button", name="Confirm my address").click()

    def change_address(self, email: str) -> None:
        """Have another one, and confirm it."""
        self.page.get_by_label("email").fill(email)
        self.page.get_by_role("button", name="Change my address").click()
        self.confirm()

    def order(self) -> str:
        """Order a pizza; the order's id."""
        self.page.goto(self.shop.address)
        self.page.get_by_role("button", name="Order a pizza").click()
        newest = self.page.locator("li").last.get_attribute("id") or ""
        return newest.removeprefix("order-")

    def follow(self, order: str) -> None:
        """Press the order's button."""
        self.page.goto(self.shop.address)
        self.page.locator(f"#order-{order}").get_by_role("button", name="Follow my order").click()

    def press(self, path: str) -> Any:
        """What the shop answers to one of its buttons that no page shows."""
        response = self.context.request.post(f"{self.shop.address}{path}")
        assert response.ok, response.text()
        return response.json()

    def orders_seen(self) -> set[str]:
        """The orders that the site's list shows them."""
        self.page.goto(f"{self.shop.site.url}/orders")
        cards = self.page.locator("#orders li.card").all()
        return {(card.get_attribute("id") or "").removeprefix("order-") for card in cards}

    def is_shown(self, order: str) -> bool:
        """Whether the site shows them this order."""
        response = self.page.goto(f"{self.shop.site.url}/orders/{order}")
        return response is not None and response.status == 200 and "/sign-in" not in self.page.url


@contextmanager
def open_shop(site: Site, restaurant: Restaurant | None = None) -> Iterator[OpenShop]:
    """A shop of this restaurant's, or of a new one, until the end of the block."""
    port, now = free_port(), clock.now()
    address = f"http://127.0.0.1:{port}"
    with site.database.transaction() as session:
        restaurant = session.merge(restaurant or a_restaurant(name="Trattoria"))
        session.flush()
        kept, secret = issue_secret(restaurant, now=now)
        application = register_application("A shop", [address], now=now)
        session.add_all([kept, application])
    said = {"site": site.url, "restaurant": restaurant.id, "key": application.key, "secret": secret, "port": str(port)}
    words = [f"--{name}={value}" for name, value in said.items()]  # in one word, for a secret may begin with a hyphen
    program = subprocess.Popen([sys.executable, "-I", str(PROGRAM), *words])
    try:
        wait_for(lambda: _is_open(port), "the shop to open")
        yield OpenShop(address, restaurant, application.key, site)
    finally:
        program.terminate()
        program.wait()


def _is_open(port: int) -> bool:
    with socket.socket() as knock:
        return knock.connect_ex(("127.0.0.1", port)) == 0
