"""A small shop, written as by a developer who knows only the site's /api/v1/openapi.json.

It runs as a program: python shop.py --site http://localhost:8000 --restaurant ID --key KEY --secret SECRET --port 8100
"""

import argparse
import itertools
import json
import secrets
import urllib.request
import uuid
from dataclasses import dataclass, field
from html import escape
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode

PAGE = '<!DOCTYPE html><html lang="en"><title>{title}</title><h1>{title}</h1>{body}'
BUTTON = '<form method="post" action="{action}">{fields}<button>{name}</button></form>'
FIELD = '<label>{name} <input name="{name}"></label>'
WIDGET = """\
<script type="module" src="{site}/embed/v1/order-status.js"></script>
<order-status token="{token}"></order-status>
<script>
  document.querySelector("order-status").refreshToken = async () =>
    (await (await fetch("/token/{order}", {{ method: "POST" }})).json()).access_token;
</script>
"""
PIZZA = {"id": "1", "name": "Margherita", "quantity": 1, "unit_price": "11.50"}


class Site:
    """A client of the site that finds the operations in its OpenAPI document."""

    def __init__(self, address: str, secret: str) -> None:
        self.address, self._secret = address, secret
        self._operations = {
            operation["operationId"]: (method.upper(), path)
            for path, methods in call_json("GET", f"{address}/api/v1/openapi.json")["paths"].items()
            for method, operation in methods.items()
        }

    def call(self, name: str, body: Any = None, *, query: dict[str, str] | None = None, **path_values: str) -> Any:
        """Call this operation and return its response. Raises HTTPError for a problem."""
        method, path = self._operations[name]
        address = f"{self.address}{path.format_map(path_values)}?{urlencode(query or {})}"
        headers = {"Authorization": f"Bearer {self._secret}", "Idempotency-Key": str(uuid.uuid4())}
        headers |= {} if body is None else {"Content-Type": "application/json"}
        return call_json(method, address, headers, None if body is None else json.dumps(body).encode())


def call_json(method: str, address: str, headers: dict[str, str] | None = None, body: bytes | None = None) -> Any:
    """Send a request and return its response, read as JSON. Raises HTTPError for a problem."""
    request = urllib.request.Request(address, body, headers or {}, method=method)  # noqa: S310  the site's own
    with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310  the site's own
        return json.loads(response.read() or b"null")


@dataclass
class Person:
    """A customer of the shop."""

    id: str
    name: str
    email: str
    has_confirmed: bool = False
    orders: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the customer as the site's API expects them."""
        return {"id": self.id, "email": self.email, "email_verified": self.has_confirmed, "name": self.name}


class Shop:
    """The operations of the shop for a customer who is signed in to it."""

    def __init__(self, site: Site, restaurant: str, key: str, origin: str) -> None:
        self.site, self._restaurant, self._key, self._origin = site, restaurant, key, origin
        self.signed_in: dict[str, Person] = {}
        self._numbers = itertools.count(1)

    def sign_up(self, name: str, email: str) -> str:
        """Create an account and return the cookie by which its browser is signed in."""
        cookie = secrets.token_urlsafe(16)
        self.signed_in[cookie] = Person(f"c-{next(self._numbers)}", name, email)
        return cookie

    def order(self, person: Person) -> None:
        """Place an order of a pizza at the site."""
        body = {"customer": person.as_json(), "lines": [PIZZA], "fulfilment": "collection"}
        person.orders.append(self.site.call("place", body, restaurant_id=self._restaurant)["id"])

    def way_to(self, order: str) -> str:
        """Return an address that signs the customer in and shows their order, once."""
        return str(self.site.call("make_sign_in_address", {"key": self._key, "order_id": order})["address"])

    def token_for_widget(self, order: str) -> dict[str, Any]:
        """Return a new token for the widget on this shop's pages, as the API returns it."""
        body = {"key": self._key, "order_id": order, "scopes": ["status"], "origin": self._origin}
        return dict(self.site.call("grant", body))

    def take_back(self, token_id: str | None) -> Any:
        """Revoke one token or, if it is None, all tokens, sign-in addresses and sessions."""
        return self.site.call("revoke_token", token_id=token_id) if token_id else self.site.call("revoke_tokens")

    def home(self, person: Person) -> str:
        """Return the page of this customer."""
        rows = [
            f'<li id="order-{order}">Margherita {button(f"/follow/{order}", "Follow my order")}'
            f'<a href="/order/{order}">How far is it?</a>'
            for order in person.orders
        ]
        change = button("/address", "Change my address", FIELD.format(name="email"))
        confirm = "" if person.has_confirmed else button("/confirm", "Confirm my address")
        about = f"<p>{escape(person.name)}, {person.id}, {escape(person.email)}</p>"
        return page("The shop", about, change, confirm, button("/order", "Order a pizza"), f"<ul>{''.join(rows)}</ul>")


