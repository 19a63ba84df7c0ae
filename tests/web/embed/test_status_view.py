"""The view of an order in a widget in each state: a headline, a time, and the steps."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from flask import Flask

from tracker.database import Database
from tracker.samples.platform_orders import STATES
from tracker.translation import LANGUAGES
from tracker.web.embed.status_view import StatusView, render_status
from tracker.web.embed.steps import MAX_ROWS
from tracker.web.embed.theme import Layout
from tracker.web.embed.translation import translator_for


@pytest.fixture
def database(sqlite_url: str) -> Database:
    """A database of SQLite only, because the view reads none."""
    return Database(sqlite_url)


@pytest.fixture(autouse=True)
def _within_a_request(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def view(state: str, now: datetime, *, language: str = "en", layout: Layout = Layout.FULL) -> StatusView:
    """Return the view of the sample order in this state."""
    return StatusView(STATES[state](now), layout, translator_for(language), now)


@pytest.mark.parametrize(
    ("state", "label", "window", "away"),
    [
        ("confirmed", "Expected", "18:35–18:45", "in 35 minutes"),
        ("overdue", "Was promised for", "17:35–17:45", "15 minutes ago"),
        ("ready-to-collect", "Since", "17:56", "4 minutes ago"),
        ("confirmed-for-tomorrow", "Asked for", "17:00–17:10", "in 23 hours"),
        ("collected", "Collected", "17:17", "43 minutes ago"),
        ("cancelled", "Cancelled", "17:54", "6 minutes ago"),
        ("rejected", "Not taken on", "17:57", "3 minutes ago"),
    ],
)
def test_the_time_is_shown_with_its_label_and_its_distance(
    now: datetime, state: str, label: str, window: str, away: str
) -> None:
    moment = view(state, now).shown_time

    assert moment is not None
    assert (moment.label, moment.clock, moment.away, moment.zone) == (label, window, away, "GMT")


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("placed", "The time appears here once the order is confirmed."),
        ("adjusted-time", "The time appears here once the change is answered."),
        ("confirmed-without-a-time", "The restaurant hasn’t given a time yet."),
    ],
)
def test_without_a_time_a_sentence_explains_why(now: datetime, state: str, sentence: str) -> None:
    shown = view(state, now)

    assert shown.shown_time is None
    assert shown.no_time_yet == sentence


def test_a_time_window_in_the_layout_line_has_no_word_after_it_and_in_larger_layouts_it_has(now: datetime) -> None:
    clocks = [view("confirmed", now, language="de", layout=layout).shown_time for layout in (Layout.LINE, Layout.CARD)]

    assert [moment.clock for moment in clocks if moment] == ["18:35–18:45", "18:35–18:45 Uhr"]


def test_a_very_long_restaurants_name_is_shortened_in_the_headline(now: datetime) -> None:
    shown = view("long-names", now)

    assert shown.headline == "The Extraordinarily Long-Named… is making the order"
    assert len(shown.order.restaurant.name) > 90


def test_a_step_that_only_some_orders_have_replaces_the_step_before_it(now: datetime) -> None:
    rows = view("arrived", now).rows

    assert [(row.name, row.kind) for row in rows] == [
        ("Order placed", "done"),
        ("Confirmed", "done"),
        ("Arrived", "now"),
        ("Delivered", "ahead"),
    ]


def test_of_many_steps_the_ones_around_the_present_are_shown_and_all_are_counted(now: datetime) -> None:
    shown = view("own-statuses", now)

    assert [row.name for row in shown.few_rows] == [
        "Dough is resting",
        "In the oven",
        "Boxed",
        "With Luca on the bike",
        "At your door",
    ]
    assert (shown.reached, len(shown.rows)) == (5, 7)
    assert shown.newest == "Boxed"


def test_a_rejected_order_shows_the_steps_that_it_reached_and_then_its_end(now: datetime) -> None:
    rows = view("called-off-and-partly-refunded", now).rows

    assert [(row.name, row.kind) for row in rows] == [
        ("Order placed", "done"),
        ("Confirmed", "done"),
        ("Called off", "lost"),
    ]


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_a_headline_a_present_step_and_not_too_many_rows(now: datetime, state: str) -> None:
    shown = view(state, now)
    kinds = [row.kind for row in shown.rows]

    assert shown.headline
    assert len(shown.few_rows) <= MAX_ROWS
    assert any(row.kind in ("now", "lost") or row.name == shown.newest for row in shown.few_rows)
    assert kinds.count("now") == (not shown.order.has_ended)
    assert kinds == sorted(kinds, key=["done", "now", "lost", "ahead"].index)
    assert bool(shown.shown_time) != bool(shown.no_time_yet)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("layout", Layout)
def test_no_text_of_ours_stays_english_in_another_language(now: datetime, language: str, layout: Layout) -> None:
    shown = {state: render_status(STATES[state](now), layout, language, now) for state in STATES}

    english = ("The order", " the order", "Expected", "minutes ago", "Confirmed", "tomorrow", "Since", "of 4")
    left = {(state, word) for state, html in shown.items() for word in english if word in html}
    assert bool(left) == (language == "en")
