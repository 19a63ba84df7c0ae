"""Readable colours from a restaurant's colour: the text colour on it, and a shade of it that can be text."""

from dataclasses import dataclass
from functools import lru_cache

from tracker.accounts.model import USUAL_COLOUR
from tracker.setting_formats import is_colour

_READABLE = 4.6
"""The contrast to reach. WCAG 2 requires 4.5; the rest is a margin for rounding in browsers."""
_PAPER, _NIGHT = (255, 255, 255), (20, 20, 19)
_LIGHTEST_AT_NIGHT = 0.16
"""The relative luminance above which a large area dazzles on a dark page."""

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as #rrggbb. `*_night` are for dark pages; `ink` is for text and marks on the page's background."""

    accent: str
    on_accent: str
    ink: str
    accent_night: str
    on_accent_night: str
    ink_night: str


@lru_cache(maxsize=512)
def palette(colour: str) -> Palette:
    """Return the palette for a restaurant's colour (#rrggbb). An invalid colour is replaced by our own green."""
    accent = _rgb(colour if is_colour(colour) else USUAL_COLOUR)
    night = accent
    while luminance(night) > _LIGHTEST_AT_NIGHT:
        night = _mixed(night, (0, 0, 0))
    return Palette(
        accent=_hex(accent),
        on_accent=_text_on(accent),
        ink=_hex(_readable(accent, on=_PAPER, towards=(0, 0, 0))),
        accent_night=_hex(night),
        on_accent_night=_text_on(night),
        ink_night=_hex(_readable(accent, on=_NIGHT, towards=(255, 255, 255))),
    )


def contrast(first: Rgb, other: Rgb) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2)."""
    darker, lighter = sorted((luminance(first), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: Rgb) -> float:
    """Return the relative luminance of a colour, 0 to 1 (WCAG 2)."""
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return float(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)


def _text_on(ground: Rgb) -> str:
    black, white = (0, 0, 0), (255, 255, 255)
    return _hex(max(black, white, key=lambda text: contrast(text, ground)))


def _readable(colour: Rgb, *, on: Rgb, towards: Rgb) -> Rgb:
    while contrast(colour, on) < _READABLE + 0.6:  # a margin, because the page's background differs a little from `on`
        colour = _mixed(colour, towards)
    return colour


def _mixed(colour: Rgb, other: Rgb) -> Rgb:
    red, green, blue = (round(part * 0.92 + goal * 0.08) for part, goal in zip(colour, other, strict=True))
    return red, green, blue


def _rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _hex(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
