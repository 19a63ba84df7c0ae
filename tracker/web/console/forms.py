"""What the console's forms say: a time in the restaurant's own way of saying it, and what is to be left out."""

from datetime import datetime, timedelta

from werkzeug.datastructures import MultiDict

from tracker.orders.model import Order
from tracker.orders.operations import guards
from tracker.orders.operations.adjustments import ProposedChange
from tracker.orders.refusals import NotPossible
from tracker.orders.states import OrderEventKind
from tracker.orders.times import InvalidTime, parse_day, parse_time_of_day, resolve_advance_time, validate_minutes

Form = MultiDict[str, str]


def read_time(order: Order, form: Form, now: datetime) -> datetime | None:
    """The moment that the form means, if it names one; minutes are counted from now. Raises NotPossible.

    `at` is a moment that was worked out before, when it was shown what would come of it.
    """
    try:
        if form.get("at"):
            return _moment(form["at"])
        if minutes := (form.get("minutes") or form.get("other_minutes") or "").strip():
            return now + timedelta(minutes=_minutes(minutes))
        return _time_of_day(order, form, now)
    except InvalidTime as problem:
        raise NotPossible(problem.sentence) from None


def read_change(order: Order, form: Form, now: datetime) -> ProposedChange:
    """The change that the form proposes. Raises NotPossible for a time that can't be meant."""
    return ProposedChange(
        promised_at=read_time(order, form, now),
        lines=tuple(form.getlist("lines")),
        options=tuple(form.getlist("options")),
        reason=form.get("reason"),
    )


def read_later_time(order: Order, form: Form, now: datetime) -> datetime | None:
    """The promised time put off by so many minutes, counted from now if it is over already. Raises NotPossible."""
    later = form.get("later", "").strip()
    if not later:
        return read_time(order, form, now)
    try:
        return max(order.promised_at or now, now) + timedelta(minutes=_minutes(later))
    except InvalidTime as problem:
        raise NotPossible(problem.sentence) from None


def require_unchanged_since(order: Order, form: Form) -> None:
    """Raises ChangedMeanwhile if a colleague, or the same press before, has told the customer something else since."""
    seen = form.get("seen", "")
    if seen.isascii() and seen.isdigit() and len(seen) < 10:
        for kind, sentence in _CHANGED.items():
            guards.require_unchanged_since(order, int(seen), kind, sentence)


_CHANGED = {
    OrderEventKind.ADJUSTED: "A change was proposed to the customer meanwhile. Please look at that first.",
    OrderEventKind.PROMISE_MOVED: "The customer was told another time meanwhile. Please look at that first.",
}


def _time_of_day(order: Order, form: Form, now: datetime) -> datetime | None:
    day, at = form.get("day", "").strip(), form.get("clock", "").strip()
    if not day and not at:
        return None
    return resolve_advance_time(
        placed_at=order.placed_at,
        previous=order.promised_at or order.requested_for,
        zone=order.timezone,
        day=parse_day(day) if day else None,
        time_of_day=parse_time_of_day(at) if at else None,
        now=now,
    )


def _minutes(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise InvalidTime("Minutes are a whole number, like 25.")
    return validate_minutes(int(text))


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidTime("That is no time.") from None
    if moment.tzinfo is None:
        raise InvalidTime("That is a time without a zone.")
    return moment
