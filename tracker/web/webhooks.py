"""Webhook endpoint of the platforms. A 2xx response promises that the notice is safely on disk."""

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest, NotFound, Unauthorized

from tracker import clock
from tracker.accounts.registration import webhook_account
from tracker.upstream import inbox
from tracker.upstream.platform_events import InvalidPayload
from tracker.upstream.platforms import PLATFORMS
from tracker.upstream.platforms.platform import WebhookRequest
from tracker.web.http.request_log import add_log_fields
from tracker.web.http.security import csrf_exempt
from tracker.web.http.services import services

blueprint = Blueprint("webhooks", __name__)


@blueprint.post("/webhooks/<platform_name>/<account_id>")
@csrf_exempt
def receive(platform_name: str, account_id: str) -> Response:
    """Store one notice of a platform and apply it to its order.

    Errors: 404 for an unknown platform; 401 if the account's token is missing or wrong, or the platform has no such
    account; 413 for a body over the setting `notice_max_bytes`; 400 for a body that is no notice of the platform.
    """
    request.max_content_length = services().settings.notice_max_bytes
    platform = PLATFORMS.get(platform_name)
    if platform is None:
        raise NotFound("There is no platform of this name.")
    add_log_fields(platform=platform.name)
    webhook = _as_plain_data()
    with services().database.autocommit_connection() as connection:
        account, token = webhook_account(connection, platform.name, account_id)
    # The token is also compared for an unknown account, so that response times don't reveal which accounts exist.
    if not platform.authenticate(webhook, token) or account is None:
        raise Unauthorized(platform.unauthenticated)

    try:
        notice = inbox.parse_notice(account, webhook.body)
    except InvalidPayload as error:
        add_log_fields(refused=str(error))
        raise BadRequest(str(error)) from None

    state = inbox.receive(services().database, account, webhook.body, notice, now=clock.now())
    add_log_fields(event_name=notice.event_name, notice=state)
    return jsonify(notice=state)


def _as_plain_data() -> WebhookRequest:
    def read_body() -> bytes:
        return request.get_data(cache=False)

    return WebhookRequest({name.lower(): value for name, value in request.headers}, read_body)
