"""Every route of the site as somebody would ask it: with ids that there are, and with whatever it wants to be told."""

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
    "api.docs": "how to write a program for it",
    "problems": "what a kind of problem is",
    "health.up": "whether the site is alive",
    "health.ready": "whether its database is there",
    "customer.home": "it only leads to one's own orders",
    "session.sign_in": "the way in",
    "session.request_code": "the way in",
    "session.code": "the way in",
    "session.submit_code": "the way in",
    "session.open_link": "the way in",
    "session.link": "the way in",
    "session.use_link": "the way in",
    "sign_in_ticket": "the way in from a restaurant's own shop",
    "session.sign_out": "whoever isn't signed in is signed out already",
    "gallery": "made-up orders, in development only",
    "gallery_console": "made-up orders, in development only",
    "gallery_shared": "made-up orders, in development only",
    "gallery_embed": "made-up orders, in development only",
    "embed_instructions": "what owners of other sites paste into their pages",
    "embed_preview": "the widget with a made-up order",
    "embed.loader": "a script that makes an element for frames, the same for everybody",
    "embed.frame": "the frame before it is told of an order; only its application's pages may hold it",
    "mailbox": "a development machine's emails, and nobody has asked for one here",
}
SENT: dict[str, dict[str, Any]] = {
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
"""What is sent to those of the API that want to be told something: a stranger's body is as good as anybody's."""
TYPED = {
    **{"number": 1, "version": 3, "extension": 1, "stars": 5, "amount": "2"},
    **{"status": "Delivered", "minutes": 90, "email": "eve@example.com", "role": "staff"},
    **{"answer_minutes": 10, "window_minutes": 10, "if_unanswered": "cancel", "reject_reasons": "No"},
}
"""The fields of all forms."""
OF_NOBODY = {
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
"""What fills the parts of an address that name no row."""
THE_CHANNELS_DOOR = "pusher_auth.authorise"
ONLY_LOOKING = ("GET", "HEAD")

Question = tuple[str, str, dict[str, Any]]


def rules(app: Flask) -> list[Rule]:
    return [*app.url_map.iter_rules()]


def is_for_everybody(rule: Rule) -> bool:
    """Whether the rule, or all of its door, is named above."""
    return any(rule.endpoint == name or rule.endpoint.startswith(f"{name}.") for name in FOR_EVERYBODY)


def addresses(app: Flask, rule: Rule, world: World) -> Iterator[str]:
    """The rule's address with every id of Bella Ago's that it can have, and a rival's own door to it."""
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
    known = {name: choices[name] or ids.get(name) or [OF_NOBODY.get(name)] for name in rule.arguments}
    unknown = [name for name, values in known.items() if values == [None]]
    assert not unknown, f"{rule.rule}: say in this test what {unknown} may be"
    with app.test_request_context():
        adapter = app.create_url_adapter(None) or app.url_map.bind("localhost")
        for values in itertools.product(*known.values()):
            yield adapter.build(rule.endpoint, dict(zip(known, values, strict=True)), method=None)


def questions(app: Flask, rule: Rule, world: World) -> Iterator[Question]:
    """Each way in which the rule can be asked: the method, the address, and what is sent with it."""
    methods = sorted((rule.methods or set()) - {"OPTIONS"})
    for method, address in itertools.product(methods, addresses(app, rule, world)):
        if rule.endpoint != THE_CHANNELS_DOOR:
            sent = {"json": SENT.get(rule.endpoint, {})} if address.startswith("/api/") else {"data": TYPED}
            yield method, address, {} if method in ONLY_LOOKING else sent
            continue
        of_orders = (f"private-{kind}-{order}" for kind in "os" for order in world.orders)
        for channel in [f"presence-r-{world.restaurant}", *of_orders]:
            yield method, address, {"query_string": {"channel_name": channel, "socket_id": "1.2"}}


def ask(app: Flask, somebody: Somebody, method: str, address: str, sent: dict[str, Any]) -> TestResponse:
    """Their response, to be closed."""
    more = dict(sent)
    if "query_string" in more:
        more["query_string"] = more["query_string"] | somebody.proof
    headers = {"Idempotency-Key": "one"} | somebody.headers
    return somebody.client(app).open(address, method=method, headers=headers, **more)


def is_refused(response: TestResponse) -> bool:
    """They are told nothing but that it isn't theirs, isn't there, or that they should sign in."""
    if response.status_code == 303:
        return urlsplit(response.location).path == "/sign-in"
    if response.status_code == 400:  # who shows nothing at all at the channels' door is told what to show
        says = response.get_data(as_text=True) or " is missing"  # HEAD has no words
        return response.request.path == "/api/v1/pusher/auth" and " is missing" in says
    return response.status_code in (401, 403, 404)


def needles_in(response: TestResponse, world: World) -> list[str]:
    said = f"{response.headers} {response.get_data(as_text=True)}"
    return [needle for needle in (*NEEDLES, *world.secrets) if needle in said]
