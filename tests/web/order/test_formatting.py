"""Formatting of times, days, amounts of money and colours."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.orders.money import Money
from tracker.web.order.colour import _rgb, contrast, palette
from tracker.web.order.formatting import Formatter, late_by, left, rounded, soon, whole_minute

EVENING = datetime(2026, 11, 20, 18, 40, tzinfo=UTC)
DUBLIN, NEW_YORK, TOKYO = ZoneInfo("Europe/Dublin"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo")
A_MINUTE = timedelta(minutes=1)


def plain(text: str) -> str:
    """Return the text with ordinary spaces in place of narrow and non-breaking ones."""
    return text.replace("\u202f", " ").replace("\u2009", " ").replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("amount", "language", "written"),
    [
        (Money(1250, "EUR"), "en-IE", "€12.50"),
        (Money(-650, "EUR"), "en-IE", "\N{MINUS SIGN}€6.50"),
        (Money(0, "EUR"), "en-IE", "€0.00"),
        (Money(123450, "EUR"), "de-DE", "1.234,50 €"),
        (Money(123450, "USD"), "en-US", "$1,234.50"),
        (Money(1200, "JPY"), "ja-JP", "￥1,200"),
        (Money(4500, "KWD"), "en-GB", "KWD4.500"),
        (Money(1234, "IQD"), "en-GB", "IQD1.234"),
        (Money(5, "EUR"), "no-such-language-at-all", "€0.05"),
    ],
)
def test_an_amount_has_the_decimals_of_its_currency_and_the_format_of_the_language(
    amount: Money, language: str, written: str
) -> None:
    formatter = Formatter(language, DUBLIN, EVENING)

    assert plain(formatter.format_money(amount)) == written


@given(minor=st.integers(-(10**11), 10**11), currency=st.sampled_from(["EUR", "JPY", "BHD", "IQD", "XYZ"]))
def test_no_digit_of_an_amount_is_ever_lost(minor: int, currency: str) -> None:
    written = Formatter("en-IE", DUBLIN, EVENING).format_money(Money(minor, currency))

    assert int("".join(filter(str.isdigit, written))) == abs(minor)
    assert written.startswith("\N{MINUS SIGN}") == (minor < 0)


@pytest.mark.parametrize(
    ("language", "zone", "clock", "window", "zone_name"),
    [
        ("en-IE", DUBLIN, "18:40", "18:40–18:50", "GMT"),
        ("en-US", NEW_YORK, "1:40 PM", "1:40 – 1:50 PM", "EST"),
        ("de-DE", ZoneInfo("Europe/Berlin"), "19:40", "19:40–19:50 Uhr", "CET"),
        ("pt-BR", ZoneInfo("America/Sao_Paulo"), "15:40", "15:40 – 15:50", "UTC-03"),
    ],
)
def test_times_have_the_restaurants_time_zone_and_format(
    language: str, zone: ZoneInfo, clock: str, window: str, zone_name: str
) -> None:
    formatter = Formatter(language, zone, EVENING)

    assert plain(formatter.format_time(EVENING)) == clock
    assert plain(formatter.format_window(EVENING, EVENING + 10 * A_MINUTE)) == window
    assert formatter.zone_name(EVENING) == zone_name


def test_a_window_can_include_midnight_or_noon() -> None:
    dublin, new_york = Formatter("en-IE", DUBLIN, EVENING), Formatter("en-US", NEW_YORK, EVENING)
    midnight = datetime(2026, 11, 21, 0, 0, tzinfo=DUBLIN)
    noon = datetime(2026, 11, 20, 12, 0, tzinfo=NEW_YORK)

    assert dublin.format_window(midnight - 5 * A_MINUTE, midnight + 5 * A_MINUTE) == "23:55–00:05"
    assert plain(new_york.format_window(noon - 5 * A_MINUTE, noon + 5 * A_MINUTE)) == "11:55 AM – 12:05 PM"


def test_when_clocks_go_back_the_zone_distinguishes_the_two_equal_hours() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    formatter = Formatter("en-IE", DUBLIN, first)

    assert (formatter.format_time(first), formatter.zone_name(first)) == ("01:30", "IST")
    assert (formatter.format_time(first + 60 * A_MINUTE), formatter.zone_name(first + 60 * A_MINUTE)) == (
        "01:30",
        "GMT",
    )


def test_when_clocks_go_forward_no_window_contains_an_hour_that_does_not_exist() -> None:
    before = datetime(2026, 3, 29, 0, 55, tzinfo=UTC)
    formatter = Formatter("en-IE", DUBLIN, before)

    assert formatter.format_window(before, before + 10 * A_MINUTE) == "00:55–02:05"


@pytest.mark.parametrize(
    ("days", "text"), [(-1, "yesterday"), (0, "today"), (1, "tomorrow"), (2, "Sun, 22 Nov"), (400, "25 Dec 2027")]
)
def test_a_near_day_is_a_word_and_a_far_day_is_a_date(days: int, text: str) -> None:
    assert Formatter("en-IE", DUBLIN, EVENING).format_day(EVENING + timedelta(days=days)) == text


def test_today_depends_on_the_restaurants_time_zone_not_the_servers() -> None:
    late_in_dublin = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    formatter = Formatter("en-IE", TOKYO, late_in_dublin)

    assert formatter.format_moment(late_in_dublin) == "08:30"
    assert formatter.format_moment(late_in_dublin - timedelta(hours=9)) == "yesterday, 23:30"


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (60 * 25, ""),
        (150, "in about 3 hours"),
        (75, "in about an hour"),
        (43, "in about 45 minutes"),
        (18, "in about 18 minutes"),
        (1, "in about a minute"),
        (0, "any minute now"),
        (-9, "any minute now"),
        (-11, "1 minute later than promised"),
        (-35, "25 minutes later than promised"),
        (-140, "over 2 hours later than promised"),
        (-60 * 48, "much later than promised"),
    ],
)
def test_the_distance_of_a_time_is_said_in_words(minutes: int, text: str) -> None:
    start = EVENING + minutes * A_MINUTE

    assert soon(start, start + 10 * A_MINUTE, EVENING) == text


@given(seconds=st.integers(-(10**6), 10**6), width=st.integers(0, 120))
def test_a_distance_is_never_negative_or_zero_minutes(seconds: int, width: int) -> None:
    start = EVENING + timedelta(seconds=seconds)

    text = soon(start, start + width * A_MINUTE, EVENING)

    assert "-" not in text
    assert " 0 " not in f" {text} "
    assert "0" not in late_by(EVENING - timedelta(seconds=1), EVENING)


@given(moment=st.datetimes(datetime(2001, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  hypothesis wants the bounds naive
def test_a_promise_is_rounded_to_the_nearest_five_minutes(moment: datetime) -> None:
    shown = rounded(moment)

    assert (shown.minute % 5, shown.second, shown.microsecond) == (0, 0, 0)
    assert abs(shown - moment) <= timedelta(minutes=2, seconds=30)


@given(colour=st.integers(0, 0xFFFFFF).map("#{:06x}".format))
def test_texts_are_legible_with_every_colour_of_a_restaurant(colour: str) -> None:
    colours = palette(colour)

    for text, ground in [
        (colours.on_accent, colours.accent),
        (colours.on_accent_night, colours.accent_night),
        (colours.ink, "#f5f4f1"),
        (colours.ink_night, "#1e1d1b"),
    ]:
        assert contrast(_rgb(text), _rgb(ground)) >= 4.5


@pytest.mark.parametrize("nonsense", ["", "red", "#12", "#12345g", "#fff}body{display:none", "url(//example.com)"])
def test_an_invalid_colour_is_replaced_by_the_default(nonsense: str) -> None:
    assert palette(nonsense) == palette("#1f5f4a")


@pytest.mark.parametrize(
    ("hours", "text"),
    [(-24, "yesterday at 18:40"), (0, "at 18:40"), (24, "tomorrow at 18:40"), (96, "on Tue 24 Nov at 18:40")],
)
def test_a_past_time_is_formatted_for_use_within_a_sentence(hours: int, text: str) -> None:
    at = EVENING + timedelta(hours=hours)

    assert Formatter("en-IE", DUBLIN, EVENING).format_at(at).replace("Tue, ", "Tue ") == text


@given(st.integers(-300, 300_000), st.integers(0, 59))
def test_the_remaining_time_is_never_too_long_and_changes_only_with_the_minute(seconds: int, second: int) -> None:
    now = EVENING + timedelta(seconds=second)
    end = now + timedelta(seconds=seconds)

    words = left(end, whole_minute(now))

    minutes = int(words.split()[0]) if words[0].isdigit() else 0
    assert minutes <= max(0, (end - whole_minute(now)).total_seconds() / 60)
    assert (words == "the time is over") == (end < whole_minute(now))
