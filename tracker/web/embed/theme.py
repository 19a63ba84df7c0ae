"""How a site owner wants the widget to look. A wrong wish is no error: a page that shows somebody's order is no place
for one; it gets what is usual."""

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
    """How much of it there is."""

    LINE = "line"
    CARD = "card"
    FULL = "full"


class Theme(StrEnum):
    """By day, by night, or as the browser has it."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


class Font(StrEnum):
    """The kind of letters; which ones is up to the device."""

    SANS = "sans"
    SERIF = "serif"
    MONO = "mono"


SANDBOX = "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox"
"""What a frame of ours may do in a page of somebody else's; static/js/widget-element.js says the same."""
HEIGHTS = {Layout.LINE: 64, Layout.CARD: 276, Layout.FULL: 442}
"""CSS pixels that each layout takes; static/js/widget-element.js keeps them free before the frame is there."""
RADIUS = 12


@dataclass(frozen=True, slots=True)
class Appearance:
    """All of it."""

    layout: Layout = Layout.CARD
    theme: Theme = Theme.AUTO
    accent: str | None = None
    """#rrggbb; without it, the restaurant's own colour."""
    radius: int = RADIUS
    """CSS pixels, at most LARGEST_RADIUS."""
    font: Font = Font.SANS
    translator: Translator = ENGLISH


def colours(accent: str) -> str:
    """The colour (#rrggbb) as CSS writes it, made readable by day and by night."""
    shades = palette(accent)
    return f"light-dark({shades.ink}, {shades.ink_night})"


def parse_appearance(options: Mapping[str, str], *, languages: str | None = None) -> Appearance:
    """What an address asks for by layout, theme, accent, radius, font and lang; what it doesn't, or not well, is usual.

    `languages` is what the browser understands, for a page that doesn't say what it is written in.
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


def _one_of(kind: type[Choice], value: str | None, usual: Choice) -> Choice:
    return kind(value) if value in {choice.value for choice in kind} else usual
