"""The language of the widget: the choice for a page's tag, the direction, relative times, and the locale."""

from datetime import timedelta

import pytest

from tests.builders import EVENING
from tracker.translation import LANGUAGES
from tracker.web.embed.translation import translator_for

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("requested", "language", "tag"),
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
def test_the_language_is_the_nearest_to_the_pages_own(requested: str | None, language: str, tag: str) -> None:
    translator = translator_for(requested)

    assert (translator.language, translator.tag) == (language, tag)


def test_arabic_and_hebrew_are_right_to_left_and_names_in_them_keep_their_own_direction() -> None:
    directions = {language: translator_for(language).direction for language in LANGUAGES}

    assert {language for language, direction in directions.items() if direction == "rtl"} == {"ar", "he"}
    assert "\u2068{name}\u2069" in translator_for("he")("{name} is making the order")
    assert "\u2068{code}\u2069" in translator_for("ar")("Order {code}")
    assert "\u2068" not in translator_for("de")("{name} is making the order")


@pytest.mark.parametrize(
    ("language", "minutes", "text"),
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
def test_the_distance_of_a_time_window_is_written_with_the_right_plural(language: str, minutes: int, text: str) -> None:
    start = EVENING + timedelta(minutes=minutes)

    assert translator_for(language).away(start, start + timedelta(minutes=10), EVENING) == text


def test_a_past_time_is_never_written_as_a_future_one() -> None:
    translator = translator_for("en")

    texts = [translator.away(None, EVENING + distance, EVENING) for distance in (timedelta(0), HOUR, -HOUR)]

    assert texts == ["1 minute ago", "1 minute ago", "1 hour ago"]


@pytest.mark.parametrize(
    ("language", "restaurant", "locale"),
    [("en", "en-IE", "en-IE"), ("en-US", "en-IE", "en-US"), ("de", "en-IE", "de"), ("de", "de-CH", "de-CH")],
)
def test_times_are_written_in_the_locale_of_the_page_or_of_a_restaurant_with_the_same_language(
    language: str, restaurant: str, locale: str
) -> None:
    assert translator_for(language).locale_at(restaurant) == locale
