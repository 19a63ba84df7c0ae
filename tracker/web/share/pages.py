"""The shared page: an order for whoever has the link, signed in or not, and nothing of whose order it is.

A link that shows nothing any more is answered like one that never was, byte for byte.
"""

from flask import Blueprint, Response, jsonify, make_response, render_template
from markupsafe import Markup
from sqlalchemy import Connection

from tracker import clock
from tracker.accounts.tokens import OWN_KEY, PAGE_TOKEN_LIFE, share_token
from tracker.orders.queries.onlookers import Shared, look_at_shared_order, look_closer_at_shared
from tracker.web.http import htmx
from tracker.web.http.assets import assets_hash
from tracker.web.http.security import keep_address_secret
from tracker.web.http.services import parts
from tracker.web.share.view import SharedPage

blueprint = Blueprint("shared", __name__, url_prefix="/shared/<secret>")


@blueprint.get("")
def page(secret: str) -> Response:
    """The order, live."""
    now = clock.now()
    with parts().database.looking() as transaction:
        found = look_at_shared_order(transaction, secret, secret_key=_key(), now=now)
        if found is None:
            return _gone()
        shown = SharedPage(found, secret, now)
        region = _region(transaction, shown, _etag(shown))
    live = {"token": _token(found), "key": OWN_KEY, "region": region, "now": now, "origin": parts().settings.origin}
    answer = render_template("share/shared.html", page=shown, writing=shown.writing, **live)
    return keep_address_secret(make_response(answer))


@blueprint.get("/live")
def live(secret: str) -> Response:
    """The order's live region alone, for the page that shows it already."""
    now = clock.now()
    with parts().database.looking() as transaction:
        found = look_at_shared_order(transaction, secret, secret_key=_key(), now=now)
        if found is None:
            return _gone()
        shown = SharedPage(found, secret, now)
        etag = _etag(shown)
        return keep_address_secret(htmx.answer(etag, lambda: _region(transaction, shown, etag)))


@blueprint.get("/token")
def token(secret: str) -> Response:
    """Another token for the page to listen with, before its last one ends."""
    with parts().database.glancing() as connection:
        found = look_at_shared_order(connection, secret, secret_key=_key(), now=clock.now())
    return keep_address_secret(jsonify(_token(found))) if found else _gone()


def _gone() -> Response:
    return keep_address_secret(make_response(render_template("share/gone.html"), 404))


def _etag(shown: SharedPage) -> str:
    return htmx.etag_of((assets_hash(), *shown.looks_like))


def _region(transaction: Connection, shown: SharedPage, etag: str) -> Markup:
    def render() -> str:
        look_closer_at_shared(transaction, shown.order)
        return render_template("share/_live.html", page=shown, writing=shown.writing, etag=etag)

    return htmx.kept_regions().get(etag, render)


def _token(found: Shared) -> dict[str, str | int]:
    made = share_token(_key(), found.link_id, found.order.id, now=clock.now())
    return {"access_token": made, "expires_in": int(PAGE_TOKEN_LIFE.total_seconds())}


def _key() -> str:
    return parts().settings.signing_key
