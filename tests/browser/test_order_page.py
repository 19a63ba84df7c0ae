"""The order page in a real browser: when it refetches, what it shows meanwhile, and what updates keep."""

import re
from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.pages import OpenOrder, open_order
from tracker import clock
from tracker.config import Settings
from tracker.orders.operations.by_platform import rate_order, refund_order, reject_order
from tracker.web.order.formatting import soon

SECOND, MINUTE = 1000, 60_000


@pytest.fixture
def it(browser: Browser, settings: Settings, sqlite_url: str) -> Iterator[OpenOrder]:
    """Open the live page of a confirmed order for its customer."""
    with open_order(browser, settings, sqlite_url) as opened:
        yield opened


# --- connected -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["order_confirmation", "order_adjustment", "order_tracker", "order_changed"])
def test_the_page_shows_the_newest_state_after_every_kind_of_message(it: OpenOrder, name: str) -> None:
    it.act(rate_order, 4)

    it.engine.send_event(name, nonsense="the page reads nothing of this")

    expect(it.page.get_by_text("4 of 5 stars").first).to_be_visible()


def test_a_message_about_a_version_already_shown_causes_no_refetch(it: OpenOrder) -> None:
    version = it.act(rate_order, 4)
    it.engine.send_event("order_changed", version=version)
    expect(it.page.get_by_text("4 of 5 stars").first).to_be_visible()
    refetches = it.count_refetches()

    it.engine.send_event("order_changed", version=version)
    it.engine.send_event("order_changed", version=version - 1)
    version = it.act(rate_order, 5)
    it.engine.send_event("order_changed", version=version)

    expect(it.page.get_by_text("5 of 5 stars").first).to_be_visible()
    assert it.count_refetches() == refetches + 1


def test_many_messages_at_once_cause_few_refetches_and_end_with_the_newest_state(it: OpenOrder) -> None:
    refetches = it.count_refetches()

    for stars in (1, 2, 3, 4, 5):
        it.act(rate_order, stars)
        it.engine.send_event("order_changed")

    expect(it.page.locator("#state")).to_contain_text("5 of 5 stars")
    assert it.count_refetches() <= refetches + 5


def test_a_live_page_refetches_by_itself_only_once_in_two_minutes(it: OpenOrder) -> None:
    refetches = it.count_refetches()

    it.page.clock.run_for(50 * SECOND)
    assert it.count_refetches() == refetches
    with it.page.expect_response("**/live"):
        it.page.clock.run_for(71 * SECOND)


# --- not connected ---------------------------------------------------------------------------------------------------


def test_without_the_engine_the_page_says_so_and_refetches_every_ten_seconds(it: OpenOrder) -> None:
    it.engine.break_down()
    it.expect_connection("^Reconnecting… last update \\d\\d:\\d\\d$")

    for stars in (2, 3, 4):
        it.act(rate_order, stars)
        it.page.clock.run_for(11 * SECOND)

        expect(it.page.locator("#state")).to_contain_text(f"{stars} of 5 stars")
    it.expect_connection("^Reconnecting")


def test_the_page_reconnects_within_five_seconds_of_the_engine_being_back(it: OpenOrder) -> None:
    it.engine.break_down()
    it.expect_connection("^Reconnecting")
    it.stop_time()
    it.pass_time(30, step=0.1)
    it.act(rate_order, 3)

    it.engine.is_up = True
    seconds = it.seconds_until_it_connects()

    assert seconds < 4.5
    it.page.clock.resume()
    it.expect_connection("^Live$")
    expect(it.page.get_by_text("3 of 5 stars").first).to_be_visible()


def test_the_page_does_not_wait_for_an_engine_that_never_answers_a_subscription(
    browser: Browser, settings: Settings, sqlite_url: str
) -> None:
    with open_order(browser, settings, sqlite_url, go=False) as it:
        it.engine.reply = ""
        it.page.clock.install()
        it.page.goto(it.address)
        it.expect_connection("^Connecting…$")
        it.act(rate_order, 1)

        it.page.clock.run_for(6 * SECOND)

        expect(it.page.get_by_text("1 of 5 stars").first).to_be_visible()
        it.expect_connection("^Reconnecting")


