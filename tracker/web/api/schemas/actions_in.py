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
from tracker.orders.operations.by_restaurant import LONGEST_STATUS
from tracker.orders.refusals import NotPossible
from tracker.orders.times import local_moment, parse_clock, parse_day, time_of_advance
from tracker.web.api.contract.vocabulary import read_adjustment, read_status
from tracker.web.api.parsing import Said, with_example
from tracker.web.api.schemas.fields import (
    LenientClock,
    LenientDay,
    LenientMinutes,
    LenientOptions,
    LenientRefs,
    Minutes,
    MomentOrClock,
    Reason,
    SomeTime,
)


class Confirm(Said):
    """When the food will be there, said in one way: minutes, time, or order_date with eta. Nothing leaves it open."""

    model_config = with_example(minutes=25)

    minutes: Minutes | None = Field(None, description="From now.")
    time: MomentOrClock | None = Field(
        None, description="With an offset; or on the restaurant’s clock, with the day or without."
    )
    order_date: LenientDay = Field(None, description="MM/DD/YYYY, as the real-time contract has it.")
    eta: LenientClock = Field(None, description="Such as 9:45 PM, on the restaurant’s clock.")

    def moment(self, order: Order, now: datetime) -> datetime | None:
        """When that is, in UTC; nothing if nothing was said. Raises NotPossible."""
        day, eta, time = (self.order_date or "").strip(), (self.eta or "").strip(), (self.time or "").strip()
        ways = [way for way in (self.minutes, time, day or eta) if way]
        if len(ways) > 1:
            raise NotPossible("Say one of minutes, time, or order_date with eta; not several.")
        if self.minutes:
            return now + timedelta(minutes=self.minutes)
        with in_words():
            if time and "-" in time:
                return moment_said(time, order.clock_zone)
            return _on_the_clock(order, day, time or eta, now) if day or time or eta else None


class Promise(Confirm):
    """The new time, said in one way: minutes, time, or order_date with eta."""

    model_config = with_example(minutes=40)

    def new_moment(self, order: Order, now: datetime) -> datetime:
        """When that is, in UTC. Raises NotPossible."""
        moment = self.moment(order, now)
        if moment is None:
            raise NotPossible("Say the new time.")
        return moment


class Adjust(Said):
    """What is to be otherwise. What isn't said stays as it is; null and blank say nothing."""

    model_config = with_example(time=45, items=["d1"], options=["Extra cocoa"], reason="We have run out of cocoa.")

    time: LenientMinutes = Field(
        None, description="Minutes from now, for an order for as soon as possible; of an advance order not read."
    )
    order_date: LenientDay = Field(None, description="The new day of an advance order, MM/DD/YYYY.")
    eta: LenientClock = Field(None, description="The new time of an advance order on the restaurant’s clock: 9:45 PM.")
    items: LenientRefs = Field(
        None, description="The ids of lines to leave out: a list, one alone, or an array of PHP with numbers for names."
    )
    options: LenientOptions = Field(
        None, description="The names of options to leave out, in the same forms: of every line that has them."
    )
    reason: Reason | None = Field(None, description="Why, in words for the customer.")

    def change(self, order: Order, now: datetime) -> ProposedChange:
        """What that changes of the order. Raises NotPossible."""
        with in_words():
            said = read_adjustment(self.model_dump(exclude={"reason"}), is_advance=order.is_advance)
            promised_at = said.promised_at(
                placed_at=order.placed_at,
                previous=order.promised_at or order.requested_for,
                zone=order.clock_zone,
                now=now,
            )
        return ProposedChange(promised_at, said.refs, said.options, self.reason)


class Reject(Said):
    """Why the restaurant doesn't take the order on."""

    model_config = with_example(reason="We are closing soon.")

    reason: Reason | None = Field(None, description="One of the restaurant’s reject_reasons, or its own words.")


class Progress(Said):
    """How far the order is."""

    model_config = with_example(status="Out for delivery")

    status: Annotated[str, Field(min_length=1, max_length=LONGEST_STATUS)] = Field(
        description="One of the order’s statuses, or free words."
    )
    time: SomeTime | None = Field(
        None,
        description="Since when, if not since now: a time, or seconds since 1970. What can’t be meant is not read.",
    )

    def moment(self, order: Order, now: datetime) -> datetime | None:
        """Since when, in UTC, as far as that is clear. Raises NotPossible for a status without a letter."""
        with in_words():
            said = read_status(self.model_dump(), order.clock_zone, now, order.placed_at)
        return None if said.is_ambiguous else said.at


def moment_said(text: str, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, of a time with an offset, or of one on the zone's clocks. Raises NotATime, ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo:
        return moment.astimezone(UTC)
    return local_moment(moment.date(), moment.time(), zone) + timedelta(seconds=moment.second)


@contextmanager
def in_words() -> Iterator[None]:
    """What can't be meant is refused with the sentence that says why."""
    try:
        yield
    except (ValueError, OverflowError) as error:
        raise NotPossible(_sentence(error)) from None


def _sentence(error: Exception) -> str:
    """Python's own words for an impossible date are for programmers, and begin with a small letter."""
    said = str(error)
    return said if said[:1].isupper() or said.endswith(".") else "There is no such time."


def _on_the_clock(order: Order, day: str, clock: str, now: datetime) -> datetime:
    until_now = order.promised_at or order.requested_for
    return time_of_advance(
        placed_at=order.placed_at,
        previous=until_now or (None if day else now),
        zone=order.clock_zone,
        day=parse_day(day) if day else None,
        clock=parse_clock(clock) if clock else None,
        now=now,
    )
