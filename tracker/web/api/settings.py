"""A restaurant over the API: what it is, how it works with orders, and its secret."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from flask import Blueprint, Response
from pydantic import BeforeValidator, Field
from sqlalchemy.orm import Session
from werkzeug.exceptions import Forbidden

from tracker import clock
from tracker.accounts.model import IfUnanswered, Restaurant
from tracker.accounts.registration import USUAL_OVERLAP, rotate_secret
from tracker.database import in_turn
from tracker.orders.operations.restaurant_settings import (
    ANSWER_MINUTES,
    LONGEST_NAME,
    LONGEST_REASON,
    MOST_REASONS,
    WINDOW_MINUTES,
    SettingsChange,
    change_settings,
)
from tracker.orders.progress import MOST_STATUSES, USUAL_STATUSES, Handover, Status, Step
from tracker.web.api.auth import Caller, caller
from tracker.web.api.docs.operation import answer, operation
from tracker.web.api.parsing import Said, body, with_example
from tracker.web.api.schemas.fields import whole
from tracker.web.api.schemas.order_out import StatusShown
from tracker.web.api.schemas.response_model import Shown
from tracker.web.http.services import parts

blueprint = Blueprint("settings", __name__, url_prefix="/restaurants/<restaurant_id>")


class RestaurantShown(Shown):
    """A restaurant, and how it works with orders."""

    id: str
    name: str
    zone: str = Field(description="In which its clock hangs; IANA.")
    currency: str
    locale: str
    phone: str | None
    window_minutes: int = Field(description="How wide a promised time is shown.")
    answer_minutes: int = Field(description="How long a customer has to answer an adjustment.")
    if_unanswered: IfUnanswered = Field(description="What happens if they don’t.")
    reject_reasons: list[str]
    statuses: dict[Handover, list[StatusShown]] = Field(description="Its names for how far an order is.")


class NamedStatus(Said):
    """A name for how far an order is, and the step of the way that it means."""

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    step: Literal["confirmed", "ready", "on_the_way", "arrived", "handed_over"]


Statuses = Annotated[list[NamedStatus], Field(max_length=MOST_STATUSES)]


class NamedStatuses(Said):
    """For each way of handover; an empty list brings the usual names back."""

    collection: Statuses | None = None
    delivery: Statuses | None = None
    table: Statuses | None = None

    def of_handovers(self) -> dict[Handover, list[Status]]:
        """Those that were said."""
        said = {handover: getattr(self, handover.value) for handover in Handover}
        return {
            handover: [Status(name=each.name, step=each.step) for each in own]
            for handover, own in said.items()
            if own is not None
        }


class ChangeSettings(Said):
    """What is to be otherwise; what isn't said, or null, stays as it is."""

    model_config = with_example(answer_minutes=15, if_unanswered="go_ahead", reject_reasons=["We are closing soon."])

    window_minutes: Annotated[int, Field(ge=1, le=WINDOW_MINUTES[-1]), BeforeValidator(whole)] | None = None
    answer_minutes: Annotated[int, Field(ge=1, le=ANSWER_MINUTES[-1]), BeforeValidator(whole)] | None = None
    if_unanswered: Annotated[IfUnanswered, Field(strict=False)] | None = None
    reject_reasons: (
        Annotated[list[Annotated[str, Field(max_length=LONGEST_REASON)]], Field(max_length=MOST_REASONS)] | None
    ) = Field(None, description="The sentences that are chosen from when an order is rejected.")
    statuses: NamedStatuses | None = Field(
        None, description="The last name of a list, and no other, means handed_over; steps never go back along a list."
    )

    def change(self) -> SettingsChange:
        """The same in our words."""
        return SettingsChange(
            answer_minutes=self.answer_minutes,
            window_minutes=self.window_minutes,
            if_unanswered=self.if_unanswered,
            reject_reasons=self.reject_reasons,
            statuses=self.statuses.of_handovers() if self.statuses else None,
        )


class Rotate(Said):
    """How the secret in use ends."""

    model_config = with_example(overlap_minutes=60)

    overlap_minutes: Annotated[int, Field(ge=0, le=7 * 1440), BeforeValidator(whole)] = Field(
        USUAL_OVERLAP // timedelta(minutes=1), description="How long the secret in use stays valid beside the new one."
    )


class Secret(Shown):
    """A new secret. It is said this once, and kept as a hash."""

    secret: str
    the_other_ends_at: datetime


@blueprint.get("")
@operation("Look at the restaurant", answers={200: RestaurantShown})
def show_restaurant(restaurant_id: str) -> Response:
    """What it is called, where its clock hangs, and how it works with orders."""
    with parts().database.reading() as session:
        return answer(_shown(caller(session, restaurant_id, now=clock.now()).restaurant))


@blueprint.patch("")
@operation("Change how the restaurant works", body=ChangeSettings, answers={200: RestaurantShown}, errors=(403,))
def change_restaurant(restaurant_id: str) -> Response:
    """For owners, and programs with the secret. What isn't said stays as it is."""
    said = body(ChangeSettings)

    def work(session: Session) -> RestaurantShown:
        in_turn(session, f"settings of {restaurant_id}")  # else of two who each change one list, one would lose theirs
        restaurant = _owner(session, restaurant_id).restaurant
        change_settings(restaurant, said.change())
        session.flush()
        return _shown(restaurant)

    return answer(parts().database.write(work))


@blueprint.post("/secrets")
@operation("Make a new secret", body=Rotate, answers={201: Secret}, errors=(403,))
def make_secret(restaurant_id: str) -> Response:
    """For owners, and programs with the secret in use, which ends after an overlap. At most two are ever valid."""
    said, now = body(Rotate), clock.now()
    overlap = timedelta(minutes=said.overlap_minutes)

    def work(session: Session) -> str:
        return rotate_secret(session, _owner(session, restaurant_id).restaurant, now=now, overlap=overlap)

    return answer(Secret(secret=parts().database.write(work), the_other_ends_at=now + overlap), 201)


def _owner(session: Session, restaurant_id: str) -> Caller:
    asking = caller(session, restaurant_id, now=clock.now())
    if not asking.is_owner:
        raise Forbidden("Only an owner of the restaurant may do this.")
    return asking


def _shown(restaurant: Restaurant) -> RestaurantShown:
    own = {handover: restaurant.statuses.get(handover) or USUAL_STATUSES[handover] for handover in Handover}
    plain = RestaurantShown.model_fields.keys() - {"statuses"}
    return RestaurantShown(
        **{name: getattr(restaurant, name) for name in plain},
        statuses={
            handover: [StatusShown(name=each["name"], step=Step(each["step"])) for each in statuses]
            for handover, statuses in own.items()
        },
    )
