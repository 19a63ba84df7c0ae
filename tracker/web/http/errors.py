"""Error responses: an HTML page for people, JSON for programs, with the same sentence.

The API responds with a problem (see problems.py). Webhooks respond with {"error": …}, which platforms show in their
logs.
"""

from http import HTTPStatus
from typing import Any

from flask import Flask, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, default_exceptions

from tracker.orders.refusals import Refusal
from tracker.web.http.problems import ProblemError, problem_response, refusal_response

TITLES = {
    400: "We didn’t understand that",
    401: "Please sign in",
    403: "That isn’t allowed",
    404: "There is nothing here",
    405: "That can’t be done here",
    409: "That isn’t possible now",
    410: "This is no longer here",
    413: "That is too large",
    415: "Unsupported media type",
    422: "That isn’t quite right",
    429: "A little slower, please",
    500: "Something went wrong on our side",
    503: "We are busy right now",
}
SENTENCES = {
    400: "Something about the request was not as it should be.",
    401: "You need to be signed in to see this.",
    403: "You have no access to this.",
    404: "Either this page does not exist, or it belongs to somebody else.",
    405: "This address does not accept this kind of request.",
    409: "It has changed in the meantime.",
    410: "It existed once, and has ended.",
    413: "What was sent is larger than we accept.",
    415: "This address doesn’t accept this type of content.",
    422: "Something that was sent isn’t in the right format.",
    429: "There were too many attempts in a short time. Please wait a minute.",
    500: "It was not your fault, and we have made a note of it. Please try again in a moment.",
    503: "Please try again in a moment.",
}
_API, _WEBHOOKS = "/api/", "/webhooks/"
_KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate", "Content-Range")


def init(app: Flask) -> None:
    """Register the handlers for HTTP errors and refusals."""
    app.register_error_handler(Refusal, _refusal)
    app.register_error_handler(HTTPException, _error)


def _refusal(refusal: Refusal) -> ResponseReturnValue:
    return refusal_response(refusal) if request.path.startswith(_API) else _response(409, refusal.sentence)


def _error(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if error.response is not None or code < 400:
        return error.get_response()
    more = error.more if isinstance(error, ProblemError) else {}
    response = make_response(_response(code, _sentence(error, code), **more))
    for name, value in error.get_headers():
        if name in _KEPT_HEADERS:
            response.headers[name] = value
    return response


def _sentence(error: HTTPException, code: int) -> str:
    """Return the sentence of our own code if it gave one, otherwise the general one for this status.

    Descriptions by Werkzeug are not used, because they address programmers.
    """
    framework = default_exceptions.get(code)
    is_ours = error.description and framework and error.description != framework.description
    return str(error.description) if is_ours and code != 500 else SENTENCES.get(code, HTTPStatus(code).phrase)


def _response(code: int, sentence: str, **more: Any) -> ResponseReturnValue:
    if request.path.startswith(_API):
        return problem_response(code, sentence, **more)
    if request.path.startswith(_WEBHOOKS) or request.accept_mimetypes.best == "application/json":
        return jsonify(error=sentence), code
    title = TITLES.get(code, HTTPStatus(code).phrase)
    return render_template("errors/error.html", code=code, title=title, sentence=sentence), code
