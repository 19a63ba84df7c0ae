"""Sign-in tickets: a restaurant's shop links to a one-time address that signs its customer in and shows the order."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from tracker import clock
from tracker.accounts.model import Restaurant
from tracker.accounts.sign_in import start_session
from tracker.accounts.sign_in_tickets import (
    LINK_PATH,
    ShopSession,
    SignInTicket,
    find_shop_session,
    sign_in_ticket_by_secret,
    use_sign_in_ticket,
)
from tracker.web.http.auth import SignedInCustomer, current_customer, sign_in_customer
from tracker.web.http.security import protect_secret_url
from tracker.web.http.services import services

blueprint = Blueprint("sign_in_ticket", __name__)


@blueprint.get(f"{LINK_PATH}<secret>")
def open_ticket(secret: str) -> Response:
    """Sign the ticket's customer in and redirect to their order. If another customer is signed in, ask first.

    HEAD requests, prefetches and previews do not use the ticket up.
    """
    if request.method == "HEAD":
        return protect_secret_url(Response(status=204))
    if not _is_navigation():
        return protect_secret_url(Response(status=503))  # browsers don't keep a 503 for the navigation itself
    return protect_secret_url(Response(status=303, headers={"Location": _redirect_target(secret)}))


@blueprint.get("/sign-in-ticket")
def show() -> ResponseReturnValue:
    """Ask the signed-in customer whether to switch accounts. Return 410 without a valid ticket."""
    with services().database.read_session() as session:
        found = sign_in_ticket_by_secret(session, cookie.get("sign_in_ticket", ""), now=clock.now(), for_update=False)
        restaurant = session.get_one(Restaurant, found.restaurant_id) if found else None
    if not restaurant:
        return _expired()
    return render_template("session/sign_in_ticket.html", restaurant=restaurant, current=current_customer())


@blueprint.post("/sign-in-ticket")
def confirm() -> ResponseReturnValue:
    """Use the ticket after the customer has confirmed that they want to switch accounts."""
    order_id = _redeem(cookie.get("sign_in_ticket", ""))
    return redirect(url_for("customer.order", order_id=order_id), 303) if order_id else _expired()


@blueprint.app_template_global()
def shop_session() -> ShopSession | None:
    """Return the restaurant whose shop signed the visitor in, or None if they are signed out or see all orders."""
    visitor = current_customer()
    if visitor is None or visitor.only_restaurant_id is None:
        return None
    with services().database.read_session() as session:
        return find_shop_session(session, visitor.session_hash, now=clock.now())


def _redirect_target(secret: str) -> str:
    cookie.pop("sign_in_ticket", None)
    with services().database.read_session() as session:
        found = sign_in_ticket_by_secret(session, secret, now=clock.now(), for_update=False)
    current = current_customer()
    if found and current and current.customer_id != found.customer_id:
        cookie["sign_in_ticket"] = secret
        return url_for("sign_in_ticket.show")
    order_id = _redeem(secret) if found else None
    return url_for("customer.order", order_id=order_id) if order_id else url_for("sign_in_ticket.show")


def _redeem(secret: str) -> str | None:
    """Use the ticket with this secret and sign its customer in. Return the order's id, or None if it is not valid."""
    now, current = clock.now(), current_customer()

    def work(session: Session) -> tuple[str, str | None] | None:
        found = sign_in_ticket_by_secret(session, secret, now=now, for_update=True)
        if found is None:
            return None
        use_sign_in_ticket(found, now=now)
        if _can_see_order(current, found):
            return found.order_id, None
        token = start_session(session, found.customer, remember=False, now=now, restaurant_id=found.restaurant_id)
        return found.order_id, token

    order_id, token = services().database.run_in_transaction(work) or (None, None)
    if token:
        sign_in_customer(token, remember=False)
    if order_id:
        cookie.pop("sign_in_ticket", None)
    return order_id


def _can_see_order(current: SignedInCustomer | None, found: SignInTicket) -> bool:
    """Return whether the current session already shows the order: then it is kept, as it may show more orders."""
    is_theirs = current is not None and current.customer_id == found.customer_id
    return is_theirs and current is not None and current.only_restaurant_id in (None, found.restaurant_id)


def _is_navigation() -> bool:
    """Return whether the visitor opens the address, as opposed to a prefetch, a preview, or a frame or image."""
    headers = request.headers
    purpose = " ".join(headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")).lower()
    is_prefetch = "prefetch" in purpose or "preview" in purpose
    return not is_prefetch and headers.get("Sec-Fetch-Dest", "document") == "document"


def _expired() -> ResponseReturnValue:
    return render_template("session/sign_in_ticket_expired.html"), 410
