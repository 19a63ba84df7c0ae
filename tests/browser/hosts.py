"""Sites of other people's, each at a name of its own, on whose pages our widget stands; or on which it is tried to."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext
from werkzeug import Request, Response

from tests.browser.pages import served
from tests.machine.chromium import chromium_path
from tests.machine.ports import free_port

NONCE = base64.b64encode(b"the shop's own nonce").decode()
WATCH = """
    window.watch = { shift: 0, tasks: [], messages: [], events: [], names: Object.getOwnPropertyNames(window) };
    const note = (type, then) =>
        new PerformanceObserver((list) => list.getEntries().forEach(then)).observe({ type, buffered: true });
    note("layout-shift", (entry) => (watch.shift += entry.value));
    note("longtask", (entry) => watch.tasks.push({ name: entry.name, duration: entry.duration,
        of: entry.attribution.map((one) => [one.containerType, one.containerSrc, one.containerId].join(" ")) }));
    addEventListener("message", ({ origin, data }) => watch.messages.push({ origin, data }));
    for (const name of ["status", "error", "token-expired"])
        addEventListener(name, ({ target, detail }) =>
            target.localName === "order-status" && watch.events.push({ name, detail }), true);
"""
"""A script of the host page's own, before any other: it notes what it can know of the widget."""


@dataclass
class Hosts:
    """All of them. `shop` is http://shop.localhost and our port: to a browser another site than http://localhost."""

    port: int
    _pages: dict[tuple[str, str], Response] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)

    def origin(self, name: str) -> str:
        """The origin of the site with this name."""
        return f"http://{name}.localhost:{self.port}"

    def put(self, name: str, html: str, path: str = "/", **headers: str) -> str:
        """From now on the site has this page; its address."""
        given = {header.replace("_", "-"): value for header, value in headers.items()}
        self._pages[name, path] = Response(html, mimetype="text/html", headers=given)
        return self.origin(name) + path

    def __call__(self, environ: dict[str, object], start: Callable[..., object]) -> object:
        request = Request(environ)
        self.asked.append(request)
        name = request.host.partition(".localhost")[0]
        return self._pages.get((name, request.path), Response("Not here", 404))(environ, start)


@contextmanager
def hosts() -> Iterator[Hosts]:
    """Their server, which answers to every name."""
    made = Hosts(free_port())
    with served(made, made.port):  # type: ignore[arg-type]  # any application would do
        yield made


def a_page(body: str, *, head: str = "", css: str = "", lang: str = "en", direction: str = "ltr") -> str:
    """A page of somebody's shop, with words before and after, which the widget is not to move."""
    style = f'<style nonce="{NONCE}">{css}</style>' if css else ""
    return f"""<!DOCTYPE html>
<html lang="{lang}" dir="{direction}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>A shop</title>
<link rel="icon" href="data:,"><script nonce="{NONCE}">{WATCH}</script>{style}{head}</head>
<body><h1>Thank you for your order</h1>{body}<p id="after">Buy again soon.</p></body></html>"""


def a_window(browser: Browser, profile: Path, *, blocks_cookies_of_others: bool) -> BrowserContext:
    """A browser window of a person who lets pages of one site send and set cookies of another, or doesn't."""
    (profile / "Default").mkdir(parents=True)
    chosen = {
        "cookie_controls_mode": int(blocks_cookies_of_others),
        "block_third_party_cookies": blocks_cookies_of_others,
    }
    (profile / "Default/Preferences").write_text(json.dumps({"profile": chosen}))
    path, arguments = chromium_path(), ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
    return browser.browser_type.launch_persistent_context(profile, executable_path=path, args=arguments)
