"""Formatting times and money in the restaurant's language and time zone, and the template filters for it."""

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
    """Formats for one page: its language (BCP 47 tag), its time zone, and the time from which it is seen."""

    language: str
    zone: ZoneInfo
    now: datetime

    def format_money(self, amount: Money) -> str:
        """Return the amount with its currency: €12.50."""
        return format_money(amount, self.language)

    def format_time(self, at: datetime) -> str:
        """Return the time of day: 18:40."""
        return format_time_of_day(at, self.zone, self.language)

    def format_day(self, at: datetime) -> str:
        """Return the day, in one word if possible: today, tomorrow, Sat, 21 Nov."""
        return format_day(at, self.now, self.zone, self.language)

    def format_moment(self, at: datetime) -> str:
        """Return the time of day, after the day unless that is today."""
        return self._at(self.format_day(at), at)

    def format_moment_html(self, at: datetime) -> Markup:
        """Return `format_moment` as an HTML `time` element, machine-readable and with the language of its text."""
        day = self.format_day(at)
        return _time(at, self._at(day, at), "en" if day in _DAYS.values() else self.language)

    def _at(self, day: str, at: datetime) -> str:
        return self.format_time(at) if day == "today" else f"{day}, {self.format_time(at)}"

    def format_at(self, at: datetime) -> str:
        """Return the time for use within a sentence: at 18:40, yesterday at 18:40, on Sat, 21 Nov at 18:40."""
        day = self.format_day(at)
        phrase = {"today": "", "yesterday": "yesterday ", "tomorrow": "tomorrow "}.get(day, f"on {day} ")
        return f"{phrase}at {self.format_time(at)}"

    def format_datetime(self, at: datetime) -> str:
        """Return the full date and the time of day, for print."""
        return f"{format_date(at, self.zone, self.language)}, {self.format_time(at)}"

    def format_window(self, start: datetime, end: datetime) -> str:
        """Return a time window: 18:40–18:50."""
        return format_window(start, end, self.zone, self.language)

    def format_day_and_window(self, start: datetime, end: datetime) -> str:
        """Return a time window, after the day unless that is today."""
        day = self.format_day(start)
        return self.format_window(start, end) if day == "today" else f"{day}, {self.format_window(start, end)}"

    def zone_name(self, at: datetime) -> str:
        """Return the abbreviation of the time zone at that time: GMT, CEST, UTC-03."""
        name = at.astimezone(self.zone).tzname() or self.zone.key
        return f"UTC{name}" if name[0] in "+-" else name


@lru_cache(maxsize=4096)
def format_money(amount: Money, language: str) -> str:
    """Return the amount with its currency, with the number of decimals of ISO 4217."""
    locale = locale_of(language)
    pattern = _money_pattern(locale, decimals(amount.currency))
    written = str(pattern.apply(amount.amount, locale, currency=amount.currency, currency_digits=False))
    return written.replace("-", _MINUS) if amount.minor < 0 else written


@lru_cache(maxsize=4096)
def format_time_of_day(at: datetime, zone: ZoneInfo, language: str) -> str:
    """Return the time of day in the short format of the language."""
    return str(format_time(at, "short", tzinfo=zone, locale=locale_of(language)))


@lru_cache(maxsize=4096)
def format_window(start: datetime, end: datetime, zone: ZoneInfo, language: str) -> str:
    """Return a time window without a date. It may cross midnight."""
    locale = locale_of(language)
    has_24_hours = any(letter in get_time_format("short", locale).pattern for letter in "Hk")
    return str(format_interval(start, end, "Hm" if has_24_hours else "hm", tzinfo=zone, locale=locale))


def format_day(at: datetime, now: datetime, zone: ZoneInfo, language: str) -> str:
    """Return the day relative to now."""
    day, today = at.astimezone(zone).date(), now.astimezone(zone).date()
    days_away = (day - today).days
    if days_away in _DAYS:
        return _DAYS[days_away]
    return format_date(at, zone, language, "MMMEd" if abs(days_away) < 300 else "yMMMd")


@lru_cache(maxsize=4096)
def format_date(at: datetime, zone: ZoneInfo, language: str, skeleton: str = "yMMMd") -> str:
    """Return the date in the format of the CLDR skeleton."""
    return str(format_skeleton(skeleton, at, tzinfo=zone, locale=locale_of(language)))


def soon(start: datetime, end: datetime, now: datetime) -> str:
    """Return in words how far away the time window is. static/js/page.js counts down with the same words."""
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
    """Return in words how late it is, given the end of the promised time window."""
    minutes = max(1, int((now - end).total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} minute{'s' * (minutes > 1)} later than promised"
    hours = minutes // 60
    return f"over {hours} hour{'s' * (hours > 1)} later than promised" if hours < 24 else "much later than promised"


def left(end: datetime, now: datetime) -> str:
    """Return in words how much time is left, without the minute of the end. static/js/page.js uses the same words."""
    if now > end:
        return "the time is over"
    minutes = ceil((whole_minute(end) - now).total_seconds() / 60)
    if minutes <= 1:
        return "less than a minute left"
    return f"{minutes} minutes left" if minutes < 90 else f"about {(minutes + 30) // 60} hours left"


def rounded(at: datetime, minutes: int = 5) -> datetime:
    """Round to the nearest 5 minutes: a promised time of 18:42 is only approximate."""
    step = minutes * 60
    return datetime.fromtimestamp((at.timestamp() + step / 2) // step * step, tz=UTC)


def whole_minute(at: datetime) -> datetime:
    """Return the start of the minute. A page rendered for a whole minute stays the same until the next one."""
    return at - timedelta(seconds=at.second, microseconds=at.microsecond)


def init(app: Flask) -> None:
    """Add the filters money, time, moment, datetime and window; they use `formatter` of the template's context."""
    filters = {"money": _money, "time": _clock, "moment": _moment, "datetime": _datetime, "window": _window}
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
def _datetime(context: Context, at: datetime) -> Markup:
    formatter = _formatter(context)
    return _time(at, formatter.format_datetime(at), formatter.language)


@pass_context
def _window(context: Context, window: tuple[datetime, datetime]) -> str:
    return _formatter(context).format_window(*window)


def _time(at: datetime, text: str, language: str = "en") -> Markup:
    foreign = "" if language.startswith("en") else f' lang="{escape(language)}"'
    machine_readable = at.astimezone(UTC).isoformat(timespec="seconds")
    # Markup.format() would escape as well, but takes ten times as long.
    return Markup(f'<time datetime="{machine_readable}"{foreign}>{escape(text)}</time>')  # noqa: S704  see above


def _formatter(context: Context) -> Formatter:
    formatter: Any = context["formatter"]
    if not isinstance(formatter, Formatter):
        raise TypeError("A template that formats times or money needs `formatter` in its context.")
    return formatter


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """Return Babel's locale for a BCP 47 tag. Return English for an unknown or invalid tag."""
    try:
        return Locale.parse(language.replace("_", "-"), sep="-")
    except (ValueError, UnknownLocaleError):
        return _PLAIN_ENGLISH


@lru_cache(maxsize=256)
def _money_pattern(locale: Locale, places: int) -> NumberPattern:
    # Babel's own number of decimals follows daily use and would round amounts that the bill has exactly.
    pattern: NumberPattern = copy(locale.currency_formats["standard"])
    pattern.frac_prec = (places, places)
    return pattern
