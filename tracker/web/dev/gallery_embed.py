"""The designer's table, on development machines only: the status widget in every state, layout, language and look."""

from flask import Blueprint, abort, request

from tracker import clock
from tracker.samples.platform_orders import STATES
from tracker.web.embed.frame import render_static_frame
from tracker.web.embed.status_view import render_status
from tracker.web.embed.theme import parse_appearance

blueprint = Blueprint("gallery_embed", __name__, url_prefix="/gallery/embed")


@blueprint.get("/<state>")
def status(state: str) -> str:
    """What is in the frame, in one state; layout, theme, accent, radius, font and lang as for the real one."""
    build = STATES.get(state) or abort(404)
    now, look = clock.now(), parse_appearance(request.args)
    order = build(now)
    region = render_status(order, look.layout, look.translator.tag, now)
    return render_static_frame(look, region, colour=order.restaurant.colour)
