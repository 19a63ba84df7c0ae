"""The widget speaks the language of the page that holds it: whole, with the right names, and the right way round."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from tests.builders import EVENING
from tracker.orders.progress import USUAL_STATUSES
from tracker.web.embed import translation
from tracker.web.embed.translation import FOLDER, LANGUAGES, speech_for
from tracker.web.order import onlooker_sentences
from tracker.web.order.sentences import STEP_NAMES

CATALOGUES = sorted(FOLDER.glob("*.po"))
PLACEHOLDER = re.compile(r"\{\w*\}")
HOUR = timedelta(hours=1)


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.stem, abort_invalid=True)


def all_texts() -> set[str]:
    """Every English text that a catalogue has in other words: the widget's, the onlookers', and the names of steps."""
    widget, onlookers = translation, onlooker_sentences
    return {
        *(widget.TITLE, widget.FOLLOW, widget.NEW_TAB, widget.CODE, widget.PROGRESS, widget.STEPS, widget.AHEAD),
        *(widget.SINCE, widget.TOMORROW, widget.YESTERDAY, widget.NO_SCRIPT, widget.CALLED_OFF, widget.NOT_TAKEN_ON),
        *(widget.BEING_MADE, widget.CONFIRMED, *widget.SHORT.values(), *widget.CONNECTION.values()),
        *(onlookers.NOT_TAKEN_ON, onlookers.CALLED_OFF, onlookers.IS_MAKING, onlookers.HAS_CONFIRMED),
        *(onlookers.WAS_PROMISED, onlookers.ASKED_FOR, onlookers.NOT_GIVEN, *onlookers.STATES.values()),
        *(*onlookers.WAITED_FOR.values(), *onlookers.NO_TIME.values()),
        *(name for names in (*onlookers.STEPS.values(), *STEP_NAMES.values()) for name in names.values()),
        *(status["name"] for statuses in USUAL_STATUSES.values() for status in statuses),
    }


def test_there_are_nine_languages_beside_english() -> None:
    assert set(LANGUAGES) == {"en", "de", "fr", "es", "it", "pt", "nl", "pl", "ar", "he"}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_catalogue_says_everything_and_nothing_that_is_no_longer_said(path: Path) -> None:
    messages = {message.id: message for message in catalogue(path) if message.id}

    assert set(messages) == all_texts()
    assert [text for text, message in messages.items() if not str(message.string).strip() or message.fuzzy] == []
    assert catalogue(path).obsolete == {}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_catalogue_names_what_the_english_text_names_and_ends_as_it_does(path: Path) -> None:
    wrong = []
    for message in catalogue(path):
        english, said = str(message.id), str(message.string)
        is_same = sorted(PLACEHOLDER.findall(english)) == sorted(PLACEHOLDER.findall(said))
        if english and not (is_same and english.endswith(".") == said.endswith(".") and said == said.strip()):
            wrong.append((english, said))

    assert wrong == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_catalogue_says_what_language_it_is_and_leaves_little_in_english(path: Path) -> None:
    said = catalogue(path)
    same = {message.id for message in said if message.id and message.id == message.string}

    assert str(said.locale) == path.stem
    assert same <= {"Live", "Steps"}


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
    speech = speech_for(asked)

    assert (speech.language, speech.tag) == (language, tag)


def test_arabic_and_hebrew_are_read_from_right_to_left_and_a_name_in_them_in_its_own_direction() -> None:
    directions = {language: speech_for(language).direction for language in LANGUAGES}

    assert {language for language, direction in directions.items() if direction == "rtl"} == {"ar", "he"}
    assert "\u2068{name}\u2069" in speech_for("he")("{name} is making the order")
    assert "\u2068{code}\u2069" in speech_for("ar")("Order {code}")
    assert "\u2068" not in speech_for("de")("{name} is making the order")


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

    assert speech_for(language).away(start, start + timedelta(minutes=10), EVENING) == said


def test_what_is_past_was_never_to_come() -> None:
    speech = speech_for("en")

    said = [speech.away(None, EVENING + distance, EVENING) for distance in (timedelta(0), HOUR, -HOUR)]

    assert said == ["1 minute ago", "1 minute ago", "1 hour ago"]


@pytest.mark.parametrize(
    ("language", "restaurant", "written"),
    [("en", "en-IE", "en-IE"), ("en-US", "en-IE", "en-US"), ("de", "en-IE", "de"), ("de", "de-CH", "de-CH")],
)
def test_times_are_written_as_the_page_does_or_else_the_restaurant_in_the_same_language(
    language: str, restaurant: str, written: str
) -> None:
    assert speech_for(language).locale_at(restaurant) == written
