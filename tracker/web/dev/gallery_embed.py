"""Gallery of the widget, in development only: every state, layout, language and appearance."""

from flask import Blueprint, abort, request

from tracker import clock
from tracker.samples.platform_orders import STATES
from tracker.web.embed.frame import render_static_frame
from tracker.web.embed.status_view import render_status
from tracker.web.embed.theme import parse_appearance

blueprint = Blueprint("gallery_embed", __name__, url_prefix="/gallery/embed")


@blueprint.get("/<state>")
def status(state: str) -> str:
    """Show the content of the frame in one state.

    The query parameters are those of the real frame: layout, theme, accent, radius, font and lang.
    """
    build = STATES.get(state) or abort(404)
    now, appearance = clock.now(), parse_appearance(request.args)
    order = build(now)
    region = render_status(order, appearance.layout, appearance.translator.tag, now)
    return render_static_frame(appearance, region, colour=order.restaurant.colour)
