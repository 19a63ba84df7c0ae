"""The widget on a page of another site: its bytes and the time until it is live on a phone (Slow 4G, a quarter of the
processor), and its cost for the page that embeds it, beside the same page without it in the same run."""

from collections.abc import Iterator
from statistics import median
from typing import Any

from playwright.sync_api import Browser, CDPSession, Frame, Page

from tests.benchmarks.browsing_first_view import PHONE, ROUND_TRIP, SLOW_4G, SLOWER_PROCESSOR
from tests.benchmarks.screens import BROWSER, Screens, screens
from tests.benchmarks.table import Row, Size, at_most, below, benchmark
from tests.browser.hosts import Hosts, a_page, hosts
from tests.browser.other_sites import FRAME
from tests.machine.chromium import chromium_path
from tracker import clock
from tracker.accounts.access_tokens import MAX_STATUS_LIFETIME, grant_access
from tracker.accounts.model import Application, Customer, Scope
from tracker.orders.model import Order
from tracker.orders.operations.share_links import enable_status_channel
from tracker.web.embed.theme import HEIGHTS, Layout

LAYOUT = Layout.FULL
LARGEST = {"loader": 3.0, "frame": 35.0}
"""The permitted kB, as documented."""
LONGEST_TASK = 50
UNTIL_QUIET = 1000
"""Milliseconds after which all requests that follow the subscription have ended."""
ONE_PROCESS = ("--disable-site-isolation-trials", "--disable-features=IsolateOrigins,site-per-process")
HOLDING = "/holding"
Noted = dict[str, float]


@benchmark("widget")
def widget(size: Size) -> Iterator[Row]:
    """Yield medians of the times, and maxima of bytes, requests, shift and tasks, each view in a new browser context.

    The pages with and without the widget are measured in turn. Bytes and times are measured with page and frame in one
    process, as on small phones, because only then Chromium throttles the frame together with its page. The cost for
    the page is measured with the frame in a process of its own, and without throttling.
    """
    times = {Size.QUICK: 2, Size.USUAL: 9, Size.FULL: 30}[size]
    with screens(ROUND_TRIP, to_open=0) as on, hosts() as others:
        plain, holding = _pages(on, others)
        one_process = on.browser.browser_type.launch(executable_path=chromium_path(), args=[*BROWSER, *ONE_PROCESS])
        together, apart, without = [], [], []
        for _ in range(times + 1):
            together.append(_view(one_process, holding, on_a_phone=True))
            apart.append(_view(on.browser, holding))
            without.append(_view(on.browser, plain))
        one_process.close()
    for views in (together, apart, without):
        views.pop(0)  # the first view warms up: Chromium compiles the scripts
    transferred, cost = ({name: max(view[name] for view in views) for name in views[0]} for views in (together, apart))
    yield below("widget, loader, kB", transferred["loader"] / 1000, LARGEST["loader"], note="headers included")
    yield below(
        "widget, in the frame, kB",
        transferred["frame"] / 1000,
        LARGEST["frame"],
        form="{:.1f}",
        note="headers included",
    )
    yield Row("widget, requests", "", f"{transferred['requests']:.0f}", None, "", None)
    yield Row("widget, order shown", "", f"{_usual(together, 'shown'):.2f}", None, "", None, "s; Slow 4G, CPU/4")
    yield Row("widget, live", "", f"{_usual(together, 'live'):.2f}", None, "", None, "s; subscribed; Slow 4G, CPU/4")
    time_without, time_with = (1000 * _usual(views, "TaskDuration") for views in (without, apart))
    yield at_most(
        "page with the widget, main thread", time_without, time_with, None, note="ms; beside the same without"
    )
    yield below(
        "page with the widget, longest task", cost["longest"], LONGEST_TASK, form="{:.0f}", note="ms of its own"
    )
    shift = max(transferred["shift"], cost["shift"])
    yield Row("page with the widget, layout shift", "", f"{shift:.4f}", None, "0", not shift)


def _usual(views: list[Noted], name: str) -> float:
    return median(view[name] for view in views)


