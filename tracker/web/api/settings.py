"""A restaurant over the API: what it is, how it works with orders, and its secret."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from flask import Blueprint, Response
from pydantic import BeforeValidator, Field
from sqlalchemy.orm import Session
from werkzeug.exceptions import Forbidden

from tracker import clock
from tracker.accounts.model import IfUnanswered, Restaurant
from tracker.accounts.registration import DEFAULT_OVERLAP, rotate_restaurant_secret
from tracker.database import advisory_lock
from tracker.orders.operations.restaurant_settings import (
    ANSWER_MINUTES,
    MAX_NAME_LENGTH,
    MAX_REASON_LENGTH,
    MAX_REASONS,
    WINDOW_MINUTES,
    SettingsChange,
    change_settings,
)
from tracker.orders.progress import DEFAULT_STATUSES, MAX_STATUSES, Fulfilment, Status, Step
from tracker.web.api.auth import Caller, identify_caller
from tracker.web.api.docs.operation import json_response, operation
from tracker.web.api.parsing import RequestModel, read_body, with_example
from tracker.web.api.schemas.fields import to_integer
from tracker.web.api.schemas.order_out import StatusResponse
from tracker.web.api.schemas.response_model import ResponseModel
from tracker.web.http.services import services

blueprint = Blueprint("settings", __name__, url_prefix="/restaurants/<restaurant_id>")


class RestaurantResponse(ResponseModel):
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
    statuses: dict[Fulfilment, list[StatusResponse]] = Field(description="Its names for how far an order is.")


class StatusRequest(RequestModel):
    """A name for how far an order is, and the step of the way that it means."""

    name: Annotated[str, Field(min_length=1, max_length=MAX_NAME_LENGTH)]
    step: Literal["confirmed", "ready", "on_the_way", "arrived", "handed_over"]


Statuses = Annotated[list[StatusRequest], Field(max_length=MAX_STATUSES)]


class StatusesRequest(RequestModel):
    """For each way of fulfilment; an empty list brings the usual names back."""

    collection: Statuses | None = None
    delivery: Statuses | None = None
    table: Statuses | None = None

    def by_fulfilment(self) -> dict[Fulfilment, list[Status]]:
        """Those that were said."""
        requested = {fulfilment: getattr(self, fulfilment.value) for fulfilment in Fulfilment}
        return {
            fulfilment: [Status(name=each.name, step=each.step) for each in own]
            for fulfilment, own in requested.items()
            if own is not None
        }


class SettingsRequest(RequestModel):
    """What is to be otherwise; what isn't said, or null, stays as it is."""

    model_config = with_example(answer_minutes=15, if_unanswered="go_ahead", reject_reasons=["We are closing soon."])

    window_minutes: Annotated[int, Field(ge=1, le=WINDOW_MINUTES[-1]), BeforeValidator(to_integer)] | None = None
    answer_minutes: Annotated[int, Field(ge=1, le=ANSWER_MINUTES[-1]), BeforeValidator(to_integer)] | None = None
    if_unanswered: Annotated[IfUnanswered, Field(strict=False)] | None = None
    reject_reasons: (
        Annotated[list[Annotated[str, Field(max_length=MAX_REASON_LENGTH)]], Field(max_length=MAX_REASONS)] | None
    ) = Field(None, description="The sentences that are chosen from when an order is rejected.")
    statuses: StatusesRequest | None = Field(
        None, description="The last name of a list, and no other, means handed_over; steps never go back along a list."
    )

    def change(self) -> SettingsChange:
        """The same in our words."""
        return SettingsChange(
            answer_minutes=self.answer_minutes,
            window_minutes=self.window_minutes,
            if_unanswered=self.if_unanswered,
            reject_reasons=self.reject_reasons,
            statuses=self.statuses.by_fulfilment() if self.statuses else None,
        )


class RotateSecretRequest(RequestModel):
    """How the secret in use ends."""

    model_config = with_example(overlap_minutes=60)

    overlap_minutes: Annotated[int, Field(ge=0, le=7 * 1440), BeforeValidator(to_integer)] = Field(
        DEFAULT_OVERLAP // timedelta(minutes=1),
        description="How long the secret in use stays valid beside the new one.",
    )


class SecretResponse(ResponseModel):
    """A new secret. It is said this once, and kept as a hash."""

    secret: str
    previous_secret_expires_at: datetime


@blueprint.get("")
@operation("Look at the restaurant", responses={200: RestaurantResponse})
def show_restaurant(restaurant_id: str) -> Response:
    """What it is called, where its clock hangs, and how it works with orders."""
    with services().database.read_session() as session:
        return json_response(_shown(identify_caller(session, restaurant_id, now=clock.now()).restaurant))


@blueprint.patch("")
@operation("Change how the restaurant works", body=SettingsRequest, responses={200: RestaurantResponse}, errors=(403,))
def change_restaurant(restaurant_id: str) -> Response:
    """For owners, and programs with the secret. What isn't said stays as it is."""
    request_body = read_body(SettingsRequest)

    def work(session: Session) -> RestaurantResponse:
        advisory_lock(
            session, f"settings of {restaurant_id}"
        )  # else of two who each change one list, one would lose theirs
        restaurant = _owner(session, restaurant_id).restaurant
        change_settings(restaurant, request_body.change())
        session.flush()
        return _shown(restaurant)

    return json_response(services().database.run_in_transaction(work))


@blueprint.post("/secrets")
@operation("Make a new secret", body=RotateSecretRequest, responses={201: SecretResponse}, errors=(403,))
def make_secret(restaurant_id: str) -> Response:
    """For owners, and programs with the secret in use, which ends after an overlap. At most two are ever valid."""
    request_body, now = read_body(RotateSecretRequest), clock.now()
    overlap = timedelta(minutes=request_body.overlap_minutes)

    def work(session: Session) -> str:
        return rotate_restaurant_secret(session, _owner(session, restaurant_id).restaurant, now=now, overlap=overlap)

    return json_response(
        SecretResponse(secret=services().database.run_in_transaction(work), previous_secret_expires_at=now + overlap),
        201,
    )


def _owner(session: Session, restaurant_id: str) -> Caller:
    caller = identify_caller(session, restaurant_id, now=clock.now())
    if not caller.is_owner:
        raise Forbidden("Only an owner of the restaurant may do this.")
    return caller


def _shown(restaurant: Restaurant) -> RestaurantResponse:
    own = {fulfilment: restaurant.statuses.get(fulfilment) or DEFAULT_STATUSES[fulfilment] for fulfilment in Fulfilment}
    plain = RestaurantResponse.model_fields.keys() - {"statuses"}
    return RestaurantResponse(
        **{name: getattr(restaurant, name) for name in plain},
        statuses={
            fulfilment: [StatusResponse(name=each["name"], step=Step(each["step"])) for each in statuses]
            for fulfilment, statuses in own.items()
        },
    )
