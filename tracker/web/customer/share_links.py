"""Routes with which customers share an order: make a link, list the links, and revoke one."""

from datetime import datetime

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from tracker import clock
from tracker.orders.model import Order
from tracker.orders.operations.attempt import attempt
from tracker.orders.operations.share_links import (
    ShareLink,
    find_link,
    find_open_links,
    revoke_link,
    share_order,
)
from tracker.orders.operations.storage import find_order_for_customer
from tracker.orders.refusals import Refusal
from tracker.web.customer.share_links_view import ShareLinksPage, address_of
from tracker.web.http.auth import SignedInCustomer, current_customer, redirect_to_sign_in, require_customer
from tracker.web.http.responses import private
from tracker.web.http.services import services
from tracker.web.order.view import shared_link_title

blueprint = Blueprint("share_links", __name__, url_prefix="/orders/<order_id>/share")


@blueprint.get("")
def links(order_id: str) -> Response:
    """Show the order's links, with buttons to copy and revoke them, and a form for another one."""
    return _page(order_id)


@blueprint.post("")
def make(order_id: str) -> ResponseReturnValue:
    """Make a link for the person named in `made_for`, or return the one for everybody.

    The response to scripts is JSON with `url` and `title`, or `error` and 409. Forms are redirected to the list.
    """
    visitor = _visitor(order_id)
    made_for = " ".join(request.form.get("made_for", "").split()) or None
    key, now = services().settings.signing_key, clock.now()

    def work(session: Session) -> tuple[ShareLink, str] | Refusal:
        order = _order(session, visitor, order_id, now)
        open_links = find_open_links(session, order, secret_key=key, now=now)

        def share() -> tuple[ShareLink, str]:
            link = share_order(order, open_links, made_for, secret_key=key, now=now)
            session.add(link)
            return link, order.restaurant.name

        return attempt(session, share)

    result = services().database.run_in_transaction(work)
    is_script = request.accept_mimetypes.best == "application/json"
    if isinstance(result, Refusal):
        return (jsonify(error=result.sentence), 409) if is_script else (_page(order_id, result), 409)
    link, restaurant = result
    if is_script:
        return private(jsonify(url=_address(link), title=shared_link_title(restaurant)))
    return redirect(url_for(".links", order_id=order_id, _anchor=f"link-{link.id}"), 303)


@blueprint.post("/<link_id>/revoke")
def revoke(order_id: str, link_id: str) -> ResponseReturnValue:
    """Revoke the link: from now on it shows nothing to anybody."""
    visitor = _visitor(order_id)
    with services().database.transaction() as session:
        now = clock.now()
        link = find_link(session, _order(session, visitor, order_id, now), link_id) or abort(404)
        revoke_link(link, now=now)
    return redirect(url_for(".links", order_id=order_id), 303)


def _visitor(order_id: str) -> SignedInCustomer:
    return current_customer() or redirect_to_sign_in(return_path=url_for(".links", order_id=order_id))


def _order(session: Session, visitor: SignedInCustomer, order_id: str, now: datetime) -> Order:
    order = find_order_for_customer(
        session, visitor.customer_id, order_id, only_restaurant_id=visitor.only_restaurant_id, now=now
    )
    return order or abort(404)


def _page(order_id: str, refusal: Refusal | None = None) -> Response:
    visitor, now = require_customer(), clock.now()
    with services().database.read_session() as session:
        order = _order(session, visitor, order_id, now)
        key = services().settings.signing_key
        open_links = find_open_links(session, order, secret_key=key, now=now)
    page = ShareLinksPage(order, [(link, _address(link)) for link in open_links], now)
    return private(render_template("share/links.html", page=page, formatter=page.formatter, refusal=refusal))


def _address(link: ShareLink) -> str:
    return address_of(link, services().settings)
