"""Sentences about an order for onlookers, who see it by a share link or in a widget.

The order is not theirs, so the sentences do not address them as its customer. Every sentence is English and can be
translated by the widget's catalogues.
"""

from datetime import datetime
from typing import Protocol, assert_never

from tracker.orders.model import Order
from tracker.orders.progress import Fulfilment, Step
from tracker.orders.states import OrderState
from tracker.translation import gettext_noop
from tracker.web.order.sentences import is_for_later
from tracker.web.order.timeline import newest_step

NOT_TAKEN_ON = gettext_noop("{name} couldn’t take the order")
CALLED_OFF = gettext_noop("{name} had to call the order off")
IS_MAKING = gettext_noop("{name} is making the order")
HAS_CONFIRMED = gettext_noop("{name} has confirmed the order")
STATES = {
    OrderState.PLACED: gettext_noop("Waiting for {name} to confirm the order"),
    OrderState.ADJUSTED: gettext_noop("{name} has asked about a change to the order"),
    OrderState.CANCELLED: gettext_noop("The order was cancelled"),
}
STEPS = {
    Step.READY: {
        Fulfilment.COLLECTION: gettext_noop("The order is ready to collect at {name}"),
        Fulfilment.DELIVERY: gettext_noop("The order is ready to leave {name}"),
        Fulfilment.TABLE: gettext_noop("The order is ready and coming to the table"),
    },
    Step.ON_THE_WAY: dict.fromkeys(Fulfilment, gettext_noop("The order from {name} is on its way")),
    Step.ARRIVED: dict.fromkeys(Fulfilment, gettext_noop("The order from {name} is here")),
    Step.HANDED_OVER: {
        Fulfilment.COLLECTION: gettext_noop("The order has been collected from {name}"),
        Fulfilment.DELIVERY: gettext_noop("{name} has delivered the order"),
        Fulfilment.TABLE: gettext_noop("{name} has served the order"),
    },
}
DUE_LABELS = {
    Fulfilment.COLLECTION: gettext_noop("Ready to collect"),
    Fulfilment.DELIVERY: gettext_noop("Expected"),
    Fulfilment.TABLE: gettext_noop("Expected at the table"),
}
"""The labels of a promised time."""
WAS_PROMISED, ASKED_FOR = gettext_noop("Was promised for"), gettext_noop("Asked for")
NO_TIME = {
    OrderState.PLACED: gettext_noop("The time appears here once the order is confirmed."),
    OrderState.ADJUSTED: gettext_noop("The time appears here once the change is answered."),
}
NOT_GIVEN = gettext_noop("The restaurant hasn’t given a time yet.")


class Translate(Protocol):
    """A function that translates an English text. It returns the text unchanged if it has no translation."""

    def __call__(self, text: str) -> str: ...


def untranslated(text: str) -> str:
    """Return the text unchanged."""
    return text


def headline_for_onlookers(
    order: Order, now: datetime, translate: Translate = untranslated, *, max_name_length: int | None = None
) -> str:
    """Return the state of the order in one sentence, without a full stop.

    The restaurant's name in it is cut between words if it has more than `max_name_length` letters.
    """
    name = order.restaurant.name.replace("{", "").replace("}", "")
    if max_name_length and len(name) > max_name_length:
        # A browser would cut the end of the sentence, which is its most important part.
        name = name[:max_name_length].rpartition(" ")[0].rstrip(" ,;:-–&") or name[: max_name_length - 1]
        name += "…"
    return translate(_headline(order, now)).format(name=name)


def no_time_for_onlookers(order: Order, translate: Translate = untranslated) -> str:
    """Return the sentence shown instead of a time while none is promised. It says when there will be one."""
    return translate(NO_TIME.get(order.state, NOT_GIVEN))


def _headline(order: Order, now: datetime) -> str:
    match order.state:
        case OrderState.PLACED | OrderState.ADJUSTED | OrderState.CANCELLED:
            return STATES[order.state]
        case OrderState.REJECTED:
            return CALLED_OFF if order.confirmed_at else NOT_TAKEN_ON
        case OrderState.CONFIRMED | OrderState.COMPLETED:
            return _taken_on(order, now)
    assert_never(order.state)


def _taken_on(order: Order, now: datetime) -> str:
    step = newest_step(order)
    if step in (Step.PLACED, Step.CONFIRMED):
        return HAS_CONFIRMED if is_for_later(order, now) else IS_MAKING
    return STEPS[step][order.fulfilment]
