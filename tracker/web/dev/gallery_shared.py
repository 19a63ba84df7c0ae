"""Gallery of shared pages and of the pages with share links, in development only. Its links are invalid."""

from datetime import datetime, timedelta

from flask import Blueprint, abort, render_template
from markupsafe import Markup

from tracker import clock
from tracker.ids import new_id
from tracker.orders.model import Order
from tracker.orders.operations.share_links import MAX_LINKS, ShareLink, links_expire_at
from tracker.orders.queries.onlookers import WITHHELD, SharedOrder
from tracker.orders.refusals import NotPossible, Refusal
from tracker.samples.platform_orders import STATES
from tracker.web.customer.share_links_view import ShareLinksPage
from tracker.web.share.view import SharedPage

blueprint = Blueprint("gallery_shared", __name__, url_prefix="/gallery")

NAMES = ("Sam", None, "Zoë & Małgorzata from the third floor, next to the lift", "علی‌رضا", "👩‍👩‍👧", *["Kim"] * 9)
SHARING = {
    "none-yet": ("confirmed", 0),
    "some": ("confirmed", 5),
    "as-many-as-there-may-be": ("on-the-way", MAX_LINKS),
    "after-the-end": ("completed-and-not-thanked", 2),
    "came-to-nothing": ("rejected", 1),
    "refused": ("confirmed", 2),
}
"""Cases of the page with share links: the order's state and the number of links."""
PAGES = ("/shared-link-is-dead", *(f"/sharing/{state}" for state in SHARING))
"""Paths of the gallery besides the shared pages."""


@blueprint.get("/shared/<state>")
def shared(state: str) -> str:
    """Show the shared page of an order in one state, without live updates."""
    now = clock.now()
    order = _without_what_is_withheld((STATES.get(state) or abort(404))(now))
    page = SharedPage(SharedOrder(new_id(now), links_expire_at(order), order), "of-no-link", now)
    region = Markup(render_template("share/_live.html", page=page, formatter=page.formatter, etag=""))  # noqa: S704  our own
    return render_template("share/shared.html", page=page, formatter=page.formatter, region=region, token=None)


@blueprint.get("/sharing/<state>")
def sharing(state: str) -> str:
    """Show the page with the customer's share links."""
    now = clock.now()
    order_state, count = SHARING.get(state) or abort(404)
    order = STATES[order_state](now)
    page = ShareLinksPage(order, [_make_link(order, name, now) for name in NAMES[:count]], now)
    return render_template("share/links.html", page=page, formatter=page.formatter, refusal=_refusal_of(state))


@blueprint.get("/shared-link-is-dead")
def dead() -> str:
    """Show the page of an invalid link."""
    return render_template("share/gone.html")


def _without_what_is_withheld(order: Order) -> Order:
    for name in WITHHELD:
        setattr(order, name, None)
    return order


def _make_link(order: Order, name: str | None, now: datetime) -> tuple[ShareLink, str]:
    link = ShareLink(id=new_id(now), hash="", order_id=order.id, made_for=name, created_at=now - timedelta(minutes=9))
    return link, f"https://orders.example.com/shared/of-no-link-{link.id}-to-any-order-here"


def _refusal_of(state: str) -> Refusal | None:
    return NotPossible("Say who it is for in at most 80 characters.") if state == "refused" else None
