"""The widget's routes: the loader, the document of the frame, and the region that the frame fetches.

None of them reads or sets a cookie. Access to an order needs a token that is valid for minutes and for the pages of one
origin, or the secret of a share link. Only pages of the application's origins may hold the frame.
"""

from datetime import datetime
from typing import NamedTuple

from flask import Blueprint, Response, abort, make_response, request
from sqlalchemy import Connection

from tracker import clock
from tracker.accounts.queries import application_by_id
from tracker.ids import is_id
from tracker.orders.model import Order
from tracker.orders.queries.onlookers import find_embedded_order, find_shared_status, load_status_details
from tracker.web.embed.frame import render_live_frame
from tracker.web.embed.loader import ADDRESS, loader
from tracker.web.embed.status_view import StatusView, render
from tracker.web.embed.theme import Appearance, parse_appearance
from tracker.web.http import htmx
from tracker.web.http.assets import assets_hash
from tracker.web.http.problems import problem_response
from tracker.web.http.security import allow_framing, protect_secret_url, set_frame_ancestors
from tracker.web.http.services import services

blueprint = Blueprint("embed", __name__)
blueprint.add_url_rule(ADDRESS, "loader", loader, methods=["GET"])

_NOT_VALID = "This token is not valid, or is no longer valid. Request a new one."
_NOT_HERE = "This token is not for pages of this origin. It is valid on one origin of its application only."


class _Opened(NamedTuple):
    """The order that a token gives access to, and until when."""

    order: Order
    ends_at: datetime
    address: str | None
    """The address of the whole order; None means the order's own page."""


@blueprint.get("/embed/v1/order-status/<application_id>")
@allow_framing
def frame(application_id: str) -> Response:
    """Return the document of the frame. Only pages of the application's present origins may hold it."""
    with services().database.autocommit_connection() as connection:
        application = application_by_id(connection, application_id) if is_id(application_id) else None
    if application is None:
        abort(404)
    set_frame_ancestors(application.origins)
    response = protect_secret_url(make_response(render_live_frame(_read_appearance(), application)))
    # These headers let pages hold the frame that require Cross-Origin-Embedder-Policy of everything they embed.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
    return response


@blueprint.get("/embed/v1/order-status/region")
def region() -> Response:
    """Return what the frame shows, or 304 if it has not changed.

    The response is 401 if the token is not valid, and 403 if it is not valid on pages of this origin.
    """
    now, appearance = clock.now(), _read_appearance()
    with services().database.read_connection() as transaction:
        opened = _opened(transaction, now)
        if isinstance(opened, Response):
            return protect_secret_url(opened)
        view = StatusView(opened.order, appearance.layout, appearance.translator, now, address=opened.address)
        etag = htmx.etag_of((assets_hash(), *view.view_key))

        def content() -> str:
            load_status_details(transaction, opened.order)
            return render(view, etag=etag)

        response = htmx.fragment_response(etag, lambda: htmx.fragment_cache().get(etag, content))
    response = protect_secret_url(response)
    # A header and not part of the content, because a 304 response has only headers.
    response.headers["Token-Seconds"] = str(max(0, int((opened.ends_at - now).total_seconds())))
    return response


def _opened(transaction: Connection, now: datetime) -> _Opened | Response:
    authorization = request.authorization
    token = authorization.token if authorization and authorization.type == "bearer" and authorization.token else ""
    if "." not in token:
        key = services().settings.signing_key
        shared = find_shared_status(transaction, token, secret_key=key, now=now)
        return _Opened(shared.order, shared.ends_at, f"/shared/{token}") if shared else _not_valid()
    framed = find_embedded_order(transaction, token, now=now)
    if framed is None:
        return _not_valid()
    here, application = request.headers.get("X-Embedded-In"), application_by_id(transaction, framed.application_id)
    if framed.origin != here or application is None or here not in application.origins:
        return problem_response(403, _NOT_HERE, why="not_on_this_origin")
    return _Opened(framed.order, framed.ends_at, None)


def _not_valid() -> Response:
    response = problem_response(401, _NOT_VALID, why="token_not_valid")
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _read_appearance() -> Appearance:
    return parse_appearance(request.args, languages=request.accept_languages.best)
