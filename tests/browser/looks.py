"""What the tests for accessibility share: which states each run takes, and what is too wide or too small."""

from collections.abc import Iterable

import pytest
from playwright.sync_api import Page

from tests.sampling import sampled

TELLING_STATES = (
    *("placed", "confirmed", "on-the-way", "completed-with-rating-and-refunds", "rejected"),
    *("adjusted-all-at-once", "long-names", "another-language", "own-statuses"),
)
"""States that between them have every part of an order's page, the longest words, and the most lines."""
_TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
_HEIGHTS = "all => all.map(one => [one.textContent.trim() || one.id, one.getBoundingClientRect().height])"


def looked_at(paths: Iterable[str], *, usual: Iterable[str]) -> pytest.MarkDecorator:
    """Run the test for each path; those that are not usual are of the mark `appearance`."""
    return pytest.mark.parametrize("path", sampled(paths, list(usual), pytest.mark.appearance))


def looked_at_together(paths: Iterable[str], *, usual: Iterable[str]) -> pytest.MarkDecorator:
    """Run the test for the usual paths at once, and with the mark `appearance` for all of them.

    For what takes moments: to open a page costs more than to ask it.
    """
    every = pytest.param(list(paths), marks=pytest.mark.appearance)
    return pytest.mark.parametrize("paths", [list(usual), every], ids=["some", "all"])


def is_too_wide(page: Page) -> bool:
    """Whether the page has to be scrolled sideways."""
    return bool(page.evaluate(_TOO_WIDE))


def widths_too_small(page: Page, path: str, widths: Iterable[int]) -> list[int]:
    """Open this path; return the widths of a window in which it has to be scrolled sideways."""
    page.goto(path)
    too_small = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 740})
        if is_too_wide(page):
            too_small.append(width)
    return too_small


def too_small_for_a_finger(page: Page, selector: str) -> list[str]:
    """Return what can be pressed on the open page and is less than 44 pixels high."""
    sizes = page.locator(selector).evaluate_all(_HEIGHTS)
    return [name for name, height in sizes if height < 44 and name != "Skip to content"]
