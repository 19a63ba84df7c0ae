"""What a widget shows of an order in each of its states: one sentence, one time, and the steps."""

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
    """Nothing of it is kept."""
    return Database(sqlite_url)


@pytest.fixture(autouse=True)
def _within_a_request(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def view(state: str, now: datetime, *, language: str = "en", layout: Layout = Layout.FULL) -> StatusView:
    """The order in this state as a widget shows it."""
    return StatusView(STATES[state](now), layout, translator_for(language), now)


@pytest.mark.parametrize(
    ("state", "label", "written", "away"),
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
def test_the_one_time_that_matters_is_shown_with_what_it_is_the_time_of(
    now: datetime, state: str, label: str, written: str, away: str
) -> None:
    moment = view(state, now).shown_time

    assert moment is not None
    assert (moment.label, moment.clock, moment.away, moment.zone) == (label, written, away, "GMT")


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("placed", "The time appears here once the order is confirmed."),
        ("adjusted-time", "The time appears here once the change is answered."),
        ("confirmed-without-a-time", "The restaurant hasn’t given a time yet."),
    ],
)
def test_where_there_is_no_time_yet_that_is_said(now: datetime, state: str, said: str) -> None:
    shown = view(state, now)

    assert shown.shown_time is None
    assert shown.no_time_yet == said


def test_a_window_of_one_line_has_no_word_behind_it_and_a_large_one_has(now: datetime) -> None:
    clocks = [view("confirmed", now, language="de", layout=layout).shown_time for layout in (Layout.LINE, Layout.CARD)]

    assert [moment.clock for moment in clocks if moment] == ["18:35–18:45", "18:35–18:45 Uhr"]


def test_of_a_name_of_a_hundred_letters_the_sentence_has_the_first_words_and_its_own_end(now: datetime) -> None:
    shown = view("long-names", now)

    assert shown.headline == "The Extraordinarily Long-Named… is making the order"
    assert len(shown.order.restaurant.name) > 90


def test_what_happens_only_sometimes_stands_where_the_step_before_it_stood(now: datetime) -> None:
    rows = view("arrived", now).rows

    assert [(row.name, row.kind) for row in rows] == [
        ("Order placed", "done"),
        ("Confirmed", "done"),
        ("Arrived", "now"),
        ("Delivered", "ahead"),
    ]


def test_of_a_restaurants_many_steps_those_around_the_order_are_shown_and_all_are_counted(now: datetime) -> None:
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


def test_an_order_that_came_to_nothing_shows_how_far_it_came_and_then_that(now: datetime) -> None:
    rows = view("called-off-and-partly-refunded", now).rows

    assert [(row.name, row.kind) for row in rows] == [
        ("Order placed", "done"),
        ("Confirmed", "done"),
        ("Called off", "lost"),
    ]


@pytest.mark.parametrize("state", STATES)
def test_in_every_state_there_is_a_sentence_one_step_where_it_is_and_never_too_many(now: datetime, state: str) -> None:
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
def test_in_every_language_nothing_of_ours_is_left_in_english(now: datetime, language: str, layout: Layout) -> None:
    shown = {state: render_status(STATES[state](now), layout, language, now) for state in STATES}

    english = ("The order", " the order", "Expected", "minutes ago", "Confirmed", "tomorrow", "Since", "of 4")
    left = {(state, word) for state, html in shown.items() for word in english if word in html}
    assert bool(left) == (language == "en")
