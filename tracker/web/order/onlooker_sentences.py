"""What onlookers are told of an order, through a share link or in a widget: it is not theirs, and they may read another
language than ours. Every text here is an English sentence that a catalogue may have in other words."""

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
"""What a promised time is the time of."""
WAS_PROMISED, ASKED_FOR = gettext_noop("Was promised for"), gettext_noop("Asked for")
NO_TIME = {
    OrderState.PLACED: gettext_noop("The time appears here once the order is confirmed."),
    OrderState.ADJUSTED: gettext_noop("The time appears here once the change is answered."),
}
NOT_GIVEN = gettext_noop("The restaurant hasn’t given a time yet.")


class Translate(Protocol):
    """A language: it says an English text of ours in its own words, or as it is where it has none."""

    def __call__(self, text: str) -> str: ...


def untranslated(text: str) -> str:
    """The text as it is."""
    return text


def headline_for_onlookers(
    order: Order, now: datetime, translate: Translate = untranslated, *, max_name_length: int | None = None
) -> str:
    """The state of the order in one sentence, without a full stop; a restaurant's name in it is cut between words if
    it has more than so many letters."""
    name = order.restaurant.name.replace("{", "").replace("}", "")
    if max_name_length and len(name) > max_name_length:
        # The cut is ours: a browser's own would come at the end of the sentence, which is what it is about.
        name = name[:max_name_length].rpartition(" ")[0].rstrip(" ,;:-–&") or name[: max_name_length - 1]
        name += "…"
    return translate(_headline(order, now)).format(name=name)


def no_time_for_onlookers(order: Order, translate: Translate = untranslated) -> str:
    """What is said in place of a time, of an order that is waited for: when, or after what, there will be one."""
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
