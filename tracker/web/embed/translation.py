"""The widget in the language of the page that holds it: which one, its words, its times, and the way it is read.

The words are in languages/*.po, by the English text; what is counted, and how far away a time is, is written by CLDR.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from math import ceil

from babel import Locale
from babel.dates import format_timedelta
from babel.messages.pofile import read_po

from tracker.config import ROOT
from tracker.orders.states import OrderState
from tracker.web.order.formatting import locale_of

FOLDER = ROOT / "tracker/web/languages"
LANGUAGES = ("en", *sorted(path.stem for path in FOLDER.glob("*.po")))
_TAG = re.compile(r"([A-Za-z]{2,3})(-[A-Za-z0-9]{1,8}){0,3}")
_FORMERLY = {"iw": "he"}
_FOREIGN = re.compile(r"\{(name|code)\}")

TITLE = "Order status"
FOLLOW = "Follow the order"
NEW_TAB = "opens in a new tab"
CODE = "Order {code}"
PROGRESS = "{number} of {count}"
STEPS = "Steps"
AHEAD = "still to come"
SINCE = "Since"
TOMORROW, YESTERDAY = "tomorrow", "yesterday"
ANY_MINUTE = "any minute now"
CONNECTION = {
    "connecting": "Connecting…",
    "live": "Live",
    "reconnecting": "As of {time}, reconnecting…",
    "late": "As of {time}",
    "trouble": "The status can’t be shown here.",
    "any": ANY_MINUTE,
}
"""What the frame says by itself; templates/embed/frame.html hands it over."""
NO_SCRIPT = "Without JavaScript the status can’t be shown here."
SHORT = {
    OrderState.PLACED: "Not yet confirmed",
    OrderState.ADJUSTED: "Change proposed",
    OrderState.CANCELLED: "Cancelled",
}
CALLED_OFF, NOT_TAKEN_ON, BEING_MADE, CONFIRMED = "Called off", "Not taken on", "Being made", "Confirmed"


@dataclass(frozen=True, slots=True)
class Speech:
    """A language to speak to onlookers in. It is one of onlooker_sentences.Words: called with a text, it says it."""

    language: str
    """One of LANGUAGES."""
    tag: str
    """The same as a BCP 47 tag, with the region if the page has named one."""

    def __call__(self, text: str) -> str:
        """The text in this language. Where it is written from right to left, a name or code in it keeps its own
        direction."""
        said = _catalogue(self.language).get(text, text)
        return _FOREIGN.sub("\N{FIRST STRONG ISOLATE}\\g<0>\N{POP DIRECTIONAL ISOLATE}", said) if self.rtl else said

    @property
    def rtl(self) -> bool:
        """Whether it is written from right to left."""
        return locale_of(self.language).text_direction == "rtl"

    @property
    def direction(self) -> str:
        """As the attribute dir says it."""
        return "rtl" if self.rtl else "ltr"

    def locale_at(self, restaurant: str) -> str:
        """How times are written: as the page's region does it, or else, in the same language, the restaurant's."""
        is_same = restaurant.partition("-")[0] == self.language
        return restaurant if is_same and "-" not in self.tag else self.tag

    def away(self, start: datetime | None, end: datetime, now: datetime) -> str:
        """How far away the time between start and end is, or how long ago it was; without a start, `end` is past.

        Empty where it is a day or more. static/js/widget-frame.js counts on with it.
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


ENGLISH = Speech("en", "en")


@lru_cache(maxsize=256)
def speech_for(tag: str | None) -> Speech:
    """The language that a page's tag (de, de-AT, pt_BR) asks for; English for one that nobody has written yet."""
    match = _TAG.fullmatch((tag or "").strip().replace("_", "-"))
    language = match[1].lower() if match else "en"
    language = _FORMERLY.get(language, language)
    if match is None or language not in LANGUAGES:
        return ENGLISH
    tag = language + match[0][len(match[1]) :]
    return Speech(language, tag if _is_known(tag) else language)


def _is_known(tag: str) -> bool:
    return locale_of(tag).language == tag.partition("-")[0] and locale_of(tag) != Locale("en")


@lru_cache(maxsize=32)
def _catalogue(language: str) -> dict[str, str]:
    if language == "en":
        return {}
    with (FOLDER / f"{language}.po").open("rb") as file:
        return {str(text.id): str(text.string) for text in read_po(file) if text.id and text.string}