@pytest.mark.parametrize("refusal", ["pusher:error", "pusher:subscription_error"])
def test_a_refused_subscription_is_tried_again_after_growing_pauses(
    browser: Browser, settings: Settings, sqlite_url: str, refusal: str
) -> None:
    with open_order(browser, settings, sqlite_url, go=False) as it:
        it.engine.reply = refusal
        it.page.clock.install()
        it.page.goto(it.address)
        it.expect_connection("^Reconnecting")

        tries = []
        for _ in range(3):
            before = len(it.engine.subscriptions)
            it.pass_time(60)
            tries.append(len(it.engine.subscriptions) - before)
        it.engine.reply = "pusher_internal:subscription_succeeded"
        it.pass_time(61)

        it.expect_connection("^Live$")
        assert 3 <= tries[0] <= 7
        assert tries[2] < tries[0]


def test_a_page_that_is_open_for_long_stays_subscribed_with_a_new_token(it: OpenOrder) -> None:
    it.pass_time(600, step=5)
    it.engine.break_down()
    it.expect_connection("^Reconnecting")
    it.engine.is_up = True

    it.expect_connection("^Live$")
    assert any(path.endswith("/token") for path in it.requests)
    assert len(set(it.tokens)) == 2


def test_a_device_that_slept_refetches_at_once_and_reconnects(it: OpenOrder) -> None:
    it.act(rate_order, 5)
    subscriptions = len(it.engine.subscriptions)

    it.page.clock.fast_forward(8 * MINUTE)

    expect(it.page.get_by_text("5 of 5 stars").first).to_be_visible()
    it.expect_connection("^Live$")
    assert len(it.engine.subscriptions) > subscriptions


def test_a_page_without_a_network_says_how_old_its_content_is(it: OpenOrder) -> None:
    it.page.context.set_offline(True)

    it.expect_connection("^Offline – showing what we knew at \\d\\d:\\d\\d$")
    it.act(rate_order, 4)
    it.page.context.set_offline(False)

    it.expect_connection("^Live$")
    expect(it.page.get_by_text("4 of 5 stars").first).to_be_visible()


def test_a_page_whose_customer_has_signed_out_says_so_and_stops_refetching(it: OpenOrder) -> None:
    it.end_sessions()

    it.engine.send_event("order_changed")

    it.expect_connection("^You are signed out")
    it.page.clock.run_for(SECOND)
    expect(it.page.locator("#said")).to_have_text("You are signed out. This page no longer updates itself.")
    expect(it.page.get_by_role("link", name="Sign in")).to_have_attribute(
        "href", f"/sign-in?next=/orders/{it.order_id}"
    )
    expect(it.page.locator("h1")).to_have_text("Bella Napoli is making your order")
    refetches = len(it.requests)
    it.page.clock.run_for(5 * MINUTE)
    assert len(it.requests) == refetches


# --- pausing -------------------------------------------------------------------------------------------------------


def test_a_slow_reader_can_pause_the_page_and_sees_how_many_updates_wait(it: OpenOrder) -> None:
    it.page.get_by_role("button", name="Pause updates").click()
    it.expect_connection("^Paused")
    for stars in (2, 4):
        it.engine.send_event("order_changed", version=it.act(rate_order, stars))
    resume = it.page.get_by_role("button", name="Resume (2 waiting)")
    expect(resume).to_be_visible()
    it.page.clock.run_for(5 * MINUTE)
    expect(it.page.get_by_text("4 of 5 stars")).to_have_count(0)

    resume.click()

    it.expect_connection("^Live$")
    expect(it.page.get_by_text("4 of 5 stars").first).to_be_visible()


def test_a_pause_is_remembered(it: OpenOrder) -> None:
    it.page.get_by_role("button", name="Pause updates").click()

    it.page.reload()

    it.expect_connection("^Paused")


# --- what changes, and what doesn't ----------------------------------------------------------------------------------


def test_a_screen_reader_reads_news_once_and_politely_and_nothing_at_first(it: OpenOrder) -> None:
    announced = it.page.locator("#said")
    expect(announced).to_have_text("")

    it.act(rate_order, 3)
    it.engine.send_event("order_changed")
    it.act(refund_order, 650, ref="r1")
    it.engine.send_event("order_changed")

    expect(announced).to_contain_text("€6.50 was refunded.")
    expect(it.page.locator("#said-at-once")).to_have_text("")


def test_a_screen_reader_reads_both_of_two_changes_at_once(it: OpenOrder) -> None:
    it.page.clock.pause_at(it.page.evaluate("Date.now()") + SECOND)

    it.engine.send_event("order_changed", version=it.act(rate_order, 3))
    expect(it.page.locator("#state")).to_contain_text("3 of 5 stars")
    it.engine.send_event("order_changed", version=it.act(refund_order, 650, ref="r1"))
    expect(it.page.locator("#history")).to_contain_text("€6.50 was refunded")
    it.page.clock.run_for(SECOND)

    expect(it.page.locator("#said")).to_contain_text("3 of 5")
    expect(it.page.locator("#said")).to_contain_text("€6.50 was refunded.")


