"""Helpers of the accessibility tests: the states of each run, and checks for pages too wide and buttons too small."""

from collections.abc import Iterable

import pytest
from playwright.sync_api import Page

from tests.sampling import sampled

TELLING_STATES = (
    *("placed", "confirmed", "on-the-way", "completed-with-rating-and-refunds", "rejected"),
    *("adjusted-all-at-once", "long-names", "another-language", "own-statuses"),
)
"""States that together show every part of an order's page, the longest words and the most lines."""
_TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
_HEIGHTS = "all => all.map(one => [one.textContent.trim() || one.id, one.getBoundingClientRect().height])"


def looked_at(paths: Iterable[str], *, usual: Iterable[str]) -> pytest.MarkDecorator:
    """Run the test once for each path; paths that are not in `usual` get the mark `appearance`."""
    return pytest.mark.parametrize("path", sampled(paths, list(usual), pytest.mark.appearance))


def looked_at_together(paths: Iterable[str], *, usual: Iterable[str]) -> pytest.MarkDecorator:
    """Run the test once for all usual paths, and once, with the mark `appearance`, for all paths.

    This suits quick checks, for which starting a test takes longer than the check itself.
    """
    all_paths = pytest.param(list(paths), marks=pytest.mark.appearance)
    return pytest.mark.parametrize("paths", [list(usual), all_paths], ids=["some", "all"])


def is_too_wide(page: Page) -> bool:
    """Return whether the page has to be scrolled sideways."""
    return bool(page.evaluate(_TOO_WIDE))


def widths_too_small(page: Page, path: str, widths: Iterable[int]) -> list[int]:
    """Open this path and return those widths of a window at which it has to be scrolled sideways."""
    page.goto(path)
    too_small = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 740})
        if is_too_wide(page):
            too_small.append(width)
    return too_small


def too_small_for_a_finger(page: Page, selector: str) -> list[str]:
    """Return the elements of the open page that match the selector and are less than 44 pixels high."""
    sizes = page.locator(selector).evaluate_all(_HEIGHTS)
    return [name for name, height in sizes if height < 44 and name != "Skip to content"]
