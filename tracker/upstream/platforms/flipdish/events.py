"""Translate Flipdish events into platform events: the event itself first, then those its order's state implies."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tracker.orders.progress import HANDED_OVER_NAMES, Fulfilment, Step, step_from_text
from tracker.upstream.json_reader import JsonReader
from tracker.upstream.platform_events import (
    Cancelled,
    Confirmed,
    Placed,
    PlatformEvent,
    Progressed,
    Rated,
    Refunded,
    Rejected,
    TipChanged,
)
from tracker.upstream.platforms.flipdish.order import fulfilment_of
from tracker.upstream.platforms.flipdish.vocabulary import rejection_reason, tracking_status

_ACCEPTED_STATES = frozenset({"AcceptedByRestaurant", "Dispatched", "Delivered", "AcceptedAndRefunded"})
_REJECTED_STATES = frozenset(
    {"RejectedByStore", "RejectedByFlipdish", "RejectedAutomatically", "RejectedAfterBeingAccepted"}
)


@dataclass(frozen=True, slots=True)
class Event:
    """An event as it was sent, the order in it (empty if there is none), and the currency of all amounts."""

    reader: JsonReader
    order: JsonReader
    currency: str


def parse_platform_events(name: str, event: Event) -> tuple[PlatformEvent, ...]:
    """Return all platform events of a Flipdish event. `name` is a key of EVENT_PARSERS.

    Raises InvalidPayload for a field of a wrong type.
    """
    main_event = EVENT_PARSERS[name](event)
    return (*((main_event,) if main_event else ()), *_implied_events(event, main_event))


def _implied_events(event: Event, main_event: PlatformEvent | None) -> Iterator[PlatformEvent]:
    # The samples contain "ReadyToProcess" in an accepted order, so a state may be older than its event. Only states
    # that are further than the event itself are used.
    state = event.order.text("OrderState", 50)
    if isinstance(main_event, Rejected | Cancelled):
        return
    if state in _ACCEPTED_STATES and not isinstance(main_event, Confirmed):
        yield Confirmed(event.reader.timestamp("OrderAcceptedTime"))
    if state == "Delivered" and not (isinstance(main_event, Progressed) and main_event.step is Step.HANDED_OVER):
        yield Progressed(None, HANDED_OVER_NAMES[fulfilment_of(event.order)], Step.HANDED_OVER)
    if state == "Cancelled":
        yield Cancelled(None)
    if state in _REJECTED_STATES:
        yield _rejected(event)


def _placed(_: Event) -> Placed:
    return Placed()


def _confirmed(event: Event) -> Confirmed:
    return Confirmed(event.reader.timestamp("OrderAcceptedTime"))


def _rejected(event: Event) -> Rejected:
    reason = rejection_reason(event.order.text("RejectionReason", 100), event.reader.text("Reason", 500))
    return Rejected(event.reader.timestamp("OrderRejectedTime"), reason)


def _refunded(event: Event) -> Refunded | None:
    # The amount in the order is the sum of all refunds; the amount in the event is this refund.
    minor = event.reader.minor("RefundedAmount", event.currency)
    return None if minor is None else Refunded(minor)


def _tip_changed(event: Event) -> TipChanged | None:
    for source, name in ((event.reader, "TipAmount"), (event.reader, "NewTipAmount"), (event.order, "TipAmount")):
        if (minor := source.minor(name, event.currency)) is not None:
            return TipChanged(minor)
    return None


def _rated(event: Event) -> Rated:
    for source, name in ((event.reader, "Rating"), (event.reader, "NewUserRating"), (event.order, "UserRating")):
        if (rating := source.integer(name)) is not None:
            return Rated(rating)
    return Rated(None)


def _dispatched(event: Event) -> Progressed:
    at = event.reader.timestamp("OrderDispatchedTime")
    has_delivery_type = event.order.text("DeliveryType", 50) is not None
    if has_delivery_type and fulfilment_of(event.order) is not Fulfilment.DELIVERY:
        return Progressed(at, "Dispatched", None)
    return Progressed(at, "Out for delivery", Step.ON_THE_WAY)


def _tracking_changed(event: Event) -> Progressed | None:
    status = event.order.text("DeliveryTrackingStatus", 100)
    return Progressed(None, *tracking_status(status)) if status and status != "None" else None


def _fulfilment_changed(event: Event) -> Progressed | None:
    status = event.reader.text("StatusName", 200)
    return Progressed(None, status, step_from_text(status)) if status else None


EVENT_PARSERS: dict[str, Callable[[Event], PlatformEvent | None]] = {
    "order.created": _placed,
    "order.accepted": _confirmed,
    "order.rejected": _rejected,
    "order.refunded": _refunded,
    "order.tip.updated": _tip_changed,
    "order.rating.updated": _rated,
    "order.dispatched": _dispatched,
    "order.deliverytracking.status.updated": _tracking_changed,
    "order.fulfillment.status.updated": _fulfilment_changed,
}
"""The parsers of all known events by their names. A parser returns None if the event lacks its essential field."""
