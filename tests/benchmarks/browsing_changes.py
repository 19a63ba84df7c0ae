"""The time from the last byte of a webhook until its words are on the screen, beside the least that the same way takes:
one trigger, the callback of pusher-js, and one GET of a text in memory, with the same engine, Chromium and distance."""

import time
from collections.abc import Iterator
from functools import partial
from statistics import quantiles

from playwright.sync_api import Page

from tests.benchmarks.screens import Act, Screens, screens, the_bare_page
from tests.benchmarks.table import Row, Size, at_most, benchmark

GOALS = {50: 1.5, 99: 2.0}
CHANGES_OF_AN_ORDER = 10
PAUSE = 0.03
"""Seconds between two changes, so that all processes are idle again."""
WATCH = """(words) => {
    const live = document.getElementById("live");
    window.change = new Promise((seen) => {
        const observer = new MutationObserver(() => {
            if (!document.getElementById("live").textContent.includes(words)) return;
            observer.disconnect();
            seen(performance.timeOrigin + performance.now());
        });
        observer.observe(live.parentNode, { childList: true, characterData: true, subtree: true });
    });
}"""
Taken = dict[str, list[float]]


@benchmark("change-to-screen")
def change_to_screen(size: Size) -> Iterator[Row]:
    """Measure ours and both references in turn, on SQLite. The page is opened anew for each order."""
    orders = {Size.QUICK: 1, Size.USUAL: 24, Size.FULL: 100}[size]
    for round_trip in (0, 100):
        with screens(round_trip / 1000) as on:
            taken = _changes(on, orders)
        for percent, goal in GOALS.items():
            ours, official, plainest = (
                quantiles(taken[who], n=100, method="inclusive")[percent - 1]
                for who in ("ours", "official", "plainest")
            )
            what = f"webhook → screen, p{percent}, {round_trip} ms round trip"
            note = f"ms; beside the official client's trigger; of the plainest POST: {plainest:.1f} ms"
            yield at_most(what, official, ours, goal, form="{:,.1f}", note=note)


def _changes(on: Screens, orders: int) -> Taken:
    """Return the milliseconds of each change, for ours and both references."""
    _, address = on.order_address()
    with the_bare_page(on, _region(on.open(address))) as bare:
        _one_order(on, bare)  # warms up: Chromium compiles the scripts
        taken: Taken = {"ours": [], "official": [], "plainest": []}
        for _ in range(orders):
            for who, times in _one_order(on, bare).items():
                taken[who] += times
    return taken


def _one_order(on: Screens, bare: Page) -> Taken:
    number, address = on.order_address()
    page = on.open(address)
    taken: Taken = {"ours": []}
    for stop in range(CHANGES_OF_AN_ORDER):
        words = f"Courier at stop {stop}"
        taken["ours"].append(_until_seen(page, words, partial(on.post_status, number, words)))
        for who, trigger in on.triggers.items():
            taken.setdefault(who, []).append(_until_seen(bare, "Bella Napoli", trigger))
    page.context.close()
    return taken


def _until_seen(page: Page, words: str, act: Act) -> float:
    """Return the milliseconds from the act until the words are shown. Chromium has the clock of this machine."""
    page.evaluate(WATCH, words)
    began = act()
    seen = float(page.evaluate("change")) / 1000
    if not began < seen <= time.time():
        raise RuntimeError("Chromium's clock differs from the clock of this process.")
    time.sleep(PAUSE)
    return (seen - began) * 1000


def _region(page: Page) -> str:
    """Return the live region of our page, so that the bare page fetches as many bytes."""
    text = page.request.get(f"{page.url}/live").text()
    page.context.close()
    return text
