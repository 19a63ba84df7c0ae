"""Where customers share their order: one tap makes a link, and a page lists the links and stops them."""

from datetime import datetime

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from tracker import clock
from tracker.orders.model import Order
from tracker.orders.operations.attempt import attempt
from tracker.orders.operations.share_links import (
    ShareLink,
    link_of_order,
    open_links_of_order,
    revoke_link,
    share_order,
)
from tracker.orders.operations.storage import order_of_customer
from tracker.orders.refusals import Refusal
from tracker.web.customer.share_links_view import SharingPage, address_of
from tracker.web.http.auth import SignedIn, ask_to_sign_in_first, signed_in, signed_in_or_none
from tracker.web.http.responses import private
from tracker.web.http.services import parts
from tracker.web.order.view import shared_link_title

blueprint = Blueprint("sharing", __name__, url_prefix="/orders/<order_id>/share")


@blueprint.get("")
def links(order_id: str) -> Response:
    """The links that there are, to copy and to stop, and a form for another one."""
    return _page(order_id)


@blueprint.post("")
def make(order_id: str) -> ResponseReturnValue:
    """A link: for somebody, if the form says for whom, or else the one for everybody."""
    visitor = _visitor(order_id)
    made_for = " ".join(request.form.get("made_for", "").split()) or None
    key, now = parts().settings.signing_key, clock.now()

    def work(session: Session) -> tuple[ShareLink, str] | Refusal:
        order = _order(session, visitor, order_id, now)
        open_links = open_links_of_order(session, order, secret_key=key, now=now)

        def share() -> tuple[ShareLink, str]:
            link = share_order(order, open_links, made_for, secret_key=key, now=now)
            session.add(link)
            return link, order.restaurant.name

        return attempt(session, share)

    made = parts().database.write(work)
    is_script = request.accept_mimetypes.best == "application/json"
    if isinstance(made, Refusal):
        return (jsonify(error=made.sentence), 409) if is_script else (_page(order_id, made), 409)
    if is_script:
        link, restaurant = made
        return private(jsonify(url=_address(link), title=shared_link_title(restaurant)))
    return redirect(url_for(".links", order_id=order_id, _anchor=f"link-{made[0].id}"), 303)


@blueprint.post("/<link_id>/revoke")
def revoke(order_id: str, link_id: str) -> ResponseReturnValue:
    """From now on this link shows nothing to anybody."""
    visitor = _visitor(order_id)
    with parts().database.writing() as session:
        now = clock.now()
        link = link_of_order(session, _order(session, visitor, order_id, now), link_id) or abort(404)
        revoke_link(link, now=now)
    return redirect(url_for(".links", order_id=order_id), 303)


def _visitor(order_id: str) -> SignedIn:
    return signed_in_or_none() or ask_to_sign_in_first(back_to=url_for(".links", order_id=order_id))


def _order(session: Session, visitor: SignedIn, order_id: str, now: datetime) -> Order:
    theirs = order_of_customer(session, visitor.customer_id, order_id, only_at=visitor.only_at, now=now)
    return theirs or abort(404)


def _page(order_id: str, refusal: Refusal | None = None) -> Response:
    visitor, now = signed_in(), clock.now()
    with parts().database.reading() as session:
        order = _order(session, visitor, order_id, now)
        key = parts().settings.signing_key
        found = open_links_of_order(session, order, secret_key=key, now=now)
    page = SharingPage(order, [(link, _address(link)) for link in found], now)
    return private(render_template("share/links.html", page=page, writing=page.writing, refusal=refusal))


def _address(link: ShareLink) -> str:
    return address_of(link, parts().settings)
