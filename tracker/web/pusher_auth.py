"""Channel authorisation endpoint of Open Dining's "Real-time Communication", in the format of the Pusher protocol.

It reads no cookie: the access token or the secret identifies the caller, so an application's pages may call it from
their own site.
"""

import json
import re
from dataclasses import dataclass

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from tracker import clock
from tracker.accounts.tokens import PAGES_KEY
from tracker.live.permission import (
    AccessAllowed,
    AccessDenied,
    DenialReason,
    authorise_presence,
    authorise_subscription,
    is_known_origin,
)
from tracker.web.http.problems import problem_response
from tracker.web.http.security import csrf_exempt, protect_secret_url
from tracker.web.http.services import services

blueprint = Blueprint("pusher_auth", __name__)

MAX_BODY_BYTES = 8 * 1024

_KEY = re.compile(r"[!-~]{1,64}")
_TOKEN = re.compile(r"[!-~]{1,1024}")
_SOCKET_ID = re.compile(r"[0-9]{1,20}\.[0-9]{1,20}")
_CHANNEL = re.compile(r"[A-Za-z0-9_\-=@,.;]{1,164}")
_CALLBACK = re.compile(r"Pusher\.auth_callbacks\['[0-9]{1,9}'\]|[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*", re.ASCII)
_LONGEST_CALLBACK = 100
_SECOND_QUESTION_MARK = (
    "A second question mark has swallowed a parameter: pusher-js's JSONP transport appends ?callback=… to the address "
    "that it is given. Configure the address without a query, and pass key and access_token as params."
)
_NOT_AS_SCRIPT = AccessDenied(
    DenialReason.NOT_AS_SCRIPT, "Our own pages must ask by POST; they get no script as response."
)
_SECRET_NOT_AS_SCRIPT = AccessDenied(
    DenialReason.NOT_AS_SCRIPT,
    "A restaurant's secret does not belong in the address of a script, which every other script of the page can read. "
    "Ask by POST, or by GET without callback.",
)


class _Malformed(Exception):
    """Raised if the request can't be parsed; the text explains why."""


@dataclass(frozen=True, slots=True)
class _AuthRequest:
    key: str
    access_token: str
    """Access token of an application or of one of our pages. Empty if `secret` is given."""
    secret: str
    """Secret of a restaurant or token of a console page. Empty if `access_token` is given."""
    channel: str
    socket_id: str
    callback: str
    """Name of the function that a JSONP response calls. Empty for a JSON response."""


@blueprint.route("/api/v1/pusher/auth", methods=["GET", "POST"])
@csrf_exempt
def authorise() -> Response:
    """Return {"auth": …}, and on a presence channel also "channel_data", as the Pusher protocol defines them.

    Refusals are application/problem+json with the reason in `why`: 403 if the caller may not listen, 400 for a
    malformed request, 413 for a body over MAX_BODY_BYTES.
    """
    request.max_content_length = MAX_BODY_BYTES
    auth_request = _parse_request()
    decision = _authorise(auth_request)
    if isinstance(decision, AccessDenied):
        return problem_response(403, decision.sentence, why=decision.why)
    payload = _signed(auth_request, decision)
    return _jsonp_response(auth_request.callback, payload) if auth_request.callback else jsonify(payload)


@blueprint.errorhandler(_Malformed)
def not_understood(error: _Malformed) -> Response:
    """Return 400. Nothing has been looked up or signed at this point."""
    return problem_response(400, str(error), why="malformed")


@blueprint.errorhandler(RequestEntityTooLarge)
def too_large(_: RequestEntityTooLarge) -> Response:
    """Return 413. The body is not read to its end."""
    return problem_response(413, f"The request body is larger than {MAX_BODY_BYTES} bytes.", why="too_large")


@blueprint.after_request
def add_cors_headers(response: Response) -> Response:
    """Add CORS headers if the request's Origin belongs to the application named by `key`.

    Refusals get them as well, so that the page can read the reason.
    """
    response.vary.add("Origin")
    origin, key = request.headers.get("Origin", ""), request.args.get("key", "")
    if origin and key != PAGES_KEY and _KEY.fullmatch(key):
        with services().database.read_session() as session:
            is_known = is_known_origin(session, key=key, origin=origin)
        if is_known:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Methods"] = "GET, POST"
            response.headers["Access-Control-Allow-Headers"] = "Content-Type, X-Requested-With"
            response.headers["Access-Control-Max-Age"] = "600"
    return protect_secret_url(response)


def _parse_request() -> _AuthRequest:
    callback = _single_value("callback")
    if callback and request.method == "POST":
        raise _Malformed("callback is for GET only; the response to a POST is JSON.")
    if callback and not (len(callback) <= _LONGEST_CALLBACK and _CALLBACK.fullmatch(callback)):
        raise _Malformed("callback must be the name of a function, such as Pusher.auth_callbacks['0'].")
    secret = _valid_value("secret", _TOKEN) if _single_value("secret") else ""
    if secret and _single_value("access_token"):
        raise _Malformed("Give access_token for an order or secret for a restaurant, not both.")
    return _AuthRequest(
        key=_valid_value("key", _KEY, only_in_query=True),
        access_token="" if secret else _valid_value("access_token", _TOKEN),
        secret=secret,
        channel=_valid_value("channel_name", _CHANNEL),
        socket_id=_valid_value("socket_id", _SOCKET_ID),
        callback=callback,
    )


def _single_value(name: str, *, only_in_query: bool = False) -> str:
    values = set((request.args if only_in_query else request.values).getlist(name))
    if any("?callback=" in value for value in values):
        raise _Malformed(_SECOND_QUESTION_MARK)
    if len(values) > 1:
        raise _Malformed(f"{name} is given more than once, with different values.")
    return values.pop() if values else ""


def _valid_value(name: str, form: re.Pattern[str], *, only_in_query: bool = False) -> str:
    value = _single_value(name, only_in_query=only_in_query)
    if not value:
        raise _Malformed(f"{name} is missing{' from the query string' if only_in_query else ''}.")
    if not form.fullmatch(value):
        raise _Malformed(f"{name} is malformed.")
    return value


def _authorise(auth_request: _AuthRequest) -> AccessAllowed | AccessDenied:
    if auth_request.callback and auth_request.secret:
        return _SECRET_NOT_AS_SCRIPT
    if auth_request.callback and (
        auth_request.key == PAGES_KEY or request.headers.get("Sec-Fetch-Site") == "same-origin"
    ):
        return _NOT_AS_SCRIPT  # a content security policy may allow scripts from our own address
    key, settings, now = auth_request.key, services().settings, clock.now()
    with services().database.read_session() as session:
        if auth_request.secret:
            return authorise_presence(
                session, settings, key=key, secret=auth_request.secret, channel=auth_request.channel, now=now
            )
        token = auth_request.access_token
        return authorise_subscription(
            session, settings, key=key, access_token=token, channel=auth_request.channel, now=now
        )


def _signed(auth_request: _AuthRequest, allowed: AccessAllowed) -> dict[str, str]:
    channels = services().channels
    if allowed.member is None:
        return {"auth": channels.authorise(auth_request.channel, auth_request.socket_id)}
    return channels.authorise_member(auth_request.channel, auth_request.socket_id, allowed.member)


def _jsonp_response(callback: str, payload: dict[str, str]) -> Response:
    # The leading comment keeps the caller from choosing the first bytes of the response.
    return Response(f"/**/{callback}({json.dumps(payload)});", mimetype="application/javascript")
