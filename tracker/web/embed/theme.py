"""The appearance of the widget, from the options of a site owner.

Invalid options get their defaults instead of an error, because the page is seen by customers who can't correct them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from tracker.setting_formats import is_colour
from tracker.web.embed.translation import ENGLISH, Translator, translator_for
from tracker.web.order.colour import palette

LARGEST_RADIUS = 24
Choice = TypeVar("Choice", bound=StrEnum)
_NUMBER = re.compile(r"[0-9]{1,2}")


class Layout(StrEnum):
    """How much the widget shows."""

    LINE = "line"
    CARD = "card"
    FULL = "full"


class Theme(StrEnum):
    """Light or dark colours, or as the browser prefers."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


class Font(StrEnum):
    """The kind of font; the device chooses the font itself."""

    SANS = "sans"
    SERIF = "serif"
    MONO = "mono"


SANDBOX = "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox"
"""The attribute sandbox of frames in other sites' pages. static/js/widget-element.js has the same value."""
HEIGHTS = {Layout.LINE: 64, Layout.CARD: 276, Layout.FULL: 442}
"""The heights of the layouts in CSS pixels. static/js/widget-element.js reserves the space before the frame loads."""
RADIUS = 12


@dataclass(frozen=True, slots=True)
class Appearance:
    """The options that determine how the widget looks."""

    layout: Layout = Layout.CARD
    theme: Theme = Theme.AUTO
    accent: str | None = None
    """A colour as #rrggbb; None means the restaurant's own colour."""
    radius: int = RADIUS
    """The radius of the corners in CSS pixels, at most LARGEST_RADIUS."""
    font: Font = Font.SANS
    translator: Translator = ENGLISH


def colours(accent: str) -> str:
    """Return the colour (#rrggbb) as CSS, in readable shades for light and dark backgrounds."""
    shades = palette(accent)
    return f"light-dark({shades.ink}, {shades.ink_night})"


def parse_appearance(options: Mapping[str, str], *, languages: str | None = None) -> Appearance:
    """Return the appearance for the options layout, theme, accent, radius, font and lang, with defaults for the others.

    `languages` is the browser's preferred language, which is used if there is no option lang.
    """
    accent, radius = options.get("accent", ""), options.get("radius", "")
    return Appearance(
        layout=_one_of(Layout, options.get("layout"), Layout.CARD),
        theme=_one_of(Theme, options.get("theme"), Theme.AUTO),
        accent=accent.lower() if is_colour(accent) else None,
        radius=min(int(radius), LARGEST_RADIUS) if _NUMBER.fullmatch(radius) else RADIUS,
        font=_one_of(Font, options.get("font"), Font.SANS),
        translator=translator_for(options.get("lang") or languages),
    )


def _one_of(kind: type[Choice], value: str | None, default: Choice) -> Choice:
    return kind(value) if value in {choice.value for choice in kind} else default
