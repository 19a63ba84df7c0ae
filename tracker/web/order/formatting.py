"""Times and money as people write them, in the restaurant's language and on the restaurant's clock."""

from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_interval, format_skeleton, format_time, get_time_format
from babel.numbers import NumberPattern
from flask import Flask
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from tracker.orders.money import Money, decimals
from tracker.translation import gettext_noop

_PLAIN_ENGLISH = Locale("en")
_MINUS = "\N{MINUS SIGN}"
_DAYS = {-1: gettext_noop("yesterday"), 0: "today", 1: gettext_noop("tomorrow")}


@dataclass(frozen=True, slots=True)
class Formatter:
    """How one page writes: in which language (BCP 47 tag), on which clock, and seen from which moment."""

    language: str
    zone: ZoneInfo
    now: datetime

    def format_money(self, amount: Money) -> str:
        """The amount with its currency: €12.50."""
        return format_money(amount, self.language)

    def format_time(self, at: datetime) -> str:
        """The time of day: 18:40."""
        return format_time_of_day(at, self.zone, self.language)

    def format_day(self, at: datetime) -> str:
        """The day, in a word where there is one: today, tomorrow, Sat, 21 Nov."""
        return format_day(at, self.now, self.zone, self.language)

    def format_moment(self, at: datetime) -> str:
        """The time of day, and the day before it unless that is today."""
        return self._at(self.format_day(at), at)

    def format_moment_html(self, at: datetime) -> Markup:
        """The same, readable to programs as well, and marked as the language that it is in."""
        day = self.format_day(at)
        return _time(at, self._at(day, at), "en" if day in _DAYS.values() else self.language)

    def _at(self, day: str, at: datetime) -> str:
        return self.format_time(at) if day == "today" else f"{day}, {self.format_time(at)}"

    def format_at(self, at: datetime) -> str:
        """When it was, within a sentence: at 18:40, yesterday at 18:40, on Sat, 21 Nov at 18:40."""
        day = self.format_day(at)
        phrase = {"today": "", "yesterday": "yesterday ", "tomorrow": "tomorrow "}.get(day, f"on {day} ")
        return f"{phrase}at {self.format_time(at)}"

    def format_datetime(self, at: datetime) -> str:
        """The whole date and the time of day, for paper."""
        return f"{format_date(at, self.zone, self.language)}, {self.format_time(at)}"

    def format_window(self, start: datetime, end: datetime) -> str:
        """From when until when: 18:40-18:50, with a proper dash."""
        return format_window(start, end, self.zone, self.language)

    def format_day_and_window(self, start: datetime, end: datetime) -> str:
        """The same, with the day before it unless that is today."""
        day = self.format_day(start)
        return self.format_window(start, end) if day == "today" else f"{day}, {self.format_window(start, end)}"

    def zone_name(self, at: datetime) -> str:
        """What this clock is called at that time: GMT, CEST, UTC-03."""
        name = at.astimezone(self.zone).tzname() or self.zone.key
        return f"UTC{name}" if name[0] in "+-" else name


@lru_cache(maxsize=4096)
def format_money(amount: Money, language: str) -> str:
    """The amount with its currency, with as many decimals as the currency is counted in (ISO 4217)."""
    locale = locale_of(language)
    pattern = _money_pattern(locale, decimals(amount.currency))
    written = str(pattern.apply(amount.amount, locale, currency=amount.currency, currency_digits=False))
    return written.replace("-", _MINUS) if amount.minor < 0 else written


@lru_cache(maxsize=4096)
def format_time_of_day(at: datetime, zone: ZoneInfo, language: str) -> str:
    """The time of day."""
    return str(format_time(at, "short", tzinfo=zone, locale=locale_of(language)))


@lru_cache(maxsize=4096)
def format_window(start: datetime, end: datetime, zone: ZoneInfo, language: str) -> str:
    """From when until when, by the clock alone; it may reach over midnight."""
    locale = locale_of(language)
    has_24_hours = any(letter in get_time_format("short", locale).pattern for letter in "Hk")
    return str(format_interval(start, end, "Hm" if has_24_hours else "hm", tzinfo=zone, locale=locale))


def format_day(at: datetime, now: datetime, zone: ZoneInfo, language: str) -> str:
    """The day as seen from now."""
    day, today = at.astimezone(zone).date(), now.astimezone(zone).date()
    days_away = (day - today).days
    if days_away in _DAYS:
        return _DAYS[days_away]
    return format_date(at, zone, language, "MMMEd" if abs(days_away) < 300 else "yMMMd")


