"""The designer's table, on development machines only: the status widget in every state, layout, language and look."""

from flask import Blueprint, abort, request

from tracker import clock
from tracker.samples.platform_orders import STATES
from tracker.web.embed.frame import still_frame
from tracker.web.embed.status_view import rendered_status
from tracker.web.embed.theme import read_look

blueprint = Blueprint("gallery_embed", __name__, url_prefix="/gallery/embed")


@blueprint.get("/<state>")
def status(state: str) -> str:
    """What is in the frame, in one state; layout, theme, accent, radius, font and lang as for the real one."""
    build = STATES.get(state) or abort(404)
    now, look = clock.now(), read_look(request.args)
    order = build(now)
    region = rendered_status(order, look.layout, look.speech.tag, now)
    return still_frame(look, region, colour=order.restaurant.colour)
