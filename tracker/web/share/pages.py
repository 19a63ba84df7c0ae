"""The shared page: an order for whoever has the link, signed in or not, and nothing of whose order it is.

A link that shows nothing any more is answered like one that never was, byte for byte.
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
    """The order, live."""
    now = clock.now()
    with services().database.read_connection() as transaction:
        found = find_shared_order(transaction, secret, secret_key=_key(), now=now)
        if found is None:
            return _gone()
        shown = SharedPage(found, secret, now)
        region = _region(transaction, shown, _etag(shown))
    live = {
        "token": _token(found),
        "key": PAGES_KEY,
        "region": region,
        "now": now,
        "origin": services().settings.origin,
    }
    html = render_template("share/shared.html", page=shown, formatter=shown.formatter, **live)
    return protect_secret_url(make_response(html))


@blueprint.get("/live")
def live(secret: str) -> Response:
    """The order's live region alone, for the page that shows it already."""
    now = clock.now()
    with services().database.read_connection() as transaction:
        found = find_shared_order(transaction, secret, secret_key=_key(), now=now)
        if found is None:
            return _gone()
        shown = SharedPage(found, secret, now)
        etag = _etag(shown)
        return protect_secret_url(htmx.fragment_response(etag, lambda: _region(transaction, shown, etag)))


@blueprint.get("/token")
def token(secret: str) -> Response:
    """Another token for the page to listen with, before its last one ends."""
    with services().database.autocommit_connection() as connection:
        found = find_shared_order(connection, secret, secret_key=_key(), now=clock.now())
    return protect_secret_url(jsonify(_token(found))) if found else _gone()


def _gone() -> Response:
    return protect_secret_url(make_response(render_template("share/gone.html"), 404))


def _etag(shown: SharedPage) -> str:
    return htmx.etag_of((assets_hash(), *shown.view_key))


def _region(transaction: Connection, shown: SharedPage, etag: str) -> Markup:
    def render() -> str:
        load_shared_details(transaction, shown.order)
        return render_template("share/_live.html", page=shown, formatter=shown.formatter, etag=etag)

    return htmx.fragment_cache().get(etag, render)


def _token(found: SharedOrder) -> dict[str, str | int]:
    made = make_share_token(_key(), found.link_id, found.order.id, now=clock.now())
    return {"access_token": made, "expires_in": int(PAGE_TOKEN_LIFETIME.total_seconds())}


def _key() -> str:
    return services().settings.signing_key
