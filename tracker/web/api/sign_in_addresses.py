"""Handing a customer over from a restaurant's own shop, over the API: an address that signs them in here once."""

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

SHORTEST_LIFE = timedelta(minutes=1)

blueprint = Blueprint("sign_in_addresses", __name__, url_prefix="/sign_in_addresses")
blueprint.before_request(require_restaurant_secret)


class SignInAddressRequest(RequestModel):
    """Whom: whoever ordered this."""

    model_config = with_example(key="the-key-of-your-application", order_id="52a7289e96ba1c6209000003")

    key: Key = Field(description="The application’s API key.")
    order_id: OrderId = Field(description="Where they arrive.")
    expires_in: Annotated[
        int, Field(ge=seconds(SHORTEST_LIFE), le=seconds(MAX_LIFETIME)), BeforeValidator(to_integer)
    ] = Field(seconds(DEFAULT_LIFETIME), description="Seconds.")


class SignInAddressResponse(ResponseModel):
    """Where to send the customer’s browser. Keep it nowhere, and show it to nobody else: it is as good as they are."""

    address: str
    expires_at: datetime


@blueprint.post("")
@operation(
    "Make a one-time sign-in address",
    body=SignInAddressRequest,
    responses={201: SignInAddressResponse},
    errors=(404,),
    secret_only=True,
)
def make_sign_in_address() -> Response:
    """It puts the customer, signed in, on the page of the order. Make it when they press the button, and redirect there
    (303): it works once. They see their orders at your restaurant; by e-mail they can sign in to see all of theirs."""
    request_body, now = read_body(SignInAddressRequest), clock.now()

    def work(session: Session) -> SignInAddressResponse:
        restaurant = authenticated_restaurant(session, now=now)
        application, customer = (
            find_application(session, request_body.key),
            find_order_customer(session, restaurant, request_body.order_id),
        )
        life = timedelta(seconds=request_body.expires_in)
        kept, secret = issue_sign_in_ticket(
            application, customer, restaurant_id=restaurant.id, order_id=request_body.order_id, lifetime=life, now=now
        )
        session.add(kept)
        return SignInAddressResponse(
            address=f"{services().settings.origin}{LINK_PATH}{secret}", expires_at=kept.ends_at
        )

    return json_response(services().database.run_in_transaction(work), 201)
