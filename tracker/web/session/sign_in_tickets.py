"""Where customers arrive whom a restaurant's own shop hands over: signed in, on their order, the secret left behind."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from tracker import clock
from tracker.accounts.model import Restaurant
from tracker.accounts.sign_in import start_session
from tracker.accounts.sign_in_tickets import (
    LINK_PATH,
    CameFrom,
    HandOver,
    came_from,
    hand_over_by_secret,
    use_hand_over,
)
from tracker.web.http.auth import SignedIn, let_in, signed_in_or_none
from tracker.web.http.security import keep_address_secret
from tracker.web.http.services import parts

blueprint = Blueprint("hand_over", __name__)


@blueprint.get(f"{LINK_PATH}<secret>")
def arrive(secret: str) -> Response:
    """Sign in whom the shop means, and go on to their order; somebody else who is signed in here is asked first.

    What only looks ahead, or at a link, uses nothing up.
    """
    if request.method == "HEAD":
        return keep_address_secret(Response(status=204))
    if not _is_somebody_coming():
        return keep_address_secret(Response(status=503))  # of all answers this one is not kept for when they do come
    return keep_address_secret(Response(status=303, headers={"Location": _way_on(secret)}))


@blueprint.get("/hand-over")
def ask() -> ResponseReturnValue:
    """Ask who is signed in whether to become somebody else; whoever comes with nothing is told to try again."""
    with parts().database.reading() as session:
        found = hand_over_by_secret(session, cookie.get("hand_over", ""), now=clock.now(), to_use=False)
        restaurant = session.get_one(Restaurant, found.restaurant_id) if found else None
    if not restaurant:
        return _dead()
    return render_template("session/sign_in_ticket.html", restaurant=restaurant, already=signed_in_or_none())


@blueprint.post("/hand-over")
def go_on() -> ResponseReturnValue:
    """Become somebody else, as was asked."""
    order_id = _order_entered(cookie.get("hand_over", ""))
    return redirect(url_for("customer.order", order_id=order_id), 303) if order_id else _dead()


@blueprint.app_template_global()
def came_from_shop() -> CameFrom | None:
    """The restaurant at whose shop's word alone the visitor is signed in, if it is so."""
    visitor = signed_in_or_none()
    if visitor is None or visitor.only_at is None:
        return None
    with parts().database.reading() as session:
        return came_from(session, visitor.session_hash, now=clock.now())


def _way_on(secret: str) -> str:
    cookie.pop("hand_over", None)
    with parts().database.reading() as session:
        found = hand_over_by_secret(session, secret, now=clock.now(), to_use=False)
    already = signed_in_or_none()
    if found and already and already.customer_id != found.customer_id:
        cookie["hand_over"] = secret
        return url_for("hand_over.ask")
    order_id = _order_entered(secret) if found else None
    return url_for("customer.order", order_id=order_id) if order_id else url_for("hand_over.ask")


def _order_entered(secret: str) -> str | None:
    """The order to which this secret has just signed this browser in, if it was still good."""
    now, already = clock.now(), signed_in_or_none()

    def work(session: Session) -> tuple[str, str | None] | None:
        found = hand_over_by_secret(session, secret, now=now, to_use=True)
        if found is None:
            return None
        use_hand_over(found, now=now)
        if _sees_that(already, found):
            return found.order_id, None
        token = start_session(session, found.customer, keep=False, now=now, restaurant_id=found.restaurant_id)
        return found.order_id, token

    order_id, token = parts().database.write(work) or (None, None)
    if token:
        let_in(token, keep=False)
    if order_id:
        cookie.pop("hand_over", None)
    return order_id


def _sees_that(already: SignedIn | None, found: HandOver) -> bool:
    """Whether this session is theirs and opens as much: then it stays, for it may open more, and longer."""
    is_theirs = already is not None and already.customer_id == found.customer_id
    return is_theirs and already is not None and already.only_at in (None, found.restaurant_id)


def _is_somebody_coming() -> bool:
    """Not a browser that fetches what they may want next, and not the picture or frame of a page."""
    headers = request.headers
    purpose = " ".join(headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")).lower()
    is_ahead = "prefetch" in purpose or "preview" in purpose
    return not is_ahead and headers.get("Sec-Fetch-Dest", "document") == "document"


def _dead() -> ResponseReturnValue:
    return render_template("session/sign_in_ticket_dead.html"), 410