def test_a_screen_reader_reads_a_long_loss_of_connection_once_and_a_short_one_not_at_all(it: OpenOrder) -> None:
    spoken = it.count_spoken()
    it.page.context.set_offline(True)
    it.expect_connection("^Offline")
    it.page.clock.run_for(5 * SECOND)
    it.page.context.set_offline(False)
    it.page.clock.run_for(5 * SECOND)
    it.expect_connection("^Live$")
    it.page.clock.run_for(11 * SECOND)
    assert spoken() == 0

    it.page.context.set_offline(True)
    it.expect_connection("^Offline")
    it.page.clock.run_for(2 * MINUTE)

    expect(it.page.locator("#said")).to_have_text(re.compile("^Offline – showing what we knew at"))
    assert spoken() == 1
    it.page.context.set_offline(False)
    it.page.clock.run_for(6 * SECOND)
    expect(it.page.locator("#said")).to_have_text("Live")


def test_a_screen_reader_reads_a_rejection_at_once(it: OpenOrder) -> None:
    it.act(reject_order, reason="The oven is broken", at=None)
    it.engine.send_event("order_confirmation")

    expect(it.page.locator("#said-at-once")).to_contain_text("had to call your order off. The oven is broken.")
    expect(it.page.locator("#said")).to_have_text("")
    expect(it.page).to_have_title("Bella Napoli had to call your order off")


def test_an_update_keeps_the_focus_and_what_was_opened_or_closed(it: OpenOrder) -> None:
    it.page.locator("#history summary").click()
    it.page.get_by_role("link", name="Call Bella Napoli").focus()

    it.act(rate_order, 3)
    it.engine.send_event("order_changed")

    expect(it.page.locator("#state")).to_contain_text("3 of 5 stars")
    expect(it.page.get_by_role("link", name="Call Bella Napoli")).to_be_focused()
    expect(it.page.locator("#history ol")).to_be_hidden()
    expect(it.page.locator("#live")).to_have_attribute("class", "order")


def test_the_page_counts_down_in_the_same_words_as_the_server(it: OpenOrder) -> None:
    minutes = [-3000, -1500, -200, -61, -12, -11, -10, -9, -1, 0, 1, 2, 19, 20, 21, 23, 58, 61, 89, 90, 150, 1439, 1500]
    now = clock.now().timestamp() * 1000
    it.page.evaluate(
        """([now, minutes]) => minutes.forEach((minute) => {
            const place = document.createElement("i");
            const from = now + minute * 60000 + 30000;
            place.dataset.soonFrom = new Date(from).toISOString();
            place.dataset.soonTo = new Date(from + 600000).toISOString();
            document.body.append(place);
        })""",
        [now, minutes],
    )

    it.page.clock.run_for(6 * SECOND)
    shown = it.page.locator("i[data-soon-from]").all_inner_texts()

    assert shown == [in_words(minute) for minute in minutes]


@pytest.mark.parametrize("hours", [-5, 3])
def test_a_device_whose_clock_is_wrong_shows_the_right_times(
    browser: Browser, settings: Settings, sqlite_url: str, hours: int
) -> None:
    with open_order(browser, settings, sqlite_url, wrong_by=timedelta(hours=hours)) as it:
        it.page.clock.run_for(6 * SECOND)
        expect(it.page.locator(".soon")).to_have_text(re.compile("^in about (25|30|35) minutes$"))

        it.page.context.set_offline(True)

        it.expect_connection("^Offline")
        restaurants_time = clock.now().astimezone(ZoneInfo("Europe/Dublin"))
        minutes = [f"{restaurants_time - timedelta(minutes=ago):%H:%M}" for ago in (0, 1)]
        assert it.page.locator("#connection-words").inner_text()[-5:] in minutes


def test_a_clock_that_is_put_back_does_not_stop_the_page(it: OpenOrder) -> None:
    it.act(rate_order, 2)

    it.page.clock.set_system_time(clock.now() - timedelta(hours=2))
    it.page.clock.run_for(2 * SECOND)

    expect(it.page.get_by_text("2 of 5 stars").first).to_be_visible()


def in_words(minute: int) -> str:
    """Return the server's words, six seconds later, for a time window that starts in so many minutes and a half."""
    now = clock.now()
    start = now + timedelta(minutes=minute, seconds=24)
    return soon(start, start + timedelta(minutes=10), now)