def page(title: str, *parts: str) -> str:
    return PAGE.format(title=escape(title), body="".join(parts))


def button(action: str, name: str, fields: str = "") -> str:
    return BUTTON.format(action=action, name=escape(name), fields=fields)


class Handler(BaseHTTPRequestHandler):
    """The HTTP server of the shop."""

    shop: Shop

    def do_GET(self) -> None:
        """Show a page of the shop."""
        person, (what, _, order) = self._person(), self.path.strip("/").partition("/")
        if person is None:
            fields = FIELD.format(name="name") + FIELD.format(name="email")
            self._show(page("The shop", button("/sign-up", "Sign up", fields)))
        elif what == "order" and order in person.orders:
            token = self.shop.token_for_widget(order)["access_token"]
            self._show(page("How far is it?", WIDGET.format(site=self.shop.site.address, token=token, order=order)))
        else:
            self._show(self.shop.home(person))

    def do_POST(self) -> None:
        """Handle a button of the shop."""
        form = dict(parse_qsl(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()))
        person, (what, _, target_id) = self._person(), self.path.strip("/").partition("/")
        if what == "sign-up":
            self._go_to("/", cookie=self.shop.sign_up(form["name"], form["email"]))
        elif person is None:
            self.send_error(401)
        elif what in ("follow", "token") and target_id not in person.orders:
            self.send_error(404)
        elif what == "follow":
            self._go_to(self.shop.way_to(target_id))
        elif what == "token":
            self._show(json.dumps(self.shop.token_for_widget(target_id)), "application/json")
        elif what == "take-back":
            self._show(json.dumps(self.shop.take_back(target_id or None)), "application/json")
        else:
            self._change(person, what, form)

    def log_message(self, format: str, *arguments: object) -> None:
        """Log nothing, because tests do not read this log."""

    def _change(self, person: Person, what: str, form: dict[str, str]) -> None:
        if what == "order":
            self.shop.order(person)
        elif what == "confirm":
            person.has_confirmed = True
        elif what == "address":
            person.email, person.has_confirmed = form["email"], False
        self._go_to("/")

    def _person(self) -> Person | None:
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("shop")
        return self.shop.signed_in.get(cookie.value) if cookie else None

    def _go_to(self, address: str, *, cookie: str | None = None) -> None:
        self.send_response(303)
        self.send_header("Location", address)
        if cookie is not None:
            self.send_header("Set-Cookie", f"shop={cookie}; HttpOnly; SameSite=Lax; Path=/")
        self.end_headers()

    def _show(self, text: str, kind: str = "text/html") -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(text.encode())


def main() -> None:
    """Run the shop with the options of the command line."""
    parser = argparse.ArgumentParser()
    for name in ("site", "restaurant", "key", "secret"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    origin = f"http://127.0.0.1:{arguments.port}"
    Handler.shop = Shop(Site(arguments.site, arguments.secret), arguments.restaurant, arguments.key, origin)
    ThreadingHTTPServer(("127.0.0.1", arguments.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
