"""What others see of an order, and where its customer shares it, on the designer's table. No link here leads
anywhere."""

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
"""The customer's page by what is to be seen: an order's state, and how many links there are."""
PAGES = ("/shared-link-is-dead", *(f"/sharing/{state}" for state in SHARING))
"""What there is to see beside the shared page of each state."""


@blueprint.get("/shared/<state>")
def shared(state: str) -> str:
    """The shared page of an order in one state; it is not live."""
    now = clock.now()
    order = _without_what_is_withheld((STATES.get(state) or abort(404))(now))
    page = SharedPage(SharedOrder(new_id(now), links_expire_at(order), order), "of-no-link", now)
    region = Markup(render_template("share/_live.html", page=page, formatter=page.formatter, etag=""))  # noqa: S704  our own
    return render_template("share/shared.html", page=page, formatter=page.formatter, region=region, token=None)


@blueprint.get("/sharing/<state>")
def sharing(state: str) -> str:
    """Where the customer shares the order."""
    now = clock.now()
    of_order, count = SHARING.get(state) or abort(404)
    order = STATES[of_order](now)
    page = ShareLinksPage(order, [_make_link(order, name, now) for name in NAMES[:count]], now)
    return render_template("share/links.html", page=page, formatter=page.formatter, refusal=_refusal_of(state))


@blueprint.get("/shared-link-is-dead")
def dead() -> str:
    """What a link shows that shows nothing any more."""
    return render_template("share/gone.html")


def _without_what_is_withheld(order: Order) -> Order:
    for name in WITHHELD:
        setattr(order, name, None)
    return order


def _make_link(order: Order, name: str | None, now: datetime) -> tuple[ShareLink, str]:
    made = ShareLink(id=new_id(now), hash="", order_id=order.id, made_for=name, created_at=now - timedelta(minutes=9))
    return made, f"https://orders.example.com/shared/of-no-link-{made.id}-to-any-order-here"


def _refusal_of(state: str) -> Refusal | None:
    return NotPossible("Say who it is for in at most 80 letters.") if state == "refused" else None
