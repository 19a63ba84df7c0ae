"""What an owner says about their restaurant: how orders are answered, who works there, and its API secret."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, TypeVar

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from tracker import clock
from tracker.accounts.email_addresses import NotAnAddress
from tracker.accounts.model import IfUnanswered, Restaurant, Role, StaffMember
from tracker.accounts.registration import USUAL_OVERLAP, rotate_secret
from tracker.accounts.staff import StaffRefusal, add_staff_member, change_role, remove_staff_member
from tracker.accounts.staff_queries import staff_of_restaurant
from tracker.database import in_turn
from tracker.orders.operations.restaurant_settings import STEPS_OF_A_STATUS, SettingsChange, change_settings
from tracker.orders.progress import MOST_STATUSES, USUAL_STATUSES, Handover, Status
from tracker.orders.refusals import Refusal
from tracker.web.console.auth import owner
from tracker.web.console.sentences import HANDOVERS
from tracker.web.http.auth import signed_in
from tracker.web.http.responses import private
from tracker.web.http.security import keep_address_secret
from tracker.web.http.services import parts
from tracker.web.order.sentences import STEP_NAMES

blueprint = Blueprint("console_settings", __name__, url_prefix="/console/<restaurant_id>/settings")

Change = Callable[[Session, StaffMember], object]
"""What an owner changes; the member is the owner."""


Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class ShownNames:
    """The names of one way of handover, and the steps that a name can mean."""

    handover: str
    heading: str
    statuses: list[Any]
    steps: list[tuple[str, str]]

    @property
    def rows(self) -> list[Any]:
        """As many as there can be; what is left over is empty."""
        return self.statuses + [{"name": "", "step": ""}] * (MOST_STATUSES - len(self.statuses))


@blueprint.get("")
def settings(restaurant_id: str) -> Response:
    """All of it, for owners."""
    return settings_page(restaurant_id)


@blueprint.post("")
def change_answers(restaurant_id: str) -> ResponseReturnValue:
    """How customers are asked, and why orders are rejected."""

    def said() -> SettingsChange:
        return SettingsChange(
            answer_minutes=_number("answer_minutes"),
            window_minutes=_number("window_minutes"),
            if_unanswered=_one_of(IfUnanswered, request.form.get("if_unanswered")),
            reject_reasons=request.form.get("reject_reasons", "").splitlines(),
        )

    return _settings_changed(restaurant_id, said)


@blueprint.post("/statuses/<handover>")
def change_statuses(restaurant_id: str, handover: str) -> ResponseReturnValue:
    """The restaurant's own names for how far an order is, one a row; a row without a name is none."""

    def said() -> SettingsChange:
        rows = zip(request.form.getlist("name"), request.form.getlist("step"), strict=False)
        own: list[Status] = [{"name": name, "step": step} for name, step in rows if name.strip()]
        return SettingsChange(statuses={_one_of(Handover, handover): own})

    return _settings_changed(restaurant_id, said)


@blueprint.post("/staff")
def add_staff(restaurant_id: str) -> ResponseReturnValue:
    """Let somebody work here."""
    now = clock.now()

    def change(session: Session, asking: StaffMember) -> object:
        email, role = request.form.get("email", ""), _one_of(Role, request.form.get("role"))
        return add_staff_member(session, asking.restaurant, email, role, now=now)

    return _changed(restaurant_id, change)


@blueprint.post("/staff/<customer_id>")
def change_staff(restaurant_id: str, customer_id: str) -> ResponseReturnValue:
    """Make somebody an owner, or an owner one of the staff, or let them go."""

    def change(session: Session, asking: StaffMember) -> object:
        everybody = staff_of_restaurant(session, asking.restaurant_id)
        member = next((member for member, person in everybody if person.id == customer_id), None) or abort(404)
        if request.form.get("role") == "none":
            remove_staff_member(session, member)
            return None
        return change_role(session, member, _one_of(Role, request.form.get("role")))

    is_about_themselves = customer_id == signed_in().customer_id
    return _changed(restaurant_id, change, then=url_for("console.choice") if is_about_themselves else None)


@blueprint.post("/secret")
def new_secret(restaurant_id: str) -> ResponseReturnValue:
    """A new API secret, shown on this one page and never again; the one in use stays valid for a while, or ends."""
    now = clock.now()
    ends_at_once = request.form.get("old") == "ends"

    def work(session: Session) -> tuple[StaffMember, str]:
        asking = owner(session, restaurant_id, now)
        overlap = timedelta(0) if ends_at_once else USUAL_OVERLAP
        return asking, rotate_secret(session, asking.restaurant, now=now, overlap=overlap)

    asking, secret = parts().database.write(work)
    shown = {"restaurant": asking.restaurant, "member": asking, "secret": secret, "ends_at_once": ends_at_once}
    hours = int(USUAL_OVERLAP.total_seconds() // 3600)
    return keep_address_secret(private(render_template("console/secret.html", hours=hours, **shown)))


def settings_page(restaurant_id: str, problem: str = "") -> Response:
    """The page, with what was wrong with what was said."""
    with parts().database.reading() as session:
        member = owner(session, restaurant_id, clock.now())
        staff = staff_of_restaurant(session, restaurant_id)
    shown = {"member": member, "staff": staff, "problem": problem}
    return private(rendered_settings(member.restaurant, **shown), 422 if problem else 200)


def rendered_settings(restaurant: Restaurant, **shown: object) -> str:
    """The page's text."""
    return render_template("console/settings.html", restaurant=restaurant, names=_names_of(restaurant), **shown)


def _names_of(restaurant: Restaurant) -> list[ShownNames]:
    return [
        ShownNames(
            handover.value,
            HANDOVERS[handover],
            [*(restaurant.statuses.get(handover) or USUAL_STATUSES[handover])],
            [(step.value, STEP_NAMES[step][handover]) for step in STEPS_OF_A_STATUS],
        )
        for handover in Handover
    ]


def _changed(restaurant_id: str, change: Change, *, then: str | None = None) -> ResponseReturnValue:
    now = clock.now()
    try:
        parts().database.write(lambda session: change(session, owner(session, restaurant_id, now)))
    except (StaffRefusal, NotAnAddress, Refusal) as problem:
        return settings_page(restaurant_id, str(problem))
    return redirect(then or url_for("console_settings.settings", restaurant_id=restaurant_id), 303)


def _settings_changed(restaurant_id: str, said: Callable[[], SettingsChange]) -> ResponseReturnValue:
    def change(session: Session, asking: StaffMember) -> None:
        # Else of two who change the same names at once, one would lose theirs.
        in_turn(session, f"settings of {asking.restaurant_id}")
        session.refresh(asking.restaurant)
        change_settings(asking.restaurant, said())

    return _changed(restaurant_id, change)


def _one_of(words: type[Word], said: str | None) -> Word:
    return words(said) if said in set(words) else abort(400)


def _number(name: str) -> int:
    """What was typed; 0, which is refused in words, for what is no number."""
    typed = request.form.get(name, "").strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 0
