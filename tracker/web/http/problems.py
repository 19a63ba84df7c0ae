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
class Kind:
    """One kind of problem. Its address never changes: programs compare it."""

    slug: str
    status: int
    title: str
    meaning: str

    @property
    def type(self) -> str:
        """The address, relative to the site."""
        return f"/problems/{self.slug}"


KINDS_OF_REFUSALS: dict[type[Refusal], Kind] = {
    refusals.NotNow: Kind("not-now", 409, "Not now", "The order is in a state in which this can’t be done."),
    refusals.AlreadyAnswered: Kind(
        "already-answered", 409, "Already answered", "The change to the order has been answered, or is no longer asked."
    ),
    refusals.TooLate: Kind("too-late", 409, "Too late", "The time to do this is over."),
    refusals.ChangedMeanwhile: Kind("changed-meanwhile", 409, "Changed meanwhile", "Somebody else came first."),
    refusals.NothingLeft: Kind("nothing-left", 409, "Nothing left", "Nothing would be left of the order."),
    refusals.NothingChanged: Kind("nothing-changed", 409, "Nothing changed", "This would change nothing."),
    refusals.Unknown: Kind("unknown", 409, "Unknown", "The order has no such line or option, or no longer."),
    refusals.NotPossible: Kind(
        "not-possible",
        409,
        "Not possible",
        "Well said, but it can’t be: a time that is past, a part without its other.",
    ),
    refusals.KeyUsedOtherwise: Kind(
        "key-used-otherwise", 409, "Key used otherwise", "The Idempotency-Key has placed an order with another body."
    ),
    Refusal: Kind("refused", 409, "Refused", "The order doesn’t allow this."),
}
"""For every way in which an order says no."""

KINDS_OF_CODES: dict[int, Kind] = {
    kind.status: kind
    for kind in (
        Kind(
            "not-understood", 400, "Not understood", "The body is no JSON object, or a header is missing or malformed."
        ),
        Kind(
            "no-proof",
            401,
            "No proof",
            "Neither a valid secret of a restaurant nor the session of its staff came along.",
        ),
        Kind("not-allowed", 403, "Not allowed", "Only an owner may do this; or a page of another site tried to."),
        Kind("not-found", 404, "Not found", "There is no such thing, or it belongs to somebody else."),
        Kind("wrong-method", 405, "Wrong method", "The address takes other methods; Allow names them."),
        Kind("conflict", 409, "Conflict", "Something else came first."),
        Kind("too-large", 413, "Too large", "The body is larger than is taken."),
        Kind("not-json", 415, "Not JSON", "The body does not come as application/json."),
        Kind("not-as-documented", 422, "Not as documented", "A field is missing, unknown, or of another form."),
        Kind("too-often", 429, "Too often", "Too many tries in a short time."),
        Kind("our-fault", 500, "Our fault", "Something went wrong on our side; nothing was changed."),
        Kind("busy", 503, "Busy", "Try again in a moment."),
    )
}
"""For every status that isn't an order's no."""

KINDS = (*KINDS_OF_CODES.values(), *KINDS_OF_REFUSALS.values())


class ProblemError(HTTPException):
    """A problem with more to say than its sentence: `more` goes beside it."""

    def __init__(self, code: int, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.code = code
        self.more = more


def problem(code: int, detail: str, **more: Any) -> Response:
    """The answer of this status, with its sentence."""
    return _answer(kind_of_code(code), detail, code, more)


def problem_of(refusal: Refusal) -> Response:
    """The answer to what an order refuses, with when happened what stands in the way."""
    kind = next(KINDS_OF_REFUSALS[each] for each in type(refusal).__mro__ if each in KINDS_OF_REFUSALS)
    more = {"at": refusal.at.isoformat()} if refusal.at else {}
    return _answer(kind, refusal.sentence, kind.status, more)


def kind_of_code(code: int) -> Kind:
    """The kind of problem that has this status; of one without a name, what HTTP calls it."""
    phrase = HTTPStatus(code).phrase
    return KINDS_OF_CODES.get(code) or Kind(phrase.lower().replace(" ", "-"), code, phrase, phrase)


def _answer(kind: Kind, detail: str, code: int, more: dict[str, Any]) -> Response:
    said = {"type": kind.type, "title": kind.title, "status": code, "detail": detail} | more
    return Response(json.dumps(said), code, mimetype=MEDIA_TYPE)
