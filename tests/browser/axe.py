"""The violations that axe-core finds on a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
LOOKS = {"runOnly": {"type": "rule", "values": ["color-contrast", "target-size", "scrollable-region-focusable"]}}
RUN = "(options) => axe.run({ ...options, resultTypes: ['violations'] }).then(({ violations }) => violations)"


def complaints(page: Page, *, options: dict[str, object] | None = None) -> list[str]:
    """Return each violation as its rule and the beginning of the element's HTML."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    violations = page.evaluate(RUN, options or RULES)
    return [f"{violation['id']}: {node['html'][:120]}" for violation in violations for node in violation["nodes"]]


def complaints_by_day_and_night(page: Page, *, widths: tuple[int, int]) -> list[str]:
    """Return the violations of all rules on a small light page, and of colours and sizes on a large dark page."""
    small, large = widths
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size({"width": small, "height": 740})
    by_day = complaints(page)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.set_viewport_size({"width": large, "height": 740})
    return by_day + complaints(page, options=LOOKS)
