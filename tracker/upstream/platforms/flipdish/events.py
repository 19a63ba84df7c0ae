"""What a Flipdish event says has happened: first what it is named after, then what its picture of the order implies."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tracker.orders.progress import HANDED_OVER_NAMES, Handover, Step, step_named
from tracker.upstream.json_reader import Given
from tracker.upstream.platform_events import (
    Cancelled,
    Confirmed,
    Happening,
    Placed,
    Progressed,
    Rated,
    Refunded,
    Rejected,
    TipChanged,
)
from tracker.upstream.platforms.flipdish.order import handover_of
from tracker.upstream.platforms.flipdish.vocabulary import reason_in_words, tracking_in_words

_TAKEN_ON = frozenset({"AcceptedByRestaurant", "Dispatched", "Delivered", "AcceptedAndRefunded"})
_REFUSED = frozenset({"RejectedByStore", "RejectedByFlipdish", "RejectedAutomatically", "RejectedAfterBeingAccepted"})


@dataclass(frozen=True, slots=True)
class Event:
    """An event as it was sent, the picture of the order in it (empty if there is none), and the currency of both."""

    given: Given
    order: Given
    currency: str


def happenings_of(name: str, event: Event) -> tuple[Happening, ...]:
    """All that the event tells; `name` is one of TOLD_BY. Raises NotUnderstood where a part has the wrong type."""
    own = TOLD_BY[name](event)
    return (*((own,) if own else ()), *_implied(event, own))


def _implied(event: Event, own: Happening | None) -> Iterator[Happening]:
    # The samples show "ReadyToProcess" in an accepted order: a state may be older than its event, so only what leads
    # further than the event itself is believed.
    state = event.order.text("OrderState", 50)
    if isinstance(own, Rejected | Cancelled):
        return
    if state in _TAKEN_ON and not isinstance(own, Confirmed):
        yield Confirmed(event.given.moment("OrderAcceptedTime"))
    if state == "Delivered" and not (isinstance(own, Progressed) and own.step is Step.HANDED_OVER):
        yield Progressed(None, HANDED_OVER_NAMES[handover_of(event.order)], Step.HANDED_OVER)
    if state == "Cancelled":
        yield Cancelled(None)
    if state in _REFUSED:
        yield _rejected(event)


def _placed(_: Event) -> Placed:
    return Placed()


def _confirmed(event: Event) -> Confirmed:
    return Confirmed(event.given.moment("OrderAcceptedTime"))


def _rejected(event: Event) -> Rejected:
    reason = reason_in_words(event.order.text("RejectionReason", 100), event.given.text("Reason", 500))
    return Rejected(event.given.moment("OrderRejectedTime"), reason)


def _refunded(event: Event) -> Refunded | None:
    # The order's own amount is the sum of all refunds, not this one.
    minor = event.given.minor("RefundedAmount", event.currency)
    return None if minor is None else Refunded(minor)


def _tip_changed(event: Event) -> TipChanged | None:
    for source, name in ((event.given, "TipAmount"), (event.given, "NewTipAmount"), (event.order, "TipAmount")):
        if (minor := source.minor(name, event.currency)) is not None:
            return TipChanged(minor)
    return None


def _rated(event: Event) -> Rated:
    for source, name in ((event.given, "Rating"), (event.given, "NewUserRating"), (event.order, "UserRating")):
        if (rating := source.whole(name)) is not None:
            return Rated(rating)
    return Rated(None)


def _dispatched(event: Event) -> Progressed:
    at = event.given.moment("OrderDispatchedTime")
    kind_is_said = event.order.text("DeliveryType", 50) is not None
    if kind_is_said and handover_of(event.order) is not Handover.DELIVERY:
        return Progressed(at, "Dispatched", None)
    return Progressed(at, "Out for delivery", Step.ON_THE_WAY)


def _tracked(event: Event) -> Progressed | None:
    status = event.order.text("DeliveryTrackingStatus", 100)
    return Progressed(None, *tracking_in_words(status)) if status and status != "None" else None


def _fulfilled(event: Event) -> Progressed | None:
    status = event.given.text("StatusName", 200)
    return Progressed(None, status, step_named(status)) if status else None


TOLD_BY: dict[str, Callable[[Event], Happening | None]] = {
    "order.created": _placed,
    "order.accepted": _confirmed,
    "order.rejected": _rejected,
    "order.refunded": _refunded,
    "order.tip.updated": _tip_changed,
    "order.rating.updated": _rated,
    "order.dispatched": _dispatched,
    "order.deliverytracking.status.updated": _tracked,
    "order.fulfillment.status.updated": _fulfilled,
}
"""The events we know, and what each one itself tells; nothing where it doesn't say what it is there to say."""
