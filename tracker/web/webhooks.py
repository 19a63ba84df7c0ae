"""Where platforms tell us of orders. A 2xx is a promise: the notice is safely on disk."""

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest, Unauthorized

from tracker import clock
from tracker.accounts.model import Platform
from tracker.accounts.registration import connection_by_token
from tracker.upstream import inbox
from tracker.upstream.platform_events import NotUnderstood
from tracker.web.http.request_log import note
from tracker.web.http.security import open_to_other_sites
from tracker.web.http.services import parts

blueprint = Blueprint("webhooks", __name__)


@blueprint.post("/webhooks/flipdish/<connection_id>")
@open_to_other_sites
def receive_flipdish(connection_id: str) -> Response:
    """One Flipdish order notice (https://developers.flipdish.com/docs/order-webhook-events).

    401 without the connection's X-Verify-Token, 413 for a body that is too large, 400 for one that is no notice.
    """
    request.max_content_length = parts().settings.notice_max_bytes
    token = request.headers.get("X-Verify-Token", "")
    with parts().database.glancing() as glance:
        connection = connection_by_token(glance, Platform.FLIPDISH, connection_id, token)
    if connection is None:
        raise Unauthorized("X-Verify-Token is missing or is not the one of this address.")

    raw = request.get_data(cache=False)
    try:
        notice = inbox.understand(connection, raw)
    except NotUnderstood as error:
        note(refused=str(error))
        raise BadRequest(str(error)) from None

    state = inbox.receive(parts().database, connection, raw, notice, now=clock.now())
    note(event_name=notice.event_name, notice=state)
    return jsonify(notice=state)
