"""What a restaurant says of one of its orders, and the moments that it means.

What has the documented form and still can't be meant (a day that doesn't exist, a time that is past) is refused by the
order, not by the form: so a program can be written from the document alone.
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
    """When the food will be there, said in one way: minutes, time, or order_date with eta. Nothing leaves it open."""

    model_config = with_example(minutes=25)

    minutes: Minutes | None = Field(None, description="From now.")
    time: TimestampOrTimeOfDay | None = Field(
        None, description="With an offset; or on the restaurant’s clock, with the day or without."
    )
    order_date: LenientDay = Field(None, description="MM/DD/YYYY, as the real-time contract has it.")
    eta: LenientTimeOfDay = Field(None, description="Such as 9:45 PM, on the restaurant’s clock.")

    def resolve_time(self, order: Order, now: datetime) -> datetime | None:
        """When that is, in UTC; nothing if nothing was said. Raises NotPossible."""
        day, eta, time = (self.order_date or "").strip(), (self.eta or "").strip(), (self.time or "").strip()
        ways = [way for way in (self.minutes, time, day or eta) if way]
        if len(ways) > 1:
            raise NotPossible("Say one of minutes, time, or order_date with eta; not several.")
        if self.minutes:
            return now + timedelta(minutes=self.minutes)
        with refuse_invalid():
            if time and "-" in time:
                return parse_timestamp(time, order.timezone)
            return _resolve_time(order, day, time or eta, now) if day or time or eta else None


class PromiseRequest(ConfirmRequest):
    """The new time, said in one way: minutes, time, or order_date with eta."""

    model_config = with_example(minutes=40)

    def resolve_new_time(self, order: Order, now: datetime) -> datetime:
        """When that is, in UTC. Raises NotPossible."""
        moment = self.resolve_time(order, now)
        if moment is None:
            raise NotPossible("Say the new time.")
        return moment


class AdjustRequest(RequestModel):
    """What is to be otherwise. What isn't said stays as it is; null and blank say nothing."""

    model_config = with_example(time=45, items=["d1"], options=["Extra cocoa"], reason="We have run out of cocoa.")

    time: LenientMinutes = Field(
        None, description="Minutes from now, for an order for as soon as possible; of an advance order not read."
    )
    order_date: LenientDay = Field(None, description="The new day of an advance order, MM/DD/YYYY.")
    eta: LenientTimeOfDay = Field(
        None, description="The new time of an advance order on the restaurant’s clock: 9:45 PM."
    )
    items: LenientRefs = Field(
        None, description="The ids of lines to leave out: a list, one alone, or an array of PHP with numbers for names."
    )
    options: LenientOptions = Field(
        None, description="The names of options to leave out, in the same forms: of every line that has them."
    )
    reason: Reason | None = Field(None, description="Why, in words for the customer.")

    def change(self, order: Order, now: datetime) -> ProposedChange:
        """What that changes of the order. Raises NotPossible."""
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
    """Why the restaurant doesn't take the order on."""

    model_config = with_example(reason="We are closing soon.")

    reason: Reason | None = Field(None, description="One of the restaurant’s reject_reasons, or its own words.")


class ProgressRequest(RequestModel):
    """How far the order is."""

    model_config = with_example(status="Out for delivery")

    status: Annotated[str, Field(min_length=1, max_length=MAX_STATUS_LENGTH)] = Field(
        description="One of the order’s statuses, or free words."
    )
    time: LenientTimestamp | None = Field(
        None,
        description="Since when, if not since now: a time, or seconds since 1970. What can’t be meant is not read.",
    )

    def resolve_time(self, order: Order, now: datetime) -> datetime | None:
        """Since when, in UTC, as far as that is clear. Raises NotPossible for a status without a letter."""
        with refuse_invalid():
            message = read_status(self.model_dump(), order.timezone, now, order.placed_at)
        return None if message.is_ambiguous else message.at


def parse_timestamp(text: str, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, of a time with an offset, or of one on the zone's clocks. Raises InvalidTime, ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo:
        return moment.astimezone(UTC)
    return local_to_utc(moment.date(), moment.time(), zone) + timedelta(seconds=moment.second)


@contextmanager
def refuse_invalid() -> Iterator[None]:
    """What can't be meant is refused with the sentence that says why."""
    try:
        yield
    except (ValueError, OverflowError) as error:
        raise NotPossible(_sentence(error)) from None


def _sentence(error: Exception) -> str:
    """Python's own words for an impossible date are for programmers, and begin with a small letter."""
    sentence = str(error)
    return sentence if sentence[:1].isupper() or sentence.endswith(".") else "There is no such time."


def _resolve_time(order: Order, day: str, clock: str, now: datetime) -> datetime:
    until_now = order.promised_at or order.requested_for
    return resolve_advance_time(
        placed_at=order.placed_at,
        previous=until_now or (None if day else now),
        zone=order.timezone,
        day=parse_day(day) if day else None,
        time_of_day=parse_time_of_day(clock) if clock else None,
        now=now,
    )
