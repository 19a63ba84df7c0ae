"""Readers for the console's forms: local times, minutes, and the lines and options to leave out."""

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
    """Return the time of the form in UTC, or None if it has none. Minutes are counted from now. Raise NotPossible.

    `at` is a moment that the preview calculated, so that the submitted adjustment is exactly the one that it showed.
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
    """Return the change that the form proposes. Raise NotPossible for an impossible time."""
    return ProposedChange(
        promised_at=read_time(order, form, now),
        lines=tuple(form.getlist("lines")),
        options=tuple(form.getlist("options")),
        reason=form.get("reason"),
    )


def read_later_time(order: Order, form: Form, now: datetime) -> datetime | None:
    """Return the promised time, or now if it is over, plus `later` minutes; without `later`, the time of the form.

    Raise NotPossible.
    """
    later = form.get("later", "").strip()
    if not later:
        return read_time(order, form, now)
    try:
        return max(order.promised_at or now, now) + timedelta(minutes=_minutes(later))
    except InvalidTime as problem:
        raise NotPossible(problem.sentence) from None


def require_unchanged_since(order: Order, form: Form) -> None:
    """Raise ChangedMeanwhile if the order was adjusted, or its promise moved, since the version that the form shows.

    Otherwise a second press, or a press on an outdated page, would undo what a colleague has done meanwhile.
    """
    version = form.get("seen", "")
    if version.isascii() and version.isdigit() and len(version) < 10:
        for kind, sentence in _CHANGED.items():
            guards.require_unchanged_since(order, int(version), kind, sentence)


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
        raise InvalidTime("This is not a valid time.") from None
    if moment.tzinfo is None:
        raise InvalidTime("This time has no zone.")
    return moment
