"""Web sites of other parties, each under its own host name, whose pages contain our widget or try to."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext
from werkzeug import Request, Response

from tests.browser.pages import served
from tests.machine.chromium import full_chromium_path
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
"""The first script of a host page. It records everything that the page can observe of the widget."""


@dataclass
class Hosts:
    """Serves the sites of other parties. A browser treats http://shop.localhost as another site than http://localhost."""

    port: int
    _pages: dict[tuple[str, str], Response] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)

    def origin(self, name: str) -> str:
        """Return the origin of the site with this name."""
        return f"http://{name}.localhost:{self.port}"

    def put(self, name: str, html: str, path: str = "/", **headers: str) -> str:
        """Add this page to the site, or replace it, and return its address."""
        http_headers = {header.replace("_", "-"): value for header, value in headers.items()}
        self._pages[name, path] = Response(html, mimetype="text/html", headers=http_headers)
        return self.origin(name) + path

    def __call__(self, environ: dict[str, object], start: Callable[..., object]) -> object:
        request = Request(environ)
        self.requests.append(request)
        name = request.host.partition(".localhost")[0]
        return self._pages.get((name, request.path), Response("Not here", 404))(environ, start)


@contextmanager
def hosts() -> Iterator[Hosts]:
    """Serve the sites of all names on one port."""
    sites = Hosts(free_port())
    with served(sites, sites.port):  # type: ignore[arg-type]  # any application would do
        yield sites


def a_page(body: str, *, head: str = "", css: str = "", lang: str = "en", direction: str = "ltr") -> str:
    """Return a page of a shop, with text before and after the body, which the widget must not move."""
    style = f'<style nonce="{NONCE}">{css}</style>' if css else ""
    return f"""<!DOCTYPE html>
<html lang="{lang}" dir="{direction}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>A shop</title>
<link rel="icon" href="data:,"><script nonce="{NONCE}">{WATCH}</script>{style}{head}</head>
<body><h1>Thank you for your order</h1>{body}<p id="after">Buy again soon.</p></body></html>"""


def a_window(browser: Browser, profile: Path, *, blocks_cookies_of_others: bool) -> BrowserContext:
    """Launch a browser with this profile, which blocks or permits cookies of a site in pages of another."""
    (profile / "Default").mkdir(parents=True)
    preferences = {
        "cookie_controls_mode": int(blocks_cookies_of_others),
        "block_third_party_cookies": blocks_cookies_of_others,
    }
    (profile / "Default/Preferences").write_text(json.dumps({"profile": preferences}))
    path, arguments = (
        full_chromium_path(),
        ["--no-sandbox", "--disable-background-networking", "--disable-component-update"],
    )
    return browser.browser_type.launch_persistent_context(profile, executable_path=path, args=arguments)
