"""The shop of the demo's restaurant, on a port of its own.

It serves a page of another origin with the widget of an order, and a button that signs its customer in at the site.
Like a real shop it knows only the application's key, the restaurant's secret and the public API.
"""

import base64
import hashlib
import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HOST = "127.0.0.1"
STYLE = """
    body { font: 1.05rem/1.5 Georgia, serif; max-width: 38rem; margin: 3rem auto; padding: 0 1rem; color: #3b2a22;
           background: #fbf5ec }
    h1 { color: #9c2f1f } button { font: inherit; padding: .6rem 1rem; min-height: 44px } footer { color: #6b5a50 }
"""
SCRIPT = """
document.querySelector("order-status").refreshToken = async () => (await fetch("/token", {method: "POST"})).text();
"""
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Bella Napoli’s own shop</title>
<link rel="icon" href="data:,">
<style>{style}</style>
<script type="module" src="{site}/embed/v1/order-status.js"></script>
<script type="module" src="/shop.js"></script>
<h1>Bella Napoli’s own shop</h1>
<p>Thank you for your order, Robin.</p>
<order-status token="{token}" theme="light"></order-status>
<form method="post" action="/order"><p><button>Open my order</button></p></form>
<footer>This page is the demo’s shop, on a site of its own. It got the widget’s token with the restaurant’s secret.
The button signs Robin in and opens the order; the widget’s link asks for a sign-in first.</footer>
"""
POLICY = (
    "default-src 'none'; script-src 'self' {site}/embed/v1/order-status.js; frame-src {site}; style-src '{style}'; "
    "connect-src 'self'; img-src data:; form-action 'self' {site}; frame-ancestors 'none'; base-uri 'none'"
)


@dataclass(frozen=True, slots=True)
class Shop:
    """The shop's settings: the site's origin, its own origin, its key and secret, and the order that it shows."""

    site: str
    origin: str
    key: str
    secret: str
    order_id: str

    def status_token(self) -> str:
        """Request and return a token for the widget of the order."""
        body = {"key": self.key, "order_id": self.order_id, "scopes": ["status"], "origin": self.origin}
        return str(self._call_api("access_tokens", body)["access_token"])

    def sign_in_address(self) -> str:
        """Request and return an address that signs the customer in, once."""
        return str(self._call_api("sign_in_addresses", {"key": self.key, "order_id": self.order_id})["address"])

    def page(self) -> str:
        """Return the HTML of the shop's page, with a new token."""
        return PAGE.format(style=STYLE, site=self.site, token=self.status_token())

    @property
    def policy(self) -> str:
        """The page's Content-Security-Policy, which allows what the widget and the page itself need."""
        style = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
        return POLICY.format(site=self.site, style=f"sha256-{style}")

    def _call_api(self, resource: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json"}
        request = urllib.request.Request(  # noqa: S310  the demo's own site
            f"{self.site}/api/v1/{resource}", json.dumps(body).encode(), headers, method="POST"
        )
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310  the demo's own site
            document: dict[str, Any] = json.load(response)
        return document


@contextmanager
def open_shop(shop: Shop, port: int) -> Iterator[None]:
    """Serve the shop on this port of this machine until the end of the block."""
    with ThreadingHTTPServer((HOST, port), partial(_ShopHandler, shop)) as server:
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        try:
            yield
        finally:
            server.shutdown()
            serving.join()


class _ShopHandler(BaseHTTPRequestHandler):
    def __init__(self, shop: Shop, *more: Any) -> None:
        self._shop = shop
        super().__init__(*more)

    def do_GET(self) -> None:
        if self.path == "/":
            self._send("text/html", self._shop.page())
        elif self.path == "/shop.js":
            self._send("text/javascript", SCRIPT)
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        # A request from another site's page is refused, because the customer may not have wanted it.
        if self.headers.get("Origin") != self._shop.origin:
            self.send_error(HTTPStatus.FORBIDDEN)
        elif self.path == "/token":
            self._send("text/plain", self._shop.status_token())
        elif self.path == "/order":
            self.send_response(HTTPStatus.SEE_OTHER)
            self.send_header("Location", self._shop.sign_in_address())
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def _send(self, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", self._shop.policy)
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Log nothing, so that the text that the demo prints stays visible."""