@lru_cache(maxsize=4096)
def format_date(at: datetime, zone: ZoneInfo, language: str, skeleton: str = "yMMMd") -> str:
    """The date, in numbers and names as the CLDR skeleton asks for."""
    return str(format_skeleton(skeleton, at, tzinfo=zone, locale=locale_of(language)))


def soon(start: datetime, end: datetime, now: datetime) -> str:
    """How far away the time between start and end is, in words; never negative. static/js/page.js counts on with it."""
    minutes = ceil((start - now).total_seconds() / 60)
    if now > end:
        return late_by(end, now)
    if minutes <= 0:
        return "any minute now"
    if minutes == 1:
        return "in about a minute"
    if minutes < 60:
        return f"in about {minutes if minutes <= 20 else 5 * round(minutes / 5)} minutes"
    if minutes < 90:
        return "in about an hour"
    return f"in about {(minutes + 30) // 60} hours" if minutes < 24 * 60 else ""


def late_by(end: datetime, now: datetime) -> str:
    """How long ago the time ended by which it should have been done, in words."""
    minutes = max(1, int((now - end).total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} minute{'s' * (minutes > 1)} later than promised"
    hours = minutes // 60
    return f"over {hours} hour{'s' * (hours > 1)} later than promised" if hours < 24 else "much later than promised"


def left(end: datetime, now: datetime) -> str:
    """How much time there is left, in words; the end's own minute is not counted. static/js/page.js counts with it."""
    if now > end:
        return "the time is over"
    minutes = ceil((whole_minute(end) - now).total_seconds() / 60)
    if minutes <= 1:
        return "less than a minute left"
    return f"{minutes} minutes left" if minutes < 90 else f"about {(minutes + 30) // 60} hours left"


def rounded(at: datetime, minutes: int = 5) -> datetime:
    """To the nearest full five minutes: a kitchen that says 18:42 means about that."""
    step = minutes * 60
    return datetime.fromtimestamp((at.timestamp() + step / 2) // step * step, tz=UTC)


def whole_minute(at: datetime) -> datetime:
    """The minute that the moment is in. A page seen from a whole minute looks the same until the next one."""
    return at - timedelta(seconds=at.second, microseconds=at.microsecond)


def init(app: Flask) -> None:
    """Add the filters money, time, moment, datetime and window; they use `formatter` of the template's context."""
    filters = {"money": _money, "time": _clock, "moment": _moment, "datetime": _stamp, "window": _window}
    app.jinja_env.filters |= filters


@pass_context
def _money(context: Context, amount: Money) -> str:
    return _formatter(context).format_money(amount)


@pass_context
def _clock(context: Context, at: datetime) -> Markup:
    return _time(at, _formatter(context).format_time(at))


@pass_context
def _moment(context: Context, at: datetime) -> Markup:
    return _formatter(context).format_moment_html(at)


@pass_context
def _stamp(context: Context, at: datetime) -> Markup:
    formatter = _formatter(context)
    return _time(at, formatter.format_datetime(at), formatter.language)


@pass_context
def _window(context: Context, window: tuple[datetime, datetime]) -> str:
    return _formatter(context).format_window(*window)


def _time(at: datetime, text: str, language: str = "en") -> Markup:
    foreign = "" if language.startswith("en") else f' lang="{escape(language)}"'
    machine_readable = at.astimezone(UTC).isoformat(timespec="seconds")
    # Markup's own format() escapes just as well, at ten times the price.
    return Markup(f'<time datetime="{machine_readable}"{foreign}>{escape(text)}</time>')  # noqa: S704  see above


def _formatter(context: Context) -> Formatter:
    formatter: Any = context["formatter"]
    if not isinstance(formatter, Formatter):
        raise TypeError("A template that writes times or money needs `formatter`.")
    return formatter


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """Babel's locale for a BCP 47 tag; plain English for what is none."""
    try:
        return Locale.parse(language.replace("_", "-"), sep="-")
    except (ValueError, UnknownLocaleError):
        return _PLAIN_ENGLISH


@lru_cache(maxsize=256)
def _money_pattern(locale: Locale, places: int) -> NumberPattern:
    # Babel's own digits follow what is in daily use, and would round away what the bill counts.
    pattern: NumberPattern = copy(locale.currency_formats["standard"])
    pattern.frac_prec = (places, places)
    return pattern