def _pages(on: Screens, others: Hosts) -> tuple[str, str]:
    """Return the addresses of a shop's page without the widget and with it."""
    number, _ = on.order_address()
    token = _token(on, number, others.origin("shop"))
    base = on.site.url
    place = f'<svg display="block" width="1" height="{HEIGHTS[LAYOUT]}"></svg>'
    element = f'<order-status token="{token}" layout="{LAYOUT}">{place}</order-status>'
    loader = f'<script type="module" src="{base}/embed/v1/order-status.js"></script>'
    return others.put("shop", a_page(place), "/plain"), others.put("shop", a_page(element, head=loader), HOLDING)


def _token(on: Screens, number: int, origin: str) -> str:
    order_id = on.site.order(str(number)).id
    with on.site.database.transaction() as session:
        application = session.get_one(Application, on.site.application.id)
        application.origins = [origin]
        order = session.get_one(Order, order_id)
        access_token, token = grant_access(
            application,
            session.get_one(Customer, order.customer_id),
            lifetime=MAX_STATUS_LIFETIME,
            now=clock.now(),
            order_id=order_id,
            restaurant_id=order.restaurant_id,
            scopes=(Scope.STATUS,),
            origin=origin,
        )
        session.add(access_token)
        enable_status_channel(session, order_id)
    return token


def _view(browser: Browser, address: str, *, on_a_phone: bool = False) -> Noted:
    """Open the page once and return its times in seconds, its bytes, requests, tasks and layout shift."""
    context = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]  # it accepts a dict
    page = context.new_page()
    sizes: dict[str, float] = {}
    session = _record_sizes(context.new_cdp_session(page), sizes)
    if on_a_phone:
        session.send("Network.emulateNetworkConditions", SLOW_4G)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_PROCESSOR})
    page.goto(address, wait_until="commit")
    noted = _until_live(page) if address.endswith(HOLDING) else {}
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(UNTIL_QUIET)
    measured = session.send("Performance.getMetrics")["metrics"]
    noted |= {metric["name"]: metric["value"] for metric in measured if metric["name"] == "TaskDuration"}
    own = [task["duration"] for task in page.evaluate("watch.tasks") if task["name"] in ("self", "unknown")]
    noted |= {"shift": page.evaluate("watch.shift"), "longest": max(own, default=0.0)} | _transferred(sizes)
    context.close()
    return noted


def _until_live(page: Page) -> Noted:
    """Wait until the widget shows the order and is live. Return both times in seconds since the page was opened."""
    noted: Noted = {}
    for name, place in (("shown", "#status[data-version]"), ("live", "[data-connection=live]")):
        _frame_of(page).wait_for_selector(place, timeout=60_000)
        noted[name] = page.evaluate("performance.now()") / 1000
    return noted


def _frame_of(page: Page) -> Frame:
    for _ in range(10_000):
        if found := next((frame for frame in page.frames if FRAME in frame.url), None):
            return found
        page.wait_for_timeout(5)
    raise RuntimeError("The widget has no frame.")


def _transferred(sizes: dict[str, float]) -> Noted:
    """Return the bytes of the loader and of all responses to the frame, and the number of responses."""
    ours = {address: size for address, size in sizes.items() if "shop.localhost" not in address}
    loader = sum(size for address, size in ours.items() if address.endswith("/order-status.js"))
    return {"loader": loader, "frame": sum(ours.values()) - loader, "requests": len(ours)}


def _record_sizes(session: CDPSession, sizes: dict[str, float]) -> CDPSession:
    """Record the bytes of each later response in `sizes`, by its number and address. Return the session."""
    urls: dict[str, str] = {}

    def note(event: dict[str, Any]) -> None:
        sizes[f"{event['requestId']} {urls.get(event['requestId'], '')}"] = event["encodedDataLength"]

    session.on("Network.requestWillBeSent", lambda event: urls.update({event["requestId"]: event["request"]["url"]}))
    session.on("Network.loadingFinished", note)
    session.send("Performance.enable")
    session.send("Network.enable")
    return session
