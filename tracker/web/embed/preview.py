"""The widget as it will look, with a made-up order, to be framed by our own page for site owners."""

from dataclasses import replace

from flask import Blueprint, Response, make_response, request, url_for

from tracker import clock
from tracker.samples.platform_orders import STATES
from tracker.web.embed.frame import still_frame
from tracker.web.embed.status_view import rendered_status
from tracker.web.embed.theme import Layout, read_look
from tracker.web.http.security import POLICY_OF_A_STILL_FRAME, csp_nonce, frame_only_on, may_be_framed
from tracker.web.http.services import parts

blueprint = Blueprint("embed_preview", __name__, url_prefix="/embed/v1/preview")

MADE_UP = {
    "placed": ("placed", "Waiting for the restaurant"),
    "making": ("confirmed", "Being made"),
    "asked": ("adjusted-time", "A change is proposed"),
    "under-way": ("on-the-way", "On its way"),
    "overdue": ("overdue", "Later than promised"),
    "own-names": ("own-statuses", "With the restaurant’s own steps"),
    "done": ("completed-and-not-thanked", "Delivered"),
    "rejected": ("rejected", "Not taken on"),
}
"""How far the made-up order can be: which one of the gallery's it is, and what that is called."""
USUAL = "under-way"


@blueprint.get("/<any(line, card, full):layout>")
@may_be_framed
def preview(layout: str) -> Response:
    """One layout, without any script; its link leads to what is said of the widget, for there is no such order."""
    look = replace(read_look(request.args), layout=Layout(layout))
    build, _ = MADE_UP.get(request.args.get("state", ""), MADE_UP[USUAL])
    now = clock.now()
    order = STATES[build](now)
    address = url_for("embed_owners.owners", _anchor="shows")
    region = rendered_status(order, look.layout, look.speech.tag, now, address=address)
    response = make_response(still_frame(look, region, colour=order.restaurant.colour))
    response.headers["Content-Security-Policy"] = POLICY_OF_A_STILL_FRAME.format(nonce=csp_nonce())
    # By its policy alone: of an X-Frame-Options beside one Firefox complains, in the console of whoever looks there.
    frame_only_on([parts().settings.origin])
    return response
