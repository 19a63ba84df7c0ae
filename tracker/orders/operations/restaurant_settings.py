"""The settings of a restaurant for its orders: validating and changing them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tracker.accounts.model import IfUnanswered, Restaurant
from tracker.orders.operations.guards import validate_text
from tracker.orders.progress import MAX_STATUSES, Fulfilment, Status, Step
from tracker.orders.refusals import NotPossible

MAX_REASONS, MAX_REASON_LENGTH = 20, 200
MAX_NAME_LENGTH = 60
ANSWER_MINUTES, WINDOW_MINUTES = range(1, 241), range(1, 121)
STATUS_STEPS = tuple(step for step in Step if step is not Step.PLACED)
"""The steps that a restaurant's own status can mean."""


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """The new values of settings. None means that the setting stays as it is."""

    answer_minutes: int | None = None
    window_minutes: int | None = None
    if_unanswered: IfUnanswered | None = None
    reject_reasons: Sequence[str] | None = None
    statuses: Mapping[Fulfilment, Sequence[Status]] | None = None
    """The new statuses of each fulfilment that is named. An empty list restores the default statuses."""


def change_settings(restaurant: Restaurant, change: SettingsChange) -> None:
    """Change the restaurant's settings. Orders that have used a status keep the statuses they had.

    Raise NotPossible for an invalid value. Nothing is changed in that case.
    """
    answer = _within(change.answer_minutes, ANSWER_MINUTES, "A customer has {} to {} minutes to answer.")
    window = _within(change.window_minutes, WINDOW_MINUTES, "A promised time is shown {} to {} minutes wide.")
    reasons = None if change.reject_reasons is None else _reasons(change.reject_reasons)
    statuses = {fulfilment.value: _statuses(fulfilment, own) for fulfilment, own in (change.statuses or {}).items()}

    restaurant.answer_minutes = answer or restaurant.answer_minutes
    restaurant.window_minutes = window or restaurant.window_minutes
    restaurant.if_unanswered = change.if_unanswered or restaurant.if_unanswered
    if reasons is not None:
        restaurant.reject_reasons = reasons
    # SQLAlchemy does not detect changes inside the old dictionary, so a new one is assigned.
    restaurant.statuses = {name: own for name, own in (restaurant.statuses | statuses).items() if own}


def _within(minutes: int | None, possible: range, sentence: str) -> int | None:
    if minutes is not None and minutes not in possible:
        raise NotPossible(sentence.format(possible[0], possible[-1]))
    return minutes


def _reasons(values: Sequence[str]) -> list[str]:
    reasons = list(dict.fromkeys(reason for value in values if (reason := validate_text(value, MAX_REASON_LENGTH))))
    if len(reasons) > MAX_REASONS:
        raise NotPossible(f"At most {MAX_REASONS} reasons can be chosen from; these are {len(reasons)}.")
    return reasons


def _statuses(fulfilment: Fulfilment, statuses: Sequence[Status]) -> list[dict[str, str]]:
    names = [_name(status["name"]) for status in statuses]
    steps = [_step(status["step"]) for status in statuses]
    if len(statuses) > MAX_STATUSES:
        raise NotPossible(f"At most {MAX_STATUSES} names for {fulfilment.value} are allowed, not {len(statuses)}.")
    if len({name.casefold() for name in names}) < len(names):
        raise NotPossible("Two of the names are the same.")
    if steps and (steps.count(Step.HANDED_OVER) != 1 or steps[-1] is not Step.HANDED_OVER):
        raise NotPossible("The last name, and no other, means that the food has been handed over.")
    if steps != sorted(steps, key=list(Step).index):
        raise NotPossible("A name can’t lead back to an earlier step than the name before it.")
    return [{"name": name, "step": step.value} for name, step in zip(names, steps, strict=True)]


def _step(name: str) -> Step:
    if name not in STATUS_STEPS:
        raise NotPossible(f"A name means one of {', '.join(STATUS_STEPS)}.")
    return Step(name)


def _name(text: str) -> str:
    name = validate_text(text, MAX_NAME_LENGTH)
    if name is None:
        raise NotPossible("A status needs a name.")
    return name
