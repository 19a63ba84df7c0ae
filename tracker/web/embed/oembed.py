"""oEmbed (https://oembed.com) for share links: what a site is told that makes a preview of a link by itself.

A link is described as one, for anybody; to whom names the key of an application, the widget's plain frame is given,
which stands on that application's own pages only. A link that shows nothing is answered like one that never was.
"""

import re
from dataclasses import dataclass

from flask import Blueprint, Response, jsonify, request
from markupsafe import Markup

from tracker import clock
from tracker.accounts.access_tokens import application_by_key
from tracker.orders.queries.onlookers import find_shared_status
from tracker.web.embed.theme import HEIGHTS, SANDBOX, Layout
from tracker.web.http.security import protect_secret_url
from tracker.web.http.services import services
from tracker.web.order.view import shared_link_title

blueprint = Blueprint("oembed", __name__)

CACHED = 60
"""Seconds for which somebody else may show what a link was when it shows nothing any more."""
WIDTH = 420
"""CSS pixels of the frame, where there is room for them."""
_SECRET = re.compile(r"/shared/([\w-]{1,100})", re.ASCII)
_FRAME = Markup(
    '<iframe src="{src}" title="{title}" width="{width}" height="{height}" frameborder="0" loading="lazy"'
    ' referrerpolicy="strict-origin"'
    ' sandbox="{sandbox}"></iframe>'
)
_NO_SUCH_LINK = "There is no such link, or it shows nothing any more."


@dataclass(frozen=True, slots=True)
class _Link:
    """A share link that shows an order."""

    secret: str
    title: str


@blueprint.get("/oembed")
def describe() -> Response:
    """What the link in `url` is, in JSON; with an application's `key` as a frame, else as a link."""
    if request.args.get("format", "json") != "json":
        return _json_response(501, error="There is only JSON here.")
    link = _link(request.args.get("url", ""))
    if link is None:
        return _json_response(404, error=_NO_SUCH_LINK)
    key = request.args.get("key")
    application_id = _application_id(key) if key is not None else None
    if key is not None and application_id is None:
        return _json_response(404, error="There is no application with this key.")
    shape = _rich(link, application_id) if application_id else {"type": "link"}
    by_us = {"provider_name": "Tracker", "provider_url": services().settings.origin}
    return _json_response(200, version="1.0", title=link.title, cache_age=CACHED, **by_us, **shape)


def _json_response(code: int, **what: object) -> Response:
    response = jsonify(what)
    response.status_code = code
    return protect_secret_url(response)


def _link(address: str) -> _Link | None:
    """The link with this address, if it is one of ours and shows an order."""
    origin = services().settings.origin
    found = _SECRET.fullmatch(address.removeprefix(origin)) if address.startswith(f"{origin}/") else None
    if found is None:
        return None
    key = services().settings.signing_key
    with services().database.autocommit_connection() as connection:
        shared = find_shared_status(connection, found[1], secret_key=key, now=clock.now())
    return _Link(found[1], shared_link_title(shared.order.restaurant.name)) if shared else None


def _application_id(key: str) -> str | None:
    with services().database.read_session() as session:
        application = application_by_key(session, key)
        return application.id if application else None


def _rich(link: _Link, application_id: str) -> dict[str, object]:
    """The widget's frame, as large as there is room for."""
    width, room = _at_most("maxwidth", WIDTH), _at_most("maxheight", HEIGHTS[Layout.CARD])
    layout = Layout.CARD if room >= HEIGHTS[Layout.CARD] else Layout.LINE
    height = min(room, HEIGHTS[layout])
    document = f"/embed/v1/order-status/{application_id}?layout={layout}"
    src = f"{services().settings.origin}{document}#share={link.secret}"
    html = _FRAME.format(src=src, title=link.title, width=width, height=height, sandbox=SANDBOX)
    return {"type": "rich", "html": html, "width": width, "height": height}


def _at_most(name: str, usual: int) -> int:
    text = request.args.get(name, "")
    return min(int(text), usual) if text.isascii() and text.isdecimal() and len(text) < 6 and int(text) else usual
