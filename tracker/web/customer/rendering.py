"""How their order is shown to a customer: as a whole page, or as the live region of one that is open already."""

from collections.abc import Callable
from datetime import datetime

from flask import Response, abort, jsonify, render_template
from markupsafe import Markup
from sqlalchemy import Connection

from tracker import clock
from tracker.accounts.tokens import OWN_KEY, PAGE_TOKEN_LIFE, page_token
from tracker.ids import is_id
from tracker.orders.model import Order
from tracker.orders.queries.viewed_order import Looked, glance_at_order, look_at_order, look_closer
from tracker.orders.refusals import Refusal
from tracker.web.customer.list_view import OrderList
from tracker.web.customer.order_view import OrderPage
from tracker.web.http import htmx
from tracker.web.http.assets import assets_hash
from tracker.web.http.auth import ask_to_sign_in_first, proof_of_session, recognise, signed_in
from tracker.web.http.responses import private
from tracker.web.http.services import parts


def whole_page(order_id: str, refusal: Refusal | None = None) -> Response:
    """The order's page, as the order is now. On top of it the refusal of what was just tried, if there is one."""
    now = clock.now()
    with parts().database.looking() as transaction:
        page = OrderPage(_found(look_at_order, transaction, order_id, now), now)
        etag = etag_of(page)
        region = _region_with(page, etag, transaction, refusal)
    live = {"token": _token(order_id), "key": OWN_KEY, "region": region, "now": now}
    return private(render_template("customer/order.html", page=page, writing=page.writing, **live))


def live_region(order_id: str) -> Response:
    """The order's live region alone; most often it is as the page that asks shows it."""
    now = clock.now()
    with parts().database.glancing() as connection:
        glimpse = OrderPage(_found(glance_at_order, connection, order_id, now), now)
    if htmx.is_known(etag := etag_of(glimpse)):
        return htmx.unchanged(etag)
    return region_after(order_id)


def region_after(order_id: str, refusal: Refusal | None = None) -> Response:
    """The order's live region after something was done or, with a refusal, tried: the answer to a form of the page."""
    now = clock.now()
    with parts().database.looking() as transaction:
        page = OrderPage(_found(look_at_order, transaction, order_id, now), now)
        etag = etag_of(page)
        return htmx.answer(etag, lambda: _region_with(page, etag, transaction, refusal))


def token_to_listen(order_id: str) -> Response:
    """Another token for the page to listen with, before its last one ends."""
    with parts().database.glancing() as connection:
        _found(glance_at_order, connection, order_id, clock.now())
    return private(jsonify(_token(order_id)))


def etag_of(shown: OrderPage | OrderList) -> str:
    """The ETag of a region as it is shown now, by the style and the scripts of now."""
    return htmx.etag_of((assets_hash(), *shown.looks_like))


def _found(finder: Callable[..., Looked | None], connection: Connection, order_id: str, now: datetime) -> Order:
    """The order that the finder finds for who is looking, who is then known."""
    if not is_id(order_id):
        signed_in()
        abort(404)
    looked = finder(connection, proof_of_session(), order_id, now=now) or ask_to_sign_in_first()
    recognise(looked.customer_id, looked.known_as, looked.only_at)
    return looked.order or abort(404)


def _region_with(page: OrderPage, etag: str, transaction: Connection, refusal: Refusal | None) -> Markup:
    def render() -> str:
        look_closer(transaction, page.order)
        page.refusal = refusal
        return render_template("customer/_live.html", page=page, writing=page.writing, etag=etag)

    if refusal:  # is for who has just tried something, and not for the next who sees the same order
        return Markup(render())  # noqa: S704  a template's own output
    return htmx.kept_regions().get(etag, render)


def _token(order_id: str) -> dict[str, str | int]:
    key = parts().settings.signing_key
    made = page_token(key, proof_of_session(), order_id, now=clock.now())
    return {"access_token": made, "expires_in": int(PAGE_TOKEN_LIFE.total_seconds())}
