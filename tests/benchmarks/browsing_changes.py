"""From the last byte of a webhook until the words are on the screen, beside the bare parts of the same road: a single
trigger, pusher-js's callback, and one GET of a text that is ready; same engine, same Chromium, same distance."""

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
"""Seconds between two changes, until everybody has come to rest."""
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
    """Ours and both references in turns, on SQLite; an order's page is a fresh one after so many changes."""
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
    """Milliseconds of each change."""
    _, address = on.order_address()
    with the_bare_page(on, _region(on.open(address))) as bare:
        _one_order(on, bare)  # Chromium learns the scripts by doing
        taken: Taken = {"ours": [], "official": [], "plainest": []}
        for _ in range(orders):
            for who, those in _one_order(on, bare).items():
                taken[who] += those
    return taken


def _one_order(on: Screens, bare: Page) -> Taken:
    number, address = on.order_address()
    page = on.open(address)
    taken: Taken = {"ours": []}
    for stop in range(CHANGES_OF_AN_ORDER):
        words = f"Courier at stop {stop}"
        taken["ours"].append(_until_seen(page, words, partial(on.tell_status, number, words)))
        for who, trigger in on.triggers.items():
            taken.setdefault(who, []).append(_until_seen(bare, "Bella Napoli", trigger))
    page.context.close()
    return taken


def _until_seen(page: Page, words: str, act: Act) -> float:
    """Milliseconds, by the clock of this machine, from which Chromium's differs by nothing that matters."""
    page.evaluate(WATCH, words)
    began = act()
    seen = float(page.evaluate("change")) / 1000
    if not began < seen <= time.time():
        raise RuntimeError("Chromium's clock is not ours.")
    time.sleep(PAUSE)
    return (seen - began) * 1000


def _region(page: Page) -> str:
    """What our own page asks for, so that the bare one brings as much."""
    text = page.request.get(f"{page.url}/live").text()
    page.context.close()
    return text
