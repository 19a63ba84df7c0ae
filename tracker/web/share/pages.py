"""Routes of the shared page. It shows an order to anybody with the link, and nothing about its customer.

An expired or revoked link gets the same response as one that never existed, byte for byte.
"""

from flask import Blueprint, Response, jsonify, make_response, render_template
from markupsafe import Markup
from sqlalchemy import Connection

from tracker import clock
from tracker.accounts.tokens import PAGE_TOKEN_LIFETIME, PAGES_KEY, make_share_token
from tracker.orders.queries.onlookers import SharedOrder, find_shared_order, load_shared_details
from tracker.web.http import htmx
from tracker.web.http.assets import assets_hash
from tracker.web.http.security import protect_secret_url
from tracker.web.http.services import services
from tracker.web.share.view import SharedPage

blueprint = Blueprint("share", __name__, url_prefix="/shared/<secret>")


@blueprint.get("")
def page(secret: str) -> Response:
    """Show the order with live updates."""
    now = clock.now()
    with services().database.read_connection() as transaction:
        shared = find_shared_order(transaction, secret, secret_key=_key(), now=now)
        if shared is None:
            return _gone()
        view = SharedPage(shared, secret, now)
        region = _region(transaction, view, _etag(view))
    live = {
        "token": _token(shared),
        "key": PAGES_KEY,
        "region": region,
        "now": now,
        "origin": services().settings.origin,
    }
    html = render_template("share/shared.html", page=view, formatter=view.formatter, **live)
    return protect_secret_url(make_response(html))


@blueprint.get("/live")
def live(secret: str) -> Response:
    """Return the order's live region for a page that is open already, or 304 if it has not changed."""
    now = clock.now()
    with services().database.read_connection() as transaction:
        shared = find_shared_order(transaction, secret, secret_key=_key(), now=now)
        if shared is None:
            return _gone()
        view = SharedPage(shared, secret, now)
        etag = _etag(view)
        return protect_secret_url(htmx.fragment_response(etag, lambda: _region(transaction, view, etag)))


@blueprint.get("/token")
def token(secret: str) -> Response:
    """Return a new access token for the page, which asks for it before the last one expires."""
    with services().database.autocommit_connection() as connection:
        shared = find_shared_order(connection, secret, secret_key=_key(), now=clock.now())
    return protect_secret_url(jsonify(_token(shared))) if shared else _gone()


def _gone() -> Response:
    return protect_secret_url(make_response(render_template("share/gone.html"), 404))


def _etag(view: SharedPage) -> str:
    return htmx.etag_of((assets_hash(), *view.view_key))


def _region(transaction: Connection, view: SharedPage, etag: str) -> Markup:
    def render() -> str:
        load_shared_details(transaction, view.order)
        return render_template("share/_live.html", page=view, formatter=view.formatter, etag=etag)

    return htmx.fragment_cache().get(etag, render)


def _token(shared: SharedOrder) -> dict[str, str | int]:
    access_token = make_share_token(_key(), shared.link_id, shared.order.id, now=clock.now())
    return {"access_token": access_token, "expires_in": int(PAGE_TOKEN_LIFETIME.total_seconds())}


def _key() -> str:
    return services().settings.signing_key
