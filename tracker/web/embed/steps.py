"""The steps of an order in a widget. They always need the same space, so that nothing below them moves."""

from dataclasses import dataclass, replace
from datetime import datetime

from tracker.orders.model import Order
from tracker.orders.progress import STEPS, Step
from tracker.web.embed.translation import Translator
from tracker.web.order.sentences import STEP_NAMES
from tracker.web.order.timeline import newest_step, own_timeline, reached_at

_ALL_STEPS = tuple(Step)
MAX_ROWS = 5
"""The most rows shown at once: as many as usual orders have. static/css/embed.css has space for them."""
_BEFORE = 2
"""The number of rows before the present one that are shown if there are too many."""
_OF_ALL_ORDERS = 2
"""The number of steps that all orders have before a restaurant's own statuses."""


@dataclass(frozen=True, slots=True)
class Row:
    """One step and when it was reached. The last row of a rejected or cancelled order is that state."""

    name: str
    kind: str
    """One of done, now, ahead and lost."""
    at: datetime | None = None
    is_own: bool = False
    """Whether the name is the restaurant's own, so that its language is not known."""

    @property
    def is_reached(self) -> bool:
        """Whether the order has reached this step."""
        return self.kind != "ahead"


def is_being_made(step: Step) -> bool:
    """Return whether the food is still being prepared at this step."""
    return step in (Step.PLACED, Step.CONFIRMED)


def rows(order: Order, translator: Translator, *, ending: str = "") -> list[Row]:
    """Return the steps in their sequence. With an `ending`, return only the reached steps, and then a row for it."""
    shown = _own_rows(order, translator) if order.statuses else _usual_rows(order, translator)
    if not ending:
        return shown
    taken = [Row(row.name, "done", row.at, row.is_own) for row in shown if row.is_reached]
    return [*taken, Row(ending, "lost", order.ended_at)]


def visible_rows(shown: list[Row]) -> list[Row]:
    """Return at most MAX_ROWS rows: the present one and its neighbours."""
    newest = max((place for place, row in enumerate(shown) if row.is_reached), default=0)
    first = max(0, min(newest - _BEFORE, len(shown) - MAX_ROWS))
    return shown[first : first + MAX_ROWS]


def _usual_rows(order: Order, translator: Translator) -> list[Row]:
    """Return one row for each step that all orders of this fulfilment have.

    A step that only some orders have (a delivery that is ready, a courier at the door) is shown in the row of the step
    before it while it lasts.
    """
    here = newest_step(order)
    steps = STEPS[order.fulfilment]
    newest = max((step for step in steps if _place(step) <= _place(here)), key=_place)
    result = []
    for step in steps:
        is_now = step is newest and not order.has_ended
        kind = "now" if is_now else "done" if _place(step) <= _place(newest) else "ahead"
        shown_step = here if is_now else step
        at = reached_at(order, shown_step) if kind != "ahead" else None
        result.append(Row(translator(STEP_NAMES[shown_step][order.fulfilment]), kind, at))
    return result


def _own_rows(order: Order, translator: Translator) -> list[Row]:
    """Return rows for the two steps that all orders have, and for the restaurant's own statuses."""
    result = []
    for place, step in enumerate(own_timeline(order, order.statuses or [])):
        name = translator(step.name)  # some restaurants' statuses have our names, which are translated
        is_own = place >= _OF_ALL_ORDERS and name == step.name
        result.append(Row(name, step.reached.name.lower(), step.at, is_own))
    if order.confirmed_at is None and not order.has_ended:
        result[1] = Row(result[1].name, "ahead")
    newest = max(place for place, row in enumerate(result) if row.is_reached)
    if not order.has_ended:
        result[newest] = replace(result[newest], kind="now")
    return result


def _place(step: Step) -> int:
    return _ALL_STEPS.index(step)
