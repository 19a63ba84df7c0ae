"""oEmbed (https://oembed.com) for share links, for sites that show a preview of a link.

Without a key, the response describes the share link as a link. With the API key of an application, it contains the
widget's frame, which only the application's own pages may show. A link that shows nothing any more gets the same 404 as
a link that never existed.
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
"""Seconds for which others may cache the description, and so show it after the link has been revoked."""
WIDTH = 420
"""The width of the frame in CSS pixels, if `maxwidth` allows it."""
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
    """Return the description of the share link in `url`: a frame if an application's `key` is given, else a link."""
    if request.args.get("format", "json") != "json":
        return _json_response(501, error="The only format is json.")
    link = _link(request.args.get("url", ""))
    if link is None:
        return _json_response(404, error=_NO_SUCH_LINK)
    key = request.args.get("key")
    application_id = _application_id(key) if key is not None else None
    if key is not None and application_id is None:
        return _json_response(404, error="There is no application with this key.")
    shape = _rich(link, application_id) if application_id else {"type": "link"}
    provider = {"provider_name": "Tracker", "provider_url": services().settings.origin}
    return _json_response(200, version="1.0", title=link.title, cache_age=CACHED, **provider, **shape)


def _json_response(code: int, **fields: object) -> Response:
    response = jsonify(fields)
    response.status_code = code
    return protect_secret_url(response)


def _link(address: str) -> _Link | None:
    """Return the share link with this address, or None if it is not one or does not show an order."""
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
    """Return the widget's frame, as large as `maxwidth` and `maxheight` allow."""
    width, max_height = _at_most("maxwidth", WIDTH), _at_most("maxheight", HEIGHTS[Layout.CARD])
    layout = Layout.CARD if max_height >= HEIGHTS[Layout.CARD] else Layout.LINE
    height = min(max_height, HEIGHTS[layout])
    document = f"/embed/v1/order-status/{application_id}?layout={layout}"
    src = f"{services().settings.origin}{document}#share={link.secret}"
    html = _FRAME.format(src=src, title=link.title, width=width, height=height, sandbox=SANDBOX)
    return {"type": "rich", "html": html, "width": width, "height": height}


def _at_most(name: str, default: int) -> int:
    text = request.args.get(name, "")
    return min(int(text), default) if text.isascii() and text.isdecimal() and len(text) < 6 and int(text) else default
