"""What a platform's file makes of a notice: the same shapes for every platform, and only our words in them."""

from dataclasses import dataclass
from datetime import datetime

from tracker.orders.progress import Step
from tracker.orders.reports import OrderDetails


class InvalidPayload(Exception):
    """The notice is not what the platform's contract says it is. The sentence holds no data of the notice."""


@dataclass(frozen=True, slots=True)
class Placed:
    """The order was placed."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The restaurant took the order on."""

    at: datetime | None


@dataclass(frozen=True, slots=True)
class Rejected:
    """The restaurant, or the platform for it, refused the order. `reason` is in words for the customer."""

    at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The customer took the order back."""

    at: datetime | None


@dataclass(frozen=True, slots=True)
class Progressed:
    """The order came further. `step` is empty when the words mean no known step."""

    at: datetime | None
    status: str
    step: Step | None


@dataclass(frozen=True, slots=True)
class Refunded:
    """This much was given back, in minor units."""

    minor: int


@dataclass(frozen=True, slots=True)
class TipChanged:
    """The tip is now this, in minor units."""

    minor: int


@dataclass(frozen=True, slots=True)
class Rated:
    """The customer's rating is now this; empty when it was taken back."""

    rating: int | None


PlatformEvent = Placed | Confirmed | Rejected | Cancelled | Progressed | Refunded | TipChanged | Rated


@dataclass(frozen=True, slots=True)
class PlatformPerson:
    """A customer as the platform knows them."""

    platform_id: str
    email: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class ParsedNotice:
    """A notice in our words.

    `source_id` is the same whenever the platform sends the same notice again, and different for any other.
    `platform_events` are what the notice itself reports, then what follows from the state of the order in it; they
    are empty for an unknown event.
    """

    event_name: str
    source_id: str
    platform_order_id: str | None
    sent_at: datetime | None
    platform_events: tuple[PlatformEvent, ...] = ()
    details: OrderDetails | None = None
    person: PlatformPerson | None = None
