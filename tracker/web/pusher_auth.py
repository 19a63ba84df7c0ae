"""The authorisation endpoint of the real-time contract: whoever may listen to a channel gets its signature.

It reads no cookie. The token says who asks, so the pages of an application may ask from their own site.
"""

import json
import re
from dataclasses import dataclass

from flask import Blueprint, Response, jsonify, request

from tracker import clock
from tracker.accounts.tokens import OWN_KEY
from tracker.live.permission import NOT_OFFERED, Allowed, Refused, Why, may_ask_from, may_listen
from tracker.web.parts import parts
from tracker.web.safety import keep_address_secret, open_to_other_sites

blueprint = Blueprint("pusher_auth", __name__)

LARGEST_BODY = 8 * 1024

_KEY = re.compile(r"[!-~]{1,64}")
_TOKEN = re.compile(r"[!-~]{1,1024}")
_SOCKET_ID = re.compile(r"[0-9]{1,20}\.[0-9]{1,20}")
_CHANNEL = re.compile(r"[A-Za-z0-9_\-=@,.;]{1,164}")
_CALLBACK = re.compile(r"Pusher\.auth_callbacks\['[0-9]{1,9}'\]|[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*", re.ASCII)
_LONGEST_CALLBACK = 100
_SECOND_QUESTION_MARK = (
    "A second question mark has swallowed a parameter: pusher-js's JSONP transport appends ?callback=… to whatever "
    "address it is given. Give it the address without a query, and key and access_token as params."
)
_NOT_AS_SCRIPT = Refused(Why.NOT_AS_SCRIPT, "Our own pages ask by POST and are not answered with a script.")


class _Malformed(Exception):
    """The request can't be understood; the text says why."""


@dataclass(frozen=True, slots=True)
class _Question:
    key: str
    access_token: str
    secret: str
    channel: str
    socket_id: str
    callback: str
    """The function that JSONP calls with the answer; empty for the usual way of asking."""


@blueprint.route("/api/v1/pusher/auth", methods=["GET", "POST"])
@open_to_other_sites
def authorise() -> Response:
    """{"auth": …} for who may listen, 403 for who may not, 400 for what can't be understood."""
    request.max_content_length = LARGEST_BODY
    asked = _question()
    verdict = _verdict(asked)
    if isinstance(verdict, Refused):
        return _saying_no(403, verdict.why, verdict.sentence)
    answer = {"auth": parts().channels.authorise(asked.channel, asked.socket_id)}
    return _as_script(asked.callback, answer) if asked.callback else jsonify(answer)


@blueprint.errorhandler(_Malformed)
def not_understood(problem: _Malformed) -> Response:
    """Nothing was looked up and nothing signed."""
    return _saying_no(400, "malformed", str(problem))


@blueprint.after_request
def say_who_may_read(response: Response) -> Response:
    """Let the pages of the application that is named read the answer, also when it is a no; and keep it from others."""
    response.vary.add("Origin")
    origin, key = request.headers.get("Origin", ""), request.args.get("key", "")
    if origin and key != OWN_KEY and _KEY.fullmatch(key):
        with parts().database.reading() as session:
            is_known = may_ask_from(session, key=key, origin=origin)
        if is_known:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Methods"] = "GET, POST"
            response.headers["Access-Control-Allow-Headers"] = "Content-Type, X-Requested-With"
            response.headers["Access-Control-Max-Age"] = "600"
    return keep_address_secret(response)


def _question() -> _Question:
    callback, secret = _one("callback"), _one("secret")
    if callback and request.method == "POST":
        raise _Malformed("callback goes with GET only; a POST is answered with JSON.")
    if callback and not (len(callback) <= _LONGEST_CALLBACK and _CALLBACK.fullmatch(callback)):
        raise _Malformed("callback must be the name of a function, such as Pusher.auth_callbacks['0'].")
    return _Question(
        key=_formed("key", _KEY, only_in_query=True),
        access_token=_one("access_token") if secret else _formed("access_token", _TOKEN),
        secret=secret,
        channel=_formed("channel_name", _CHANNEL),
        socket_id=_formed("socket_id", _SOCKET_ID),
        callback=callback,
    )


def _one(name: str, *, only_in_query: bool = False) -> str:
    values = set((request.args if only_in_query else request.values).getlist(name))
    if any("?callback=" in value for value in values):
        raise _Malformed(_SECOND_QUESTION_MARK)
    if len(values) > 1:
        raise _Malformed(f"{name} is given more than once, and not the same each time.")
    return values.pop() if values else ""


def _formed(name: str, form: re.Pattern[str], *, only_in_query: bool = False) -> str:
    value = _one(name, only_in_query=only_in_query)
    if not value:
        raise _Malformed(f"{name} is missing{' from the query string' if only_in_query else ''}.")
    if not form.fullmatch(value):
        raise _Malformed(f"{name} doesn't look like one.")
    return value


def _verdict(asked: _Question) -> Allowed | Refused:
    if asked.secret:
        return NOT_OFFERED
    if asked.callback and (asked.key == OWN_KEY or request.headers.get("Sec-Fetch-Site") == "same-origin"):
        return _NOT_AS_SCRIPT  # a script of our own address is what a content security policy may let through
    with parts().database.reading() as session:
        return may_listen(
            session,
            parts().settings,
            key=asked.key,
            access_token=asked.access_token,
            channel=asked.channel,
            now=clock.now(),
        )


def _as_script(callback: str, answer: dict[str, str]) -> Response:
    # The comment keeps the first bytes of what we send from being of the caller's choice.
    return Response(f"/**/{callback}({json.dumps(answer)});", mimetype="application/javascript")


def _saying_no(status: int, why: str, sentence: str) -> Response:
    response = jsonify({"error": sentence, "why": why})
    response.status_code = status
    return response
