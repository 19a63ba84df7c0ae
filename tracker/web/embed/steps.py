"""The steps of an order as a widget shows them: never in more room than before, or what is below would be moved."""

from dataclasses import dataclass, replace
from datetime import datetime

from tracker.orders.model import Order
from tracker.orders.progress import STEPS, Step
from tracker.web.embed.translation import Translator
from tracker.web.order.sentences import STEP_NAMES
from tracker.web.order.timeline import newest_step, own_timeline, reached_at

_ALL_STEPS = tuple(Step)
MAX_ROWS = 5
"""So many are shown at once: as many as usual orders have. For so many static/css/embed.css has room."""
_BEFORE = 2
"""So many of those that lie behind are shown, where not all can be."""
_OF_ALL_ORDERS = 2
"""So many steps come before a restaurant's own ones, and have names of ours."""


@dataclass(frozen=True, slots=True)
class Row:
    """One step: since when it is reached. An order's end, when it came to nothing, is the last one."""

    name: str
    kind: str
    """done, now, ahead or lost."""
    at: datetime | None = None
    is_own: bool = False
    """Whether the name is the restaurant's own, in whatever language that is."""

    @property
    def is_reached(self) -> bool:
        """Whether it lies behind, or is where the order is."""
        return self.kind != "ahead"


def is_being_made(step: Step) -> bool:
    """Whether at this step the food is still being made."""
    return step in (Step.PLACED, Step.CONFIRMED)


def rows(order: Order, translator: Translator, *, ending: str = "") -> list[Row]:
    """The steps in the order in which they are taken; with an `ending`, those that were taken, and it."""
    shown = _own_rows(order, translator) if order.statuses else _usual_rows(order, translator)
    if not ending:
        return shown
    taken = [Row(row.name, "done", row.at, row.is_own) for row in shown if row.is_reached]
    return [*taken, Row(ending, "lost", order.ended_at)]


def visible_rows(shown: list[Row]) -> list[Row]:
    """Those around the one that the order is at, if there are more than there is room for."""
    newest = max((place for place, row in enumerate(shown) if row.is_reached), default=0)
    first = max(0, min(newest - _BEFORE, len(shown) - MAX_ROWS))
    return shown[first : first + MAX_ROWS]


def _usual_rows(order: Order, translator: Translator) -> list[Row]:
    """One for each step there always is. What happens only sometimes (a delivery that is ready, a courier at the door)
    stands in the row of the step before it for as long as it lasts."""
    here = newest_step(order)
    steps = STEPS[order.fulfilment]
    newest = max((step for step in steps if _place(step) <= _place(here)), key=_place)
    made = []
    for step in steps:
        is_now = step is newest and not order.has_ended
        kind = "now" if is_now else "done" if _place(step) <= _place(newest) else "ahead"
        shown_step = here if is_now else step
        at = reached_at(order, shown_step) if kind != "ahead" else None
        made.append(Row(translator(STEP_NAMES[shown_step][order.fulfilment]), kind, at))
    return made


def _own_rows(order: Order, translator: Translator) -> list[Row]:
    """Two steps that all orders have, and what the restaurant calls the others."""
    made = []
    for place, step in enumerate(own_timeline(order, order.statuses or [])):
        name = translator(step.name)  # some have the usual names as their own
        is_own = place >= _OF_ALL_ORDERS and name == step.name
        made.append(Row(name, step.reached.name.lower(), step.at, is_own))
    if order.confirmed_at is None and not order.has_ended:
        made[1] = Row(made[1].name, "ahead")
    newest = max(place for place, row in enumerate(made) if row.is_reached)
    if not order.has_ended:
        made[newest] = replace(made[newest], kind="now")
    return made


def _place(step: Step) -> int:
    return _ALL_STEPS.index(step)
