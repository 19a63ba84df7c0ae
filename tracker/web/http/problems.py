"""Problem types of the API, as application/problem+json (RFC 9457). They are stable, because programs compare them."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Response
from werkzeug.exceptions import HTTPException

from tracker.orders import refusals
from tracker.orders.refusals import Refusal

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One problem type. Its `type` URI never changes, because programs compare it."""

    slug: str
    status: int
    title: str
    meaning: str

    @property
    def type(self) -> str:
        """The type URI, relative to the site."""
        return f"/problems/{self.slug}"


REFUSAL_TYPES: dict[type[Refusal], ProblemType] = {
    refusals.NotNow: ProblemType("not-now", 409, "Not now", "The order is in a state in which this can’t be done."),
    refusals.AlreadyAnswered: ProblemType(
        "already-answered", 409, "Already answered", "The change to the order has been answered or withdrawn."
    ),
    refusals.TooLate: ProblemType("too-late", 409, "Too late", "The time to do this is over."),
    refusals.ChangedMeanwhile: ProblemType(
        "changed-meanwhile", 409, "Changed meanwhile", "Somebody else has changed the order in the meantime."
    ),
    refusals.NothingLeft: ProblemType("nothing-left", 409, "Nothing left", "Nothing would be left of the order."),
    refusals.NothingChanged: ProblemType("nothing-changed", 409, "Nothing changed", "This would change nothing."),
    refusals.Unknown: ProblemType("unknown", 409, "Unknown", "The order has no such line or option, or no longer."),
    refusals.NotPossible: ProblemType(
        "not-possible",
        409,
        "Not possible",
        "The request is well formed, but its values are not possible, such as a time in the past.",
    ),
    refusals.IdempotencyKeyReused: ProblemType(
        "idempotency-key-reused",
        409,
        "Idempotency key reused",
        "The Idempotency-Key has placed an order with another body.",
    ),
    Refusal: ProblemType("refused", 409, "Refused", "The order doesn’t allow this."),
}
"""Problem types of the refusals, by class. A subclass without an own entry uses its parent's."""

STATUS_TYPES: dict[int, ProblemType] = {
    kind.status: kind
    for kind in (
        ProblemType(
            "not-understood",
            400,
            "Not understood",
            "The body is not a JSON object, or a header is missing or malformed.",
        ),
        ProblemType(
            "unauthenticated",
            401,
            "Unauthenticated",
            "The request has neither a valid secret of a restaurant nor a session of its staff.",
        ),
        ProblemType(
            "not-allowed",
            403,
            "Not allowed",
            "Only an owner may do this, or the request came from a page of another site.",
        ),
        ProblemType("not-found", 404, "Not found", "There is no such thing, or it belongs to somebody else."),
        ProblemType(
            "wrong-method", 405, "Wrong method", "The address accepts other methods, which the header Allow lists."
        ),
        ProblemType("conflict", 409, "Conflict", "The request conflicts with a change made in the meantime."),
        ProblemType("too-large", 413, "Too large", "The body is larger than the limit."),
        ProblemType("not-json", 415, "Not JSON", "The body is not sent as application/json."),
        ProblemType(
            "not-as-documented", 422, "Not as documented", "A field is missing, unknown, or has the wrong format."
        ),
        ProblemType("too-often", 429, "Too often", "There were too many attempts in a short time."),
        ProblemType("internal-error", 500, "Internal error", "Something went wrong on our side; nothing was changed."),
        ProblemType("busy", 503, "Busy", "Try again in a moment."),
    )
}
"""Problem types of all other errors, by HTTP status."""

PROBLEM_TYPES = (*STATUS_TYPES.values(), *REFUSAL_TYPES.values())


class ProblemError(HTTPException):
    """An error with additional members (`more`) in its problem document."""

    def __init__(self, code: int, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.code = code
        self.more = more


def problem_response(code: int, detail: str, **more: Any) -> Response:
    """Return the problem document for this status, with its sentence as `detail`."""
    return _response(problem_type_of_status(code), detail, code, more)


def refusal_response(refusal: Refusal) -> Response:
    """Return the problem document for a refusal. `at` is the time of the event that prevents the operation, if any."""
    kind = next(REFUSAL_TYPES[base] for base in type(refusal).__mro__ if base in REFUSAL_TYPES)
    more = {"at": refusal.at.isoformat()} if refusal.at else {}
    return _response(kind, refusal.sentence, kind.status, more)


def problem_type_of_status(code: int) -> ProblemType:
    """Return the problem type of this status. For a status without one, build it from the HTTP reason phrase."""
    phrase = HTTPStatus(code).phrase
    return STATUS_TYPES.get(code) or ProblemType(phrase.lower().replace(" ", "-"), code, phrase, phrase)


def _response(kind: ProblemType, detail: str, code: int, more: dict[str, Any]) -> Response:
    document = {"type": kind.type, "title": kind.title, "status": code, "detail": detail} | more
    return Response(json.dumps(document), code, mimetype=MEDIA_TYPE)
