"""A customer goes from a sample shop, which knows only the public documents, to their order and back, in Chromium."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.builders import a_restaurant
from tests.site import Site
from tests.stories.conftest import SharedSite
from tests.stories.shop.shopper import PROGRAM, OpenShop, Shopper, open_shop


@pytest.fixture(scope="module")
def site(shared_site: SharedSite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run the site with the most detailed log."""
    log = tmp_path_factory.mktemp("log") / "log"
    with shared_site(processes=("engine", "web"), log=log, log_level="DEBUG") as site:
        yield site


@pytest.fixture
def shop(site: Site) -> Iterator[OpenShop]:
    """Run the shop of a Bella Napoli that no other story uses."""
    with open_shop(site, a_restaurant()) as shop:
        yield shop


def test_the_customer_arrives_on_their_order_and_the_secret_is_left_nowhere(
    site: Site, shop: OpenShop, browser: Browser
) -> None:
    ada = shop.enter(browser, "Ada", shop.email("ada"), confirmed=True)
    order = ada.order()

    ada.follow(order)

    page = ada.page
    expect(page).to_have_url(f"{site.url}/orders/{order}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bella Napoli")
    (ticket_address,) = ada.ticket_addresses
    secret = ticket_address.rpartition("/")[2]
    assert len(secret) > 40
    assert page.evaluate("document.referrer") == ""
    texts = [page.content(), page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")]
    texts += [page.evaluate("navigation.entries().map((entry) => entry.url).join()")]
    history = ada.context.new_cdp_session(page).send("Page.getNavigationHistory")
    assert [entry["url"] for entry in history["entries"]][-2:] == [f"{shop.address}/", page.url]
    page.get_by_role("link", name="Your orders").click()
    expect(page.get_by_text("You came here from Bella Napoli’s shop")).to_be_visible()
    texts += [page.evaluate("document.referrer"), str(ada.context.cookies()), str(history)]
    page.go_back()
    expect(page).to_have_url(f"{site.url}/orders/{order}")
    page.go_back()
    expect(page).to_have_url(f"{shop.address}/")
    page.go_forward()
    expect(page).to_have_url(f"{site.url}/orders/{order}")
    page.evaluate("(address) => location.assign(address)", f"{shop.address}/next")
    page.wait_for_url("**/next")
    texts += [page.evaluate("document.referrer"), *ada.referrers]
    log = (site.log or Path()).read_text()
    assert "/sign-in-ticket/<secret>" in log
    assert f"{site.url}/" in ada.referrers
    assert [text for text in (*texts, log) if secret in text] == []
    assert ada.ticket_addresses == [ticket_address]


def test_a_used_address_opens_nothing_for_a_thief(site: Site, shop: OpenShop, browser: Browser) -> None:
    ada = shop.enter(browser, "Ada", shop.email("ada"), confirmed=True)
    order = ada.order()
    ada.follow(order)
    thief = browser.new_context().new_page()

    response = thief.goto(ada.ticket_addresses[0])

    assert response is not None
    assert response.status == 410
    expect(thief).to_have_url(f"{site.url}/sign-in-ticket")
    expect(thief.get_by_role("heading", name="Please start again from the shop")).to_be_visible()
    thief.goto(f"{site.url}/orders/{order}")
    expect(thief).to_have_url(f"{site.url}/sign-in?next=/orders/{order}")
    ada.follow(order)
    assert len(set(ada.ticket_addresses)) == 2
    assert ada.is_shown(order)


def test_the_orders_of_one_person_are_joined_by_a_confirmed_address(
    site: Site, shop: OpenShop, browser: Browser
) -> None:
    ada = shop.enter(browser, "Ada", shop.email("ada"), confirmed=False)
    orders = {ada.order()}
    ada.follow(*orders)
    assert ada.orders_seen() == orders
    ada.page.goto(shop.address)
    ada.confirm()
    orders.add(ada.order())
    ada.sign_up("Ada again", shop.email("ada"), confirmed=True)
    orders.add(newest := ada.order())

    ada.follow(newest)

    assert ada.orders_seen() == orders


def test_two_people_never_become_one(site: Site, shop: OpenShop, browser: Browser) -> None:
    ada = shop.enter(browser, "Ada", shop.email("ada"), confirmed=True)
    adas = ada.order()
    eve = shop.enter(browser, "Eve", shop.email("ada"), confirmed=False)
    eves = eve.order()
    bob = shop.enter(browser, "Bob", shop.email("bob"), confirmed=True)
    bobs = [bob.order()]
    bob.change_address(shop.email("ada"))
    bobs.append(bob.order())

    for shopper, order in ((ada, adas), (eve, eves), (bob, bobs[0])):
        shopper.follow(order)

    assert (ada.orders_seen(), eve.orders_seen(), bob.orders_seen()) == ({adas}, {eves}, set(bobs))
    assert not eve.is_shown(adas)
    assert not bob.is_shown(adas)
    expect(eve.page.get_by_text("There is nothing here")).to_be_visible()


def test_a_customer_who_is_signed_in_as_another_is_asked_before_the_account_changes(
    site: Site, shop: OpenShop, browser: Browser
) -> None:
    ada = shop.enter(browser, "Ada", shop.email("ada"), confirmed=True)
    adas = ada.order()
    ada.follow(adas)
    ada.sign_up("Bob", shop.email("bob"), confirmed=True)
    bobs = ada.order()

    ada.follow(bobs)

    expect(ada.page).to_have_url(f"{site.url}/sign-in-ticket")
    assert ada.orders_seen() == {adas}
    ada.follow(bobs)
    ada.page.get_by_role("button", name="See the order").click()
    expect(ada.page).to_have_url(f"{site.url}/orders/{bobs}")
    assert ada.orders_seen() == {bobs}


def test_a_shop_can_not_see_what_its_customer_has_at_another_restaurant(
    site: Site, shop: OpenShop, browser: Browser
) -> None:
    ada = shop.enter(browser, "Ada", shop.email("ada"), confirmed=True)
    hers = ada.order()
    with open_shop(site) as trattoria:
        impostor = trattoria.enter(browser, "The Trattoria itself", shop.email("ada"), confirmed=True)
        there = impostor.order()

        impostor.follow(there)

        assert impostor.orders_seen() == {there}
        assert not impostor.is_shown(hers)
        impostor.page.goto(f"{site.url}/orders")
        expect(impostor.page.get_by_text("You came here from Trattoria’s shop")).to_be_visible()


def test_the_shop_shows_the_widget_with_a_short_token_and_can_revoke_one_token_or_all(
    site: Site, shop: OpenShop, browser: Browser
) -> None:
    ada = shop.enter(browser, "Ada", shop.email("ada"), confirmed=True)
    order = ada.order()
    ada.page.goto(f"{shop.address}/order/{order}")
    shown = ada.page.locator("order-status").get_attribute("token") or ""
    first, second = (ada.press(f"/token/{order}") for _ in range(2))
    tokens = [shown, first["access_token"], second["access_token"]]

    before = [opens_status(ada, order, token) for token in tokens]
    one_revoked = ada.press(f"/take-back/{first['id']}")
    without_first = [opens_status(ada, order, token) for token in tokens]
    all_revoked = ada.press("/take-back")

    assert (one_revoked, all_revoked) == (None, {"access_tokens": 2, "sign_in_addresses": 0, "sessions": 0})
    assert (before, without_first) == ([True, True, True], [True, False, True])
    assert [opens_status(ada, order, token) for token in tokens] == [False, False, False]
    assert (first["origin"], first["order_id"]) == (shop.address, order)


def opens_status(shopper: Shopper, order: str, token: str) -> bool:
    """Return whether the widget can subscribe to the order's status channel with this token."""
    params = {"channel_name": f"private-s-{order}", "socket_id": "1.2", "key": shopper.shop.key, "access_token": token}
    response = shopper.context.request.get(f"{shopper.shop.site.url}/api/v1/pusher/auth", params=params)
    assert response.status in (200, 403)
    return response.ok


def test_the_shop_knows_nothing_of_the_site_but_its_public_documents() -> None:
    source = PROGRAM.read_text()
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else name.name).partition(".")[0]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }

    assert imported <= sys.stdlib_module_names
    assert "tracker" not in source
