"""Previews of the widget with a made-up order, which the page with instructions shows in frames."""

from dataclasses import replace

from flask import Blueprint, Response, make_response, request, url_for

from tracker import clock
from tracker.samples.platform_orders import STATES
from tracker.web.embed.frame import render_static_frame
from tracker.web.embed.status_view import render_status
from tracker.web.embed.theme import Layout, parse_appearance
from tracker.web.http.security import STATIC_FRAME_CSP, allow_framing, csp_nonce, set_frame_ancestors
from tracker.web.http.services import services

blueprint = Blueprint("embed_preview", __name__, url_prefix="/embed/v1/preview")

SAMPLE_STATES = {
    "placed": ("placed", "Waiting for the restaurant"),
    "making": ("confirmed", "Being made"),
    "asked": ("adjusted-time", "A change is proposed"),
    "under-way": ("on-the-way", "On its way"),
    "overdue": ("overdue", "Later than promised"),
    "own-names": ("own-statuses", "With the restaurant’s own steps"),
    "done": ("completed-and-not-thanked", "Delivered"),
    "rejected": ("rejected", "Not taken on"),
}
"""The states of the made-up order: for each, the sample of the gallery that it shows, and its label."""
DEFAULT_STATE = "under-way"


@blueprint.get("/<any(line, card, full):layout>")
@allow_framing
def preview(layout: str) -> Response:
    """Show one layout without scripts. Its link leads to the instructions, because the order does not exist."""
    appearance = replace(parse_appearance(request.args), layout=Layout(layout))
    build, _ = SAMPLE_STATES.get(request.args.get("state", ""), SAMPLE_STATES[DEFAULT_STATE])
    now = clock.now()
    order = STATES[build](now)
    address = url_for("embed_instructions.show", _anchor="shows")
    region = render_status(order, appearance.layout, appearance.translator.tag, now, address=address)
    response = make_response(render_static_frame(appearance, region, colour=order.restaurant.colour))
    response.headers["Content-Security-Policy"] = STATIC_FRAME_CSP.format(nonce=csp_nonce())
    # Only by the policy: Firefox logs a complaint about an X-Frame-Options header beside frame-ancestors.
    set_frame_ancestors([services().settings.origin])
    return response
