"""Showing and changing a restaurant's settings over the API, and rotating its secret."""

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
    """A restaurant and its settings."""

    id: str
    name: str
    zone: str = Field(description="The IANA name of its time zone.")
    currency: str
    locale: str
    phone: str | None
    window_minutes: int = Field(description="The width of the time window that customers see for a promised time.")
    answer_minutes: int = Field(description="How many minutes a customer has to answer an adjustment.")
    if_unanswered: IfUnanswered = Field(description="What happens to an adjustment that is not answered in time.")
    reject_reasons: list[str]
    statuses: dict[Fulfilment, list[StatusResponse]] = Field(description="Its statuses for each way of fulfilment.")


class StatusRequest(RequestModel):
    """A status, and the step that it means."""

    name: Annotated[str, Field(min_length=1, max_length=MAX_NAME_LENGTH)]
    step: Literal["confirmed", "ready", "on_the_way", "arrived", "handed_over"]


Statuses = Annotated[list[StatusRequest], Field(max_length=MAX_STATUSES)]


class StatusesRequest(RequestModel):
    """The statuses for each way of fulfilment. An empty list restores the default ones."""

    collection: Statuses | None = None
    delivery: Statuses | None = None
    table: Statuses | None = None

    def by_fulfilment(self) -> dict[Fulfilment, list[Status]]:
        """Return the lists that were sent, without those that are missing or null."""
        requested = {fulfilment: getattr(self, fulfilment.value) for fulfilment in Fulfilment}
        return {
            fulfilment: [Status(name=each.name, step=each.step) for each in own]
            for fulfilment, own in requested.items()
            if own is not None
        }


class SettingsRequest(RequestModel):
    """The settings to change. A field that is missing or null stays as it is."""

    model_config = with_example(answer_minutes=15, if_unanswered="go_ahead", reject_reasons=["We are closing soon."])

    window_minutes: Annotated[int, Field(ge=1, le=WINDOW_MINUTES[-1]), BeforeValidator(to_integer)] | None = None
    answer_minutes: Annotated[int, Field(ge=1, le=ANSWER_MINUTES[-1]), BeforeValidator(to_integer)] | None = None
    if_unanswered: Annotated[IfUnanswered, Field(strict=False)] | None = None
    reject_reasons: (
        Annotated[list[Annotated[str, Field(max_length=MAX_REASON_LENGTH)]], Field(max_length=MAX_REASONS)] | None
    ) = Field(None, description="The reasons to choose from when an order is rejected.")
    statuses: StatusesRequest | None = Field(
        None,
        description="The last status of a list, and only it, has the step handed_over; steps never go back in a list.",
    )

    def change(self) -> SettingsChange:
        """Return the change as the operation takes it."""
        return SettingsChange(
            answer_minutes=self.answer_minutes,
            window_minutes=self.window_minutes,
            if_unanswered=self.if_unanswered,
            reject_reasons=self.reject_reasons,
            statuses=self.statuses.by_fulfilment() if self.statuses else None,
        )


class RotateSecretRequest(RequestModel):
    """How long the current secret stays valid."""

    model_config = with_example(overlap_minutes=60)

    overlap_minutes: Annotated[int, Field(ge=0, le=7 * 1440), BeforeValidator(to_integer)] = Field(
        DEFAULT_OVERLAP // timedelta(minutes=1),
        description="How many minutes the current secret stays valid beside the new one.",
    )


class SecretResponse(ResponseModel):
    """A new secret. It is shown only in this response, because only its hash is stored."""

    secret: str
    previous_secret_expires_at: datetime


@blueprint.get("")
@operation("Show the restaurant", responses={200: RestaurantResponse})
def show_restaurant(restaurant_id: str) -> Response:
    """The response contains the restaurant's name, time zone and settings."""
    with services().database.read_session() as session:
        return json_response(_shown(identify_caller(session, restaurant_id, now=clock.now()).restaurant))


@blueprint.patch("")
@operation("Change the restaurant’s settings", body=SettingsRequest, responses={200: RestaurantResponse}, errors=(403,))
def change_restaurant(restaurant_id: str) -> Response:
    """Only owners, and programs with the secret, may do this. Fields that are missing or null stay as they are."""
    request_body = read_body(SettingsRequest)

    def work(session: Session) -> RestaurantResponse:
        # Without the lock, one of two simultaneous changes could overwrite the other.
        advisory_lock(session, f"settings of {restaurant_id}")
        restaurant = _owner(session, restaurant_id).restaurant
        change_settings(restaurant, request_body.change())
        session.flush()
        return _shown(restaurant)

    return json_response(services().database.run_in_transaction(work))


@blueprint.post("/secrets")
@operation("Create a new secret", body=RotateSecretRequest, responses={201: SecretResponse}, errors=(403,))
def make_secret(restaurant_id: str) -> Response:
    """Only owners, and programs with the current secret, may do this. The current secret stays valid for an overlap; at
    most two secrets are valid at a time."""
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
