"""Request models of a restaurant's operations on an order, and the UTC times that they mean.

A value of the documented form that is still impossible (a day that doesn't exist, a time in the past) is refused by the
order with 409 and not by validation with 422, so that 422 always means a mistake against the document.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from tracker.orders.model import Order
from tracker.orders.operations.adjustments import ProposedChange
from tracker.orders.operations.by_restaurant import MAX_STATUS_LENGTH
from tracker.orders.refusals import NotPossible
from tracker.orders.times import local_to_utc, parse_day, parse_time_of_day, resolve_advance_time
from tracker.web.api.contract.vocabulary import read_adjustment, read_status
from tracker.web.api.parsing import RequestModel, with_example
from tracker.web.api.schemas.fields import (
    LenientDay,
    LenientMinutes,
    LenientOptions,
    LenientRefs,
    LenientTimeOfDay,
    LenientTimestamp,
    Minutes,
    Reason,
    TimestampOrTimeOfDay,
)


class ConfirmRequest(RequestModel):
    """The promised time, in one form: `minutes`, `time`, or `order_date` with `eta`. All of them are optional."""

    model_config = with_example(minutes=25)

    minutes: Minutes | None = Field(None, description="Minutes from now.")
    time: TimestampOrTimeOfDay | None = Field(
        None, description="With an offset, or in the restaurant’s local time, with or without a day."
    )
    order_date: LenientDay = Field(None, description="MM/DD/YYYY, as in the real-time contract.")
    eta: LenientTimeOfDay = Field(None, description="In the restaurant’s local time, such as 9:45 PM.")

    def resolve_time(self, order: Order, now: datetime) -> datetime | None:
        """Return the promised time in UTC, or None if none is given. Raise NotPossible."""
        day, eta, time = (self.order_date or "").strip(), (self.eta or "").strip(), (self.time or "").strip()
        forms = [form for form in (self.minutes, time, day or eta) if form]
        if len(forms) > 1:
            raise NotPossible("Send only one of minutes, time, or order_date with eta.")
        if self.minutes:
            return now + timedelta(minutes=self.minutes)
        with refuse_invalid():
            if time and "-" in time:
                return parse_timestamp(time, order.timezone)
            return _resolve_time(order, day, time or eta, now) if day or time or eta else None


class PromiseRequest(ConfirmRequest):
    """The new promised time, in one form: `minutes`, `time`, or `order_date` with `eta`."""

    model_config = with_example(minutes=40)

    def resolve_new_time(self, order: Order, now: datetime) -> datetime:
        """Return the new time in UTC. Raise NotPossible if none is given."""
        moment = self.resolve_time(order, now)
        if moment is None:
            raise NotPossible("Send the new time.")
        return moment


class AdjustRequest(RequestModel):
    """The proposed change. A field that is missing, null or blank changes nothing."""

    model_config = with_example(time=45, items=["d1"], options=["Extra cocoa"], reason="We have run out of cocoa.")

    time: LenientMinutes = Field(
        None, description="The new time of an order for as soon as possible, in minutes from now."
    )
    order_date: LenientDay = Field(None, description="The new day of an advance order, MM/DD/YYYY.")
    eta: LenientTimeOfDay = Field(
        None, description="The new time of an advance order in the restaurant’s local time: 9:45 PM."
    )
    items: LenientRefs = Field(
        None,
        description="The ids of lines to leave out: a list, a single id, or an object with numeric keys.",
    )
    options: LenientOptions = Field(
        None, description="The names of options to leave out of every line that has them, in the same forms as `items`."
    )
    reason: Reason | None = Field(None, description="The reason, as the customer will read it.")

    def change(self, order: Order, now: datetime) -> ProposedChange:
        """Return the change that is proposed for the order. Raise NotPossible."""
        with refuse_invalid():
            message = read_adjustment(self.model_dump(exclude={"reason"}), is_advance=order.is_advance)
            promised_at = message.promised_at(
                placed_at=order.placed_at,
                previous=order.promised_at or order.requested_for,
                zone=order.timezone,
                now=now,
            )
        return ProposedChange(promised_at, message.refs, message.options, self.reason)


class RejectRequest(RequestModel):
    """The reason for which the restaurant rejects the order."""

    model_config = with_example(reason="We are closing soon.")

    reason: Reason | None = Field(None, description="One of the restaurant’s `reject_reasons`, or any other text.")


class ProgressRequest(RequestModel):
    """The new status of the order."""

    model_config = with_example(status="Out for delivery")

    status: Annotated[str, Field(min_length=1, max_length=MAX_STATUS_LENGTH)] = Field(
        description="One of the order’s `statuses`, or any other text."
    )
    time: LenientTimestamp | None = Field(
        None,
        description="When it got the status, if not now: a time, or seconds since 1970. An impossible time is ignored.",
    )

    def resolve_time(self, order: Order, now: datetime) -> datetime | None:
        """Return the UTC time of the status, or None if it is unclear. Raise NotPossible for a blank status."""
        with refuse_invalid():
            message = read_status(self.model_dump(), order.timezone, now, order.placed_at)
        return None if message.is_ambiguous else message.at


def parse_timestamp(text: str, zone: ZoneInfo) -> datetime:
    """Return the UTC moment of a time with an offset, or of a local time. Raise InvalidTime or ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo:
        return moment.astimezone(UTC)
    return local_to_utc(moment.date(), moment.time(), zone) + timedelta(seconds=moment.second)


@contextmanager
def refuse_invalid() -> Iterator[None]:
    """Turn errors of impossible times and values into NotPossible with a sentence that gives the reason."""
    try:
        yield
    except (ValueError, OverflowError) as error:
        raise NotPossible(_sentence(error)) from None


def _sentence(error: Exception) -> str:
    """Return the error's sentence. Python's own messages are for programmers, and begin with a small letter."""
    sentence = str(error)
    return sentence if sentence[:1].isupper() or sentence.endswith(".") else "There is no such time."


def _resolve_time(order: Order, day: str, clock: str, now: datetime) -> datetime:
    previous = order.promised_at or order.requested_for
    return resolve_advance_time(
        placed_at=order.placed_at,
        previous=previous or (None if day else now),
        zone=order.timezone,
        day=parse_day(day) if day else None,
        time_of_day=parse_time_of_day(clock) if clock else None,
        now=now,
    )
