"""The console's settings for owners: how orders are answered, the statuses, the staff, and the API secret."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, TypeVar

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from tracker import clock
from tracker.accounts.email_addresses import InvalidEmailAddress
from tracker.accounts.model import IfUnanswered, Restaurant, Role, StaffMember
from tracker.accounts.registration import DEFAULT_OVERLAP, rotate_restaurant_secret
from tracker.accounts.staff import StaffError, add_staff_member, change_role, remove_staff_member
from tracker.accounts.staff_queries import staff_of_restaurant
from tracker.database import advisory_lock
from tracker.orders.operations.restaurant_settings import STATUS_STEPS, SettingsChange, change_settings
from tracker.orders.progress import DEFAULT_STATUSES, MAX_STATUSES, Fulfilment, Status
from tracker.orders.refusals import Refusal
from tracker.web.console.auth import owner
from tracker.web.console.sentences import FULFILMENT_LABELS
from tracker.web.http.auth import require_customer
from tracker.web.http.responses import private
from tracker.web.http.security import protect_secret_url
from tracker.web.http.services import services
from tracker.web.order.sentences import STEP_NAMES

blueprint = Blueprint("console_settings", __name__, url_prefix="/console/<restaurant_id>/settings")

Change = Callable[[Session, StaffMember], object]
"""A change to the restaurant. Its arguments are the session and the owner who makes the change."""


Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class StatusNamesView:
    """The statuses of one way of fulfilment, and the steps that a status can mean."""

    fulfilment: str
    heading: str
    statuses: list[Any]
    steps: list[tuple[str, str]]

    @property
    def rows(self) -> list[Any]:
        """One row for each possible status; those after the existing statuses are empty."""
        return self.statuses + [{"name": "", "step": ""}] * (MAX_STATUSES - len(self.statuses))


@blueprint.get("")
def settings(restaurant_id: str) -> Response:
    """Show the settings to an owner."""
    return settings_page(restaurant_id)


@blueprint.post("")
def change_answers(restaurant_id: str) -> ResponseReturnValue:
    """Change how customers are asked about adjustments, and the reasons for rejecting an order."""

    def read_change() -> SettingsChange:
        return SettingsChange(
            answer_minutes=_number("answer_minutes"),
            window_minutes=_number("window_minutes"),
            if_unanswered=_one_of(IfUnanswered, request.form.get("if_unanswered")),
            reject_reasons=request.form.get("reject_reasons", "").splitlines(),
        )

    return _settings_changed(restaurant_id, read_change)


@blueprint.post("/statuses/<fulfilment>")
def change_statuses(restaurant_id: str, fulfilment: str) -> ResponseReturnValue:
    """Change the restaurant's statuses for one way of fulfilment. Rows without a name are left out."""

    def read_change() -> SettingsChange:
        rows = zip(request.form.getlist("name"), request.form.getlist("step"), strict=False)
        own: list[Status] = [{"name": name, "step": step} for name, step in rows if name.strip()]
        return SettingsChange(statuses={_one_of(Fulfilment, fulfilment): own})

    return _settings_changed(restaurant_id, read_change)


@blueprint.post("/staff")
def add_staff(restaurant_id: str) -> ResponseReturnValue:
    """Add a member to the staff."""
    now = clock.now()

    def change(session: Session, acting_owner: StaffMember) -> object:
        email, role = request.form.get("email", ""), _one_of(Role, request.form.get("role"))
        return add_staff_member(session, acting_owner.restaurant, email, role, now=now)

    return _changed(restaurant_id, change)


@blueprint.post("/staff/<customer_id>")
def change_staff(restaurant_id: str, customer_id: str) -> ResponseReturnValue:
    """Change the role of a staff member, or remove them."""

    def change(session: Session, acting_owner: StaffMember) -> object:
        everyone = staff_of_restaurant(session, acting_owner.restaurant_id)
        member = next((member for member, person in everyone if person.id == customer_id), None) or abort(404)
        if request.form.get("role") == "none":
            remove_staff_member(session, member)
            return None
        return change_role(session, member, _one_of(Role, request.form.get("role")))

    is_about_themselves = customer_id == require_customer().customer_id
    return _changed(restaurant_id, change, then=url_for("console.choice") if is_about_themselves else None)


@blueprint.post("/secret")
def new_secret(restaurant_id: str) -> ResponseReturnValue:
    """Create a new API secret and show it only once. The current one stays valid for a while, or ends at once."""
    now = clock.now()
    ends_at_once = request.form.get("old") == "ends"

    def work(session: Session) -> tuple[StaffMember, str]:
        acting_owner = owner(session, restaurant_id, now)
        overlap = timedelta(0) if ends_at_once else DEFAULT_OVERLAP
        return acting_owner, rotate_restaurant_secret(session, acting_owner.restaurant, now=now, overlap=overlap)

    acting_owner, secret = services().database.run_in_transaction(work)
    shown = {
        "restaurant": acting_owner.restaurant,
        "member": acting_owner,
        "secret": secret,
        "ends_at_once": ends_at_once,
    }
    hours = int(DEFAULT_OVERLAP.total_seconds() // 3600)
    return protect_secret_url(private(render_template("console/secret.html", hours=hours, **shown)))


def settings_page(restaurant_id: str, problem: str = "") -> Response:
    """Return the page of the settings, with the problem of a change that was refused if there is one."""
    with services().database.read_session() as session:
        member = owner(session, restaurant_id, clock.now())
        staff = staff_of_restaurant(session, restaurant_id)
    shown = {"member": member, "staff": staff, "problem": problem}
    return private(render_settings(member.restaurant, **shown), 422 if problem else 200)


def render_settings(restaurant: Restaurant, **shown: object) -> str:
    """Render the page of the settings."""
    return render_template("console/settings.html", restaurant=restaurant, names=_names_of(restaurant), **shown)


def _names_of(restaurant: Restaurant) -> list[StatusNamesView]:
    return [
        StatusNamesView(
            fulfilment.value,
            FULFILMENT_LABELS[fulfilment],
            [*(restaurant.statuses.get(fulfilment) or DEFAULT_STATUSES[fulfilment])],
            [(step.value, STEP_NAMES[step][fulfilment]) for step in STATUS_STEPS],
        )
        for fulfilment in Fulfilment
    ]


def _changed(restaurant_id: str, change: Change, *, then: str | None = None) -> ResponseReturnValue:
    now = clock.now()
    try:
        services().database.run_in_transaction(lambda session: change(session, owner(session, restaurant_id, now)))
    except (StaffError, InvalidEmailAddress, Refusal) as problem:
        return settings_page(restaurant_id, str(problem))
    return redirect(then or url_for("console_settings.settings", restaurant_id=restaurant_id), 303)


def _settings_changed(restaurant_id: str, read_change: Callable[[], SettingsChange]) -> ResponseReturnValue:
    def change(session: Session, acting_owner: StaffMember) -> None:
        # Without the lock, one of two simultaneous changes could overwrite the other.
        advisory_lock(session, f"settings of {acting_owner.restaurant_id}")
        session.refresh(acting_owner.restaurant)
        change_settings(acting_owner.restaurant, read_change())

    return _changed(restaurant_id, change)


def _one_of(choices: type[Choice], value: str | None) -> Choice:
    return choices(value) if value in set(choices) else abort(400)


def _number(name: str) -> int:
    """Return the number that was entered, or 0 if it is not one; 0 is refused with a sentence."""
    typed = request.form.get(name, "").strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 0
