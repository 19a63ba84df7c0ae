"""The catalogues contain every text marked for translation, and templates use the current language."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po, write_po
from flask import Flask, render_template, render_template_string

from tracker import translation
from tracker.config import ROOT
from tracker.translation import FOLDER, LANGUAGES, gettext, ngettext, speaking
from tracker.web.http import translation as template_translation

OTHERS = LANGUAGES[1:]
PLACEHOLDER = re.compile(r"\{\w*\}|%\(\w+\)s")
TEMPLATE = """{% trans count=orders|length, name=name %}
    {{ name }} has one order
{% pluralize %}
    {{ name }} has {{ count }} orders
{% endtrans %}"""


def extracted(*folders: Path, into: Path) -> Catalog:
    """Return what `pybabel extract` finds, as bin/messages runs it."""
    where = ["--mapping-file", str(ROOT / "pyproject.toml"), "--output", str(into / "messages.pot")]
    CommandLineInterface().run(["pybabel", "--quiet", "extract", *where, *map(str, folders)])
    with (into / "messages.pot").open("rb") as file:
        return read_po(file)


def catalogue(language: str) -> Catalog:
    """Return the stored catalogue of this language. Raises an error if it is malformed."""
    with (FOLDER / language / "LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


@pytest.fixture
def german_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yield a folder that replaces the folder of the German catalogue. It is empty at first."""
    folder = tmp_path / "de/LC_MESSAGES"
    folder.mkdir(parents=True)
    monkeypatch.setattr(translation, "FOLDER", tmp_path)
    translation._translations.cache_clear()
    yield folder
    translation._translations.cache_clear()


def test_there_are_nine_languages_beside_english() -> None:
    assert set(LANGUAGES) == {"en", "de", "fr", "es", "it", "pt", "nl", "pl", "ar", "he"}


def test_every_catalogue_has_exactly_the_texts_that_extraction_finds(tmp_path: Path) -> None:
    found = {message.id for message in extracted(ROOT / "tracker", ROOT / "templates", into=tmp_path)}

    assert len(found) > 50
    for language in OTHERS:
        messages = {message.id: message for message in catalogue(language)}
        assert set(messages) == found, f"bin/messages brings the catalogue of {language} up to date."
        assert [text for text, message in messages.items() if text and (not message.string or message.fuzzy)] == []
        assert catalogue(language).obsolete == {}


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_placeholders_and_the_ending_of_the_english_text(language: str) -> None:
    wrong = []
    for message in catalogue(language):
        english, result = str(message.id), str(message.string)
        is_same = sorted(PLACEHOLDER.findall(english)) == sorted(PLACEHOLDER.findall(result))
        if english and not (is_same and english.endswith(".") == result.endswith(".") and result == result.strip()):
            wrong.append((english, result))

    assert wrong == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_contains_no_characters_of_html_markup(language: str) -> None:
    assert [message.id for message in catalogue(language) if message.id and set('<>&"') & set(message.string)] == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_names_its_language_and_leaves_little_in_english(language: str) -> None:
    result = catalogue(language)
    same = {message.id for message in result if message.id and message.id == message.string}

    assert str(result.locale) == language
    assert same <= {"Live", "Steps"}


def test_a_text_is_in_the_current_language_and_in_english_where_there_is_no_translation() -> None:
    with speaking("de"):
        result = [gettext("Order status"), gettext("No catalogue has this."), gettext("")]
        with speaking("fr"):
            result.append(gettext("Delivered"))
        result.append(ngettext("one thing", "{n} things", 2))

    assert result == ["Bestellstatus", "No catalogue has this.", "", "Livrée", "{n} things"]
    assert gettext("Order status") == "Order status"


def test_a_language_without_a_catalogue_is_refused() -> None:
    with pytest.raises(LookupError, match="sv"), speaking("sv"):
        pass


def test_a_template_can_translate_a_sentence_with_a_plural(german_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(TEMPLATE)
    catalogue = extracted(tmp_path, into=tmp_path)
    catalogue.locale = "de"
    (message,) = (message for message in catalogue if message.id)
    message.string = ("%(name)s hat eine Bestellung", "%(name)s hat %(count)s Bestellungen")
    with (german_folder / "messages.po").open("wb") as file:
        write_po(file, catalogue)
    app = Flask("a page", template_folder=str(tmp_path))
    template_translation.init(app)

    with app.app_context(), speaking("de"):
        result = [render_template("page.html", name="<b>Ada", orders=range(number)) for number in (1, 3)]

    assert result == ["&lt;b&gt;Ada hat eine Bestellung", "&lt;b&gt;Ada hat 3 Bestellungen"]


def test_the_applications_templates_can_be_translated(app: Flask) -> None:
    with app.app_context(), speaking("pl"):
        result = render_template_string("{{ _('Order {code}').format(code='<4>') }} {% trans %}Steps{% endtrans %}")

    assert result == "Zamówienie &lt;4&gt; Etapy"
