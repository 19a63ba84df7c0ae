"""A customer shares their order by one tap, and a friend follows it until the link is revoked, on a whole site of real
processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.site import Site, running_site
from tests.stories.two_browsers import Table, a_table, wait_until_live

DEAD = "This link doesn’t show an order (any more)"
PATIENCE = 15_000
SHEET = "() => { navigator.share = async (what) => { window.handed = what.url; } }"


@pytest.fixture
def site(sqlite_url: str, tmp_path: Path) -> Iterator[Site]:
    with running_site(sqlite_url, tmp_path) as site:
        yield site


def confirm(table: Table) -> None:
    """Confirm the order on the restaurant's board."""
    table.board.get_by_role("button", name="Confirm for in 20 min").first.click()


def check_link_is_dead(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(DEAD, timeout=PATIENCE)
    expect(page.get_by_text("Margherita")).to_have_count(0)


def test_a_friend_follows_a_shared_order_until_the_link_is_revoked(site: Site, browser: Browser) -> None:
    table = a_table(site, browser)
    owner, friend = table.customer, browser.new_context().new_page()
    owner.evaluate(SHEET)
    owner.get_by_role("button", name="Share this order").click()
    owner.wait_for_function("() => window.handed")
    address = owner.evaluate("window.handed")
    friend.clock.install()
    friend.goto(address)
    wait_until_live(friend)

    confirm(table)

    expect(friend.get_by_role("heading", level=1)).to_have_text("Bella Napoli is making the order", timeout=PATIENCE)
    assert friend.evaluate("() => window.mark") == "here"  # it was never reloaded
    owner.get_by_role("link", name="Your links").click()
    owner.get_by_role("button", name="Stop").click()
    expect(owner.get_by_text("Nobody can follow this order but you.")).to_be_visible()
    friend.clock.run_for(31_000)
    check_link_is_dead(friend)
    unknown_link = friend.request.get(address[:-4] + "AAAA")
    assert friend.request.get(address).body() == unknown_link.body()
    friend.context.close()
    table.close()


def test_without_scripts_sharing_following_and_stopping_work_as_well(site: Site, browser: Browser) -> None:
    table = a_table(site, browser, has_scripts=False)
    owner, friend = table.customer, browser.new_context(java_script_enabled=False).new_page()

    owner.get_by_role("button", name="Share this order").click()
    friend.goto(owner.get_by_role("textbox", name="For everybody you send it to").input_value())
    expect(friend.get_by_role("heading", level=1)).to_have_text("Waiting for Bella Napoli to confirm the order")
    confirm(table)
    friend.get_by_role("link", name="Refresh now").click()
    expect(friend.get_by_role("heading", level=1)).to_have_text("Bella Napoli is making the order")
    owner.get_by_role("button", name="Stop").click()
    friend.reload()

    check_link_is_dead(friend)
    friend.context.close()
    table.close()
