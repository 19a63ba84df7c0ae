"""What the console's forms say: a time in the restaurant's own way of saying it, and what is to be left out."""

from datetime import datetime, timedelta

from werkzeug.datastructures import MultiDict

from tracker.orders.model import Order
from tracker.orders.operations import guards
from tracker.orders.operations.adjustments import ProposedChange
from tracker.orders.refusals import NotPossible
from tracker.orders.states import OrderEventKind
from tracker.orders.times import NotATime, parse_clock, parse_day, possible_minutes, time_of_advance

Form = MultiDict[str, str]


def time_said(order: Order, form: Form, now: datetime) -> datetime | None:
    """The moment that the form means, if it names one; minutes are counted from now. Raises NotPossible.

    `at` is a moment that was worked out before, when it was shown what would come of it.
    """
    try:
        if form.get("at"):
            return _moment(form["at"])
        if minutes := (form.get("minutes") or form.get("other_minutes") or "").strip():
            return now + timedelta(minutes=_minutes(minutes))
        return _time_of_day(order, form, now)
    except NotATime as problem:
        raise NotPossible(problem.sentence) from None


def change_said(order: Order, form: Form, now: datetime) -> ProposedChange:
    """The change that the form proposes. Raises NotPossible for a time that can't be meant."""
    return ProposedChange(
        promised_at=time_said(order, form, now),
        lines=tuple(form.getlist("lines")),
        options=tuple(form.getlist("options")),
        reason=form.get("reason"),
    )


def later_than_promised(order: Order, form: Form, now: datetime) -> datetime | None:
    """The promised time put off by so many minutes, counted from now if it is over already. Raises NotPossible."""
    later = form.get("later", "").strip()
    if not later:
        return time_said(order, form, now)
    try:
        return max(order.promised_at or now, now) + timedelta(minutes=_minutes(later))
    except NotATime as problem:
        raise NotPossible(problem.sentence) from None


def must_be_as_seen(order: Order, form: Form) -> None:
    """Raises ChangedMeanwhile if a colleague, or the same press before, has told the customer something else since."""
    seen = form.get("seen", "")
    if seen.isascii() and seen.isdigit() and len(seen) < 10:
        for kind, sentence in _CHANGED.items():
            guards.must_be_as_seen(order, int(seen), kind, sentence)


_CHANGED = {
    OrderEventKind.ADJUSTED: "A change was proposed to the customer meanwhile. Please look at that first.",
    OrderEventKind.PROMISE_MOVED: "The customer was told another time meanwhile. Please look at that first.",
}


def _time_of_day(order: Order, form: Form, now: datetime) -> datetime | None:
    day, at = form.get("day", "").strip(), form.get("clock", "").strip()
    if not day and not at:
        return None
    return time_of_advance(
        placed_at=order.placed_at,
        previous=order.promised_at or order.requested_for,
        zone=order.clock_zone,
        day=parse_day(day) if day else None,
        clock=parse_clock(at) if at else None,
        now=now,
    )


def _minutes(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise NotATime("Minutes are a whole number, like 25.")
    return possible_minutes(int(text))


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise NotATime("That is no time.") from None
    if moment.tzinfo is None:
        raise NotATime("That is a time without a zone.")
    return moment
