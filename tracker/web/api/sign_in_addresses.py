"""Creating one-time sign-in addresses over the API, for customers who come from a restaurant's own shop."""

from datetime import datetime, timedelta
from typing import Annotated

from flask import Blueprint, Response
from pydantic import BeforeValidator, Field
from sqlalchemy.orm import Session

from tracker import clock
from tracker.accounts.sign_in_tickets import DEFAULT_LIFETIME, LINK_PATH, MAX_LIFETIME, issue_sign_in_ticket
from tracker.web.api.auth import authenticated_restaurant, require_restaurant_secret
from tracker.web.api.docs.operation import json_response, operation
from tracker.web.api.parsing import RequestModel, read_body, with_example
from tracker.web.api.schemas.customer import OrderId, find_order_customer
from tracker.web.api.schemas.fields import to_integer
from tracker.web.api.schemas.response_model import ResponseModel
from tracker.web.api.schemas.tokens import Key, seconds
from tracker.web.api.tokens import find_application
from tracker.web.http.services import services

MIN_LIFETIME = timedelta(minutes=1)

blueprint = Blueprint("sign_in_addresses", __name__, url_prefix="/sign_in_addresses")
blueprint.before_request(require_restaurant_secret)


class SignInAddressRequest(RequestModel):
    """The application, and the order whose customer is to be signed in."""

    model_config = with_example(key="the-key-of-your-application", order_id="52a7289e96ba1c6209000003")

    key: Key = Field(description="The application’s API key.")
    order_id: OrderId = Field(description="The order whose customer is signed in, and on whose page they arrive.")
    expires_in: Annotated[
        int, Field(ge=seconds(MIN_LIFETIME), le=seconds(MAX_LIFETIME)), BeforeValidator(to_integer)
    ] = Field(seconds(DEFAULT_LIFETIME), description="Seconds.")


class SignInAddressResponse(ResponseModel):
    """The address to which to redirect the customer’s browser. Do not store it or show it to anybody else: it signs
    whoever opens it in as the customer."""

    address: str
    expires_at: datetime


@blueprint.post("")
@operation(
    "Create a one-time sign-in address",
    body=SignInAddressRequest,
    responses={201: SignInAddressResponse},
    errors=(404,),
    secret_only=True,
)
def make_sign_in_address() -> Response:
    """The address signs the customer in and shows them the page of the order. It works once, so create it when the
    customer presses a button of yours, and redirect to it (303). The session shows only their orders at your
    restaurant; a customer who signs in by e-mail sees all their orders."""
    request_body, now = read_body(SignInAddressRequest), clock.now()

    def work(session: Session) -> SignInAddressResponse:
        restaurant = authenticated_restaurant(session, now=now)
        application, customer = (
            find_application(session, request_body.key),
            find_order_customer(session, restaurant, request_body.order_id),
        )
        life = timedelta(seconds=request_body.expires_in)
        ticket, secret = issue_sign_in_ticket(
            application, customer, restaurant_id=restaurant.id, order_id=request_body.order_id, lifetime=life, now=now
        )
        session.add(ticket)
        return SignInAddressResponse(
            address=f"{services().settings.origin}{LINK_PATH}{secret}", expires_at=ticket.ends_at
        )

    return json_response(services().database.run_in_transaction(work), 201)
