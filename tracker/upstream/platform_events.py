"""The types that every platform's module translates its notices into. They contain no platform's own vocabulary."""

from dataclasses import dataclass
from datetime import datetime

from tracker.orders.progress import Step
from tracker.orders.reports import OrderDetails


class InvalidPayload(Exception):
    """The notice breaks the platform's contract. The message contains no data of the notice."""


@dataclass(frozen=True, slots=True)
class Placed:
    """The order was placed."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The restaurant confirmed the order."""

    at: datetime | None


@dataclass(frozen=True, slots=True)
class Rejected:
    """The restaurant, or the platform in its name, rejected the order. `reason` is a text for the customer."""

    at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The customer cancelled the order."""

    at: datetime | None


@dataclass(frozen=True, slots=True)
class Progressed:
    """The order reached a new status. `step` is None if the status corresponds to no known step."""

    at: datetime | None
    status: str
    step: Step | None


@dataclass(frozen=True, slots=True)
class Refunded:
    """An amount was refunded, in minor units. Several refunds of an order add up."""

    minor: int


@dataclass(frozen=True, slots=True)
class TipChanged:
    """The tip changed to this amount, in minor units."""

    minor: int


@dataclass(frozen=True, slots=True)
class Rated:
    """The customer rated the order, or withdrew the rating (None)."""

    rating: int | None


PlatformEvent = Placed | Confirmed | Rejected | Cancelled | Progressed | Refunded | TipChanged | Rated


@dataclass(frozen=True, slots=True)
class PlatformPerson:
    """The customer as the platform describes them."""

    platform_id: str
    email: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class ParsedNotice:
    """A notice, translated from the platform's vocabulary into ours.

    `source_id` is the same if the platform sends the same notice again, and different for any other notice.
    `platform_events` are those that the notice itself reports, then those implied by the order's state in it; they are
    empty for an unknown event. `details` is the whole order, or None if the notice does not describe it.
    """

    event_name: str
    source_id: str
    platform_order_id: str | None
    sent_at: datetime | None
    platform_events: tuple[PlatformEvent, ...] = ()
    details: OrderDetails | None = None
    person: PlatformPerson | None = None
