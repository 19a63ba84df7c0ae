"""Translation of texts by gettext. The English text is the key of its translations.

The catalogue of a language is languages/<language>/LC_MESSAGES/messages.po. It is compiled in memory when it is first
needed, so that no compiled file has to be kept up to date. bin/messages updates the catalogues from the texts in the
code and in the templates.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO

from babel import Locale
from babel.messages.catalog import Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tracker.config import ROOT

FOLDER = ROOT / "tracker/languages"
_CATALOGUE = "LC_MESSAGES/messages.po"
_SOURCE = "en"
"""The language of the texts in the code, which needs no catalogue."""
LANGUAGES = (_SOURCE, *sorted(path.parents[1].name for path in FOLDER.glob(f"*/{_CATALOGUE}")))
_FOREIGN = re.compile(r"\{(?:name|code)\}|%\((?:name|code)\)s")
_ISOLATED = "\N{FIRST STRONG ISOLATE}\\g<0>\N{POP DIRECTIONAL ISOLATE}"

_language: ContextVar[str] = ContextVar("language", default=_SOURCE)


def gettext_noop(text: str) -> str:
    """Return the text as it is. The call marks the text for extraction where it is defined but not yet shown."""
    return text


def gettext(text: str) -> str:
    """Return the text in the current language, or in English if the catalogue has no translation of it."""
    return _translations(_language.get()).gettext(text) if text else text  # gettext("") would be the file's header


def ngettext(one: str, many: str, number: int) -> str:
    """Return the singular or plural form of the text for this number, in the current language."""
    return _translations(_language.get()).ngettext(one, many, number)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Make `language` the current language within a `with` block. Raises LookupError unless it is in LANGUAGES."""
    if language not in LANGUAGES:
        raise LookupError(f"There is no catalogue for {language!r}.")
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


@lru_cache
def _translations(language: str) -> NullTranslations:
    if language == _SOURCE:
        return NullTranslations()
    with (FOLDER / language / _CATALOGUE).open("rb") as file:
        catalogue = read_po(file, locale=language)
    if Locale(language).text_direction == "rtl":
        for message in catalogue:
            _isolate_foreign_words(message)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def _isolate_foreign_words(message: Message) -> None:
    """Isolate each placeholder of a name or code, so that it keeps its own direction in right-to-left text."""
    if isinstance(message.string, str):
        message.string = _FOREIGN.sub(_ISOLATED, message.string)
    elif message.string:
        message.string = tuple(_FOREIGN.sub(_ISOLATED, form) for form in message.string)
