"""The widget speaks the language of the page that holds it: whole, with the right names, and the right way round."""

from datetime import timedelta

import pytest

from tests.builders import EVENING
from tracker.translation import LANGUAGES
from tracker.web.embed.translation import translator_for

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("asked", "language", "tag"),
    [
        ("de", "de", "de"),
        ("de-AT", "de", "de-AT"),
        ("DE-at", "de", "de-at"),
        ("pt_BR", "pt", "pt-BR"),
        ("de-XX", "de", "de"),
        ("zh-Hant-TW", "en", "en"),
        ("iw", "he", "he"),
        ("ar-EG", "ar", "ar-EG"),
        ("en-GB", "en", "en-GB"),
        ("dex", "en", "en"),
        ("", "en", "en"),
        (None, "en", "en"),
        ('de"><script>', "en", "en"),
        ("../../de", "en", "en"),
    ],
)
def test_the_language_is_the_one_that_is_nearest_to_the_pages_own(asked: str | None, language: str, tag: str) -> None:
    translator = translator_for(asked)

    assert (translator.language, translator.tag) == (language, tag)


def test_arabic_and_hebrew_are_read_from_right_to_left_and_a_name_in_them_in_its_own_direction() -> None:
    directions = {language: translator_for(language).direction for language in LANGUAGES}

    assert {language for language, direction in directions.items() if direction == "rtl"} == {"ar", "he"}
    assert "\u2068{name}\u2069" in translator_for("he")("{name} is making the order")
    assert "\u2068{code}\u2069" in translator_for("ar")("Order {code}")
    assert "\u2068" not in translator_for("de")("{name} is making the order")


@pytest.mark.parametrize(
    ("language", "minutes", "said"),
    [
        ("en", 25, "in 25 minutes"),
        ("en", 27, "in 25 minutes"),
        ("en", 58, "in 1 hour"),
        ("en", 100, "in 2 hours"),
        ("de", 1, "in 1 Minute"),
        ("fr-CA", 2, "dans 2 minutes"),
        ("pl", 2, "za 2 minuty"),
        ("pl", 5, "za 5 minut"),
        ("ar", 2, "خلال دقيقتين"),
        ("ar", 3, "خلال 3 دقائق"),
        ("he", 2, "בעוד שתי דקות"),
        ("de", 0, "jeden Moment"),
        ("en", -5, "any minute now"),
        ("pl", -13, "3 minuty temu"),
        ("pl", -15, "5 minut temu"),
        ("en", -130, "2 hours ago"),
        ("en", 24 * 60, ""),
        ("en", -25 * 60, ""),
    ],
)
def test_how_far_away_a_window_of_ten_minutes_is_is_said_in_the_right_number(
    language: str, minutes: int, said: str
) -> None:
    start = EVENING + timedelta(minutes=minutes)

    assert translator_for(language).away(start, start + timedelta(minutes=10), EVENING) == said


def test_what_is_past_was_never_to_come() -> None:
    translator = translator_for("en")

    said = [translator.away(None, EVENING + distance, EVENING) for distance in (timedelta(0), HOUR, -HOUR)]

    assert said == ["1 minute ago", "1 minute ago", "1 hour ago"]


@pytest.mark.parametrize(
    ("language", "restaurant", "written"),
    [("en", "en-IE", "en-IE"), ("en-US", "en-IE", "en-US"), ("de", "en-IE", "de"), ("de", "de-CH", "de-CH")],
)
def test_times_are_written_as_the_page_does_or_else_the_restaurant_in_the_same_language(
    language: str, restaurant: str, written: str
) -> None:
    assert translator_for(language).locale_at(restaurant) == written
