"""The first view of an order's page with an empty cache, on Slow 4G and a quarter of the processor, as throttled by
Lighthouse and Chromium's own tools.

They delay each request by 3.75 round trips of 150 ms, to account for opening the connection. They delay the opening of
a WebSocket, but not its messages, so this benchmark delays those by a real round trip of 150 ms.
"""

from collections.abc import Iterator
from statistics import median
from typing import Any

from playwright.sync_api import CDPSession

from tests.benchmarks.screens import Screens, screens
from tests.benchmarks.table import Row, Size, below, benchmark

KBIT = 1024 / 8
ROUND_TRIP = 0.15
SLOW_4G = {
    "offline": False,
    "latency": ROUND_TRIP * 3.75 * 1000,
    "downloadThroughput": 1.6 * 1024 * 0.9 * KBIT,
    "uploadThroughput": 750 * 0.9 * KBIT,
}
SLOWER_PROCESSOR = 4
PHONE = {"width": 360, "height": 740}
NOTE = """
    window.view = { paint: 0, shift: 0, live: 0 };
    const note = (type, then) =>
        new PerformanceObserver((list) => list.getEntries().forEach(then)).observe({ type, buffered: true });
    note("largest-contentful-paint", (entry) => (view.paint = entry.startTime));
    note("layout-shift", (entry) => (view.shift += entry.value));
    document.addEventListener("connection", ({ detail }) => {
        if (detail.state === "live") view.live ||= performance.now();
    });
"""
UNTIL_QUIET = 1.0
"""Seconds after which all requests that follow the subscription have ended."""


@benchmark("first-view")
def first_view(size: Size) -> Iterator[Row]:
    """Yield medians of the times and maxima of bytes, requests and shift, each view in a new browser context."""
    times = {Size.QUICK: 2, Size.USUAL: 9, Size.FULL: 30}[size]
    with screens(ROUND_TRIP, to_open=0) as on:
        number, address = on.order_address()
        on.post_status(number, "Out for delivery")
        near = address.replace(f":{on.ports['web']}/", f":{on.site.port}/")
        views = [_view(on, near) for _ in range(times + 1)][1:]
    worst = {name: max(view[name] for view in views) for name in views[0]}
    usual = {name: median(view[name] for view in views) / 1000 for name in ("paint", "live")}
    yield below("first view, kB", worst["bytes"] / 1000, 45, form="{:.1f}", note="headers included")
    yield Row("first view, requests", "", f"{worst['requests']:.0f}", None, "", None)
    yield below("first view, largest paint", usual["paint"], 1.2, note="s; Slow 4G, CPU/4")
    yield below("first view, live", usual["live"], 2.5, note="s; subscribed; Slow 4G, CPU/4")
    yield Row("first view, layout shift", "", f"{worst['shift']:.4f}", None, "0", not worst["shift"])


def _view(on: Screens, address: str) -> dict[str, float]:
    """Open the page once and return its times in milliseconds, its bytes, requests and layout shift."""
    context = on.browser.new_context(viewport=PHONE)  # type: ignore[arg-type]  # it accepts a dict
    context.add_cookies(on.cookies)  # type: ignore[arg-type]  # they have the form in which Playwright returned them
    page = context.new_page()
    page.add_init_script(NOTE)
    sizes = _throttled(context.new_cdp_session(page))
    page.goto(address, wait_until="commit")
    page.wait_for_selector("[data-state=live]", timeout=60_000)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(UNTIL_QUIET * 1000)
    noted: dict[str, float] = page.evaluate("view")
    context.close()
    if not all((noted["paint"], noted["live"], sizes)):
        raise RuntimeError(f"The page has not reported its times: {noted}")
    return noted | {"bytes": sum(sizes), "requests": len(sizes)}


def _throttled(session: CDPSession) -> list[float]:
    """Throttle network and processor. Return a list to which the bytes of each response are added."""
    sizes: list[float] = []

    def finished(response: dict[str, Any]) -> None:
        sizes.append(response["encodedDataLength"])

    session.on("Network.loadingFinished", finished)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_4G)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_PROCESSOR})
    return sizes
