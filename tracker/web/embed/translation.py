"""The language of a widget, which is that of the page that holds it: its texts, its times and its direction.

The texts are in the catalogues of tracker/translation.py. Relative times and plurals follow CLDR.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from math import ceil

from babel import Locale
from babel.dates import format_timedelta

from tracker.orders.states import OrderState
from tracker.translation import LANGUAGES, gettext, gettext_noop, speaking
from tracker.web.order.formatting import locale_of

_TAG = re.compile(r"([A-Za-z]{2,3})(-[A-Za-z0-9]{1,8}){0,3}")
_FORMERLY = {"iw": "he"}

SINCE = gettext_noop("Since")
ANY_MINUTE = gettext_noop("any minute now")
CONNECTION = {
    "connecting": gettext_noop("Connecting…"),
    "live": gettext_noop("Live"),
    "reconnecting": gettext_noop("As of {time}, reconnecting…"),
    "late": gettext_noop("As of {time}"),
    "trouble": gettext_noop("The status can’t be shown here."),
    "any": ANY_MINUTE,
}
"""The texts of the frame's own script; templates/embed/frame.html passes them to it."""
SHORT = {
    OrderState.PLACED: gettext_noop("Not yet confirmed"),
    OrderState.ADJUSTED: gettext_noop("Change proposed"),
    OrderState.CANCELLED: gettext_noop("Cancelled"),
}
CALLED_OFF, NOT_TAKEN_ON = gettext_noop("Called off"), gettext_noop("Not taken on")
BEING_MADE, CONFIRMED = gettext_noop("Being made"), gettext_noop("Confirmed")


@dataclass(frozen=True, slots=True)
class Translator:
    """A language for onlookers. It is an onlooker_sentences.Translate: a call with a text translates it."""

    language: str
    """One of LANGUAGES."""
    tag: str
    """The language as a BCP 47 tag, with the region if the page has one."""

    def __call__(self, text: str) -> str:
        """Return the text in this language. In right-to-left languages, names and codes in it keep their direction."""
        with speaking(self.language):
            return gettext(text)

    @property
    def rtl(self) -> bool:
        """Whether the language is written from right to left."""
        return locale_of(self.language).text_direction == "rtl"

    @property
    def direction(self) -> str:
        """The direction as a value of the HTML attribute dir."""
        return "rtl" if self.rtl else "ltr"

    def locale_at(self, restaurant: str) -> str:
        """Return the locale for times: the page's, or the restaurant's if that adds a region to the same language."""
        is_same = restaurant.partition("-")[0] == self.language
        return restaurant if is_same and "-" not in self.tag else self.tag

    def away(self, start: datetime | None, end: datetime, now: datetime) -> str:
        """Return in words how far away the window from start to end is, or how long ago it ended.

        Without a start, `end` is a time in the past. For a day or more, the text is empty. static/js/widget-frame.js
        updates the text by the same rules.
        """
        if start is None or now > end:
            return self._relative(-max(1, int((now - end).total_seconds() // 60)))
        minutes = ceil((start - now).total_seconds() / 60)
        if minutes <= 0:
            return self(ANY_MINUTE)
        return self._relative(minutes if minutes <= 20 else 5 * round(minutes / 5))

    def _relative(self, minutes: int) -> str:
        hours = (abs(minutes) + 30) // 60
        if hours >= 24:
            return ""
        away = timedelta(minutes=minutes) if abs(minutes) < 60 else timedelta(hours=hours if minutes > 0 else -hours)
        return str(format_timedelta(away, threshold=1, add_direction=True, locale=locale_of(self.tag)))


ENGLISH = Translator("en", "en")


@lru_cache(maxsize=256)
def translator_for(tag: str | None) -> Translator:
    """Return the translator for a language tag (de, de-AT, pt_BR), or English if there is no translation."""
    match = _TAG.fullmatch((tag or "").strip().replace("_", "-"))
    language = match[1].lower() if match else "en"
    language = _FORMERLY.get(language, language)
    if match is None or language not in LANGUAGES:
        return ENGLISH
    tag = language + match[0][len(match[1]) :]
    return Translator(language, tag if _is_locale(tag) else language)


def _is_locale(tag: str) -> bool:
    return locale_of(tag).language == tag.partition("-")[0] and locale_of(tag) != Locale("en")
