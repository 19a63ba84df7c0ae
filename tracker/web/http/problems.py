"""What can go wrong at the API, in kinds that stay the same: application/problem+json (RFC 9457)."""

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
    """One kind of problem. Its address never changes: programs compare it."""

    slug: str
    status: int
    title: str
    meaning: str

    @property
    def type(self) -> str:
        """The address, relative to the site."""
        return f"/problems/{self.slug}"


REFUSAL_TYPES: dict[type[Refusal], ProblemType] = {
    refusals.NotNow: ProblemType("not-now", 409, "Not now", "The order is in a state in which this can’t be done."),
    refusals.AlreadyAnswered: ProblemType(
        "already-answered", 409, "Already answered", "The change to the order has been answered, or is no longer asked."
    ),
    refusals.TooLate: ProblemType("too-late", 409, "Too late", "The time to do this is over."),
    refusals.ChangedMeanwhile: ProblemType("changed-meanwhile", 409, "Changed meanwhile", "Somebody else came first."),
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
"""For every way in which an order says no."""

STATUS_TYPES: dict[int, ProblemType] = {
    kind.status: kind
    for kind in (
        ProblemType(
            "not-understood", 400, "Not understood", "The body is no JSON object, or a header is missing or malformed."
        ),
        ProblemType(
            "unauthenticated",
            401,
            "Unauthenticated",
            "Neither a valid secret of a restaurant nor the session of its staff came along.",
        ),
        ProblemType(
            "not-allowed", 403, "Not allowed", "Only an owner may do this; or a page of another site tried to."
        ),
        ProblemType("not-found", 404, "Not found", "There is no such thing, or it belongs to somebody else."),
        ProblemType("wrong-method", 405, "Wrong method", "The address takes other methods; Allow names them."),
        ProblemType("conflict", 409, "Conflict", "Something else came first."),
        ProblemType("too-large", 413, "Too large", "The body is larger than is taken."),
        ProblemType("not-json", 415, "Not JSON", "The body does not come as application/json."),
        ProblemType("not-as-documented", 422, "Not as documented", "A field is missing, unknown, or of another form."),
        ProblemType("too-often", 429, "Too often", "Too many tries in a short time."),
        ProblemType("internal-error", 500, "Internal error", "Something went wrong on our side; nothing was changed."),
        ProblemType("busy", 503, "Busy", "Try again in a moment."),
    )
}
"""For every status that isn't an order's no."""

PROBLEM_TYPES = (*STATUS_TYPES.values(), *REFUSAL_TYPES.values())


class ProblemError(HTTPException):
    """A problem with more to say than its sentence: `more` goes beside it."""

    def __init__(self, code: int, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.code = code
        self.more = more


def problem_response(code: int, detail: str, **more: Any) -> Response:
    """The answer of this status, with its sentence."""
    return _response(problem_type_of_status(code), detail, code, more)


def refusal_response(refusal: Refusal) -> Response:
    """The answer to what an order refuses, with when happened what stands in the way."""
    kind = next(REFUSAL_TYPES[each] for each in type(refusal).__mro__ if each in REFUSAL_TYPES)
    more = {"at": refusal.at.isoformat()} if refusal.at else {}
    return _response(kind, refusal.sentence, kind.status, more)


def problem_type_of_status(code: int) -> ProblemType:
    """The kind of problem that has this status; of one without a name, what HTTP calls it."""
    phrase = HTTPStatus(code).phrase
    return STATUS_TYPES.get(code) or ProblemType(phrase.lower().replace(" ", "-"), code, phrase, phrase)


def _response(kind: ProblemType, detail: str, code: int, more: dict[str, Any]) -> Response:
    document = {"type": kind.type, "title": kind.title, "status": code, "detail": detail} | more
    return Response(json.dumps(document), code, mimetype=MEDIA_TYPE)
