"""Requests to every route of the site, with existing ids and with valid fields, by different people and programs."""

import itertools
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.web.stranger_builders import Somebody
from tests.web.strangers import NEEDLES, World

FOR_EVERYBODY = {
    "static": "scripts, styles and pictures",
    "api.docs": "the documentation of the API",
    "problems": "the documentation of a type of problem",
    "health.up": "whether the site is alive",
    "health.ready": "whether its database answers",
    "customer.home": "it only redirects to the visitor's own orders",
    "session.sign_in": "signing in",
    "session.request_code": "signing in",
    "session.code": "signing in",
    "session.submit_code": "signing in",
    "session.open_link": "signing in",
    "session.link": "signing in",
    "session.use_link": "signing in",
    "sign_in_ticket": "signing in from a restaurant's own shop",
    "session.sign_out": "signing out has no effect without a session",
    "gallery": "made-up orders, in development only",
    "gallery_console": "made-up orders, in development only",
    "gallery_shared": "made-up orders, in development only",
    "gallery_embed": "made-up orders, in development only",
    "embed_instructions": "instructions for owners of other sites",
    "embed_preview": "the widget with a made-up order",
    "embed.loader": "a script that makes an element for frames, the same for everybody",
    "embed.frame": "the frame without an order; only its application's pages may hold it",
    "mailbox": "e-mails in development only, of which there are none here",
}
BODIES: dict[str, dict[str, Any]] = {
    "api.actions.progress": {"status": "Out for delivery"},
    "api.actions.promise": {"minutes": 90},
    "api.actions.adjust": {"time": 45},
    "api.tokens.grant": {"key": "a-guess", "customer": {"id": "7"}},
    "api.sign_in_addresses.make_sign_in_address": {"key": "a-guess", "order_id": "0" * 24},
    "api.placement.place": {
        "fulfilment": "collection",
        "lines": [{"id": "1", "name": "Soup", "quantity": 1, "unit_price": "5.00"}],
    },
}
"""Valid bodies for routes of the API that need one."""
FORM_FIELDS = {
    **{"number": 1, "version": 3, "extension": 1, "stars": 5, "amount": "2"},
    **{"status": "Delivered", "minutes": 90, "email": "eve@example.com", "role": "staff"},
    **{"answer_minutes": 10, "window_minutes": 10, "if_unanswered": "cancel", "reject_reasons": "No"},
}
"""Valid values for the fields of all forms."""
OTHER_ARGUMENTS = {
    "secret": "a-guess",
    "key": "a-guess",
    "path": "css/site.css",
    "slug": "not-now",
    "state": "placed",
    "code": 404,
    "application_id": "0" * 24,
    "platform_name": "flipdish",
    "fulfilment": "delivery",
}
"""Values for the arguments of routes that are not ids of rows."""
CHANNEL_AUTHORISATION = "pusher_auth.authorise"
SAFE_METHODS = ("GET", "HEAD")

RouteRequest = tuple[str, str, dict[str, Any]]


def rules(app: Flask) -> list[Rule]:
    return [*app.url_map.iter_rules()]


def is_for_everybody(rule: Rule) -> bool:
    """Return whether the rule's endpoint or its blueprint is in FOR_EVERYBODY."""
    return any(rule.endpoint == name or rule.endpoint.startswith(f"{name}.") for name in FOR_EVERYBODY)


def addresses(app: Flask, rule: Rule, world: World) -> Iterator[str]:
    """Yield the rule's addresses with all ids of Bella Ago that it can have, and with the other restaurant's id."""
    ids = {
        "restaurant_id": [world.restaurant, world.other],
        "order_id": world.orders,
        "account_id": [world.platform_account],
        "token_id": [world.token],
        "link_id": [world.link],
        "customer_id": world.members,
        "email_id": [world.orders[0]],
    }
    choices = {name: getattr(rule._converters[name], "items", None) for name in rule.arguments}
    arguments = {name: choices[name] or ids.get(name) or [OTHER_ARGUMENTS.get(name)] for name in rule.arguments}
    unknown = [name for name, values in arguments.items() if values == [None]]
    assert not unknown, f"{rule.rule}: add values for {unknown} to this test"
    with app.test_request_context():
        adapter = app.create_url_adapter(None) or app.url_map.bind("localhost")
        for values in itertools.product(*arguments.values()):
            yield adapter.build(rule.endpoint, dict(zip(arguments, values, strict=True)), method=None)


def requests_to(app: Flask, rule: Rule, world: World) -> Iterator[RouteRequest]:
    """Yield all requests to the rule: the method, the address, and what is sent with it."""
    methods = sorted((rule.methods or set()) - {"OPTIONS"})
    for method, address in itertools.product(methods, addresses(app, rule, world)):
        if rule.endpoint != CHANNEL_AUTHORISATION:
            sent = {"json": BODIES.get(rule.endpoint, {})} if address.startswith("/api/") else {"data": FORM_FIELDS}
            yield method, address, {} if method in SAFE_METHODS else sent
            continue
        of_orders = (f"private-{kind}-{order}" for kind in "os" for order in world.orders)
        for channel in [f"presence-r-{world.restaurant}", *of_orders]:
            yield method, address, {"query_string": {"channel_name": channel, "socket_id": "1.2"}}


def ask(app: Flask, somebody: Somebody, method: str, address: str, sent: dict[str, Any]) -> TestResponse:
    """Send a request as this person or program, and return the response, which the caller closes."""
    more = dict(sent)
    if "query_string" in more:
        more["query_string"] = more["query_string"] | somebody.proof
    headers = {"Idempotency-Key": "one"} | somebody.headers
    return somebody.client(app).open(address, method=method, headers=headers, **more)


def is_refused(response: TestResponse) -> bool:
    """Return whether the response only says that access is refused, nothing is found, or a session is needed."""
    if response.status_code == 303:
        return urlsplit(response.location).path == "/sign-in"
    if response.status_code == 400:  # without any credentials, /pusher/auth names the missing field
        text = response.get_data(as_text=True) or " is missing"  # the response to HEAD has no body
        return response.request.path == "/api/v1/pusher/auth" and " is missing" in text
    return response.status_code in (401, 403, 404)


def needles_in(response: TestResponse, world: World) -> list[str]:
    text = f"{response.headers} {response.get_data(as_text=True)}"
    return [needle for needle in (*NEEDLES, *world.secrets) if needle in text]
