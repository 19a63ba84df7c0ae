"""Handing a customer over from a restaurant's own shop, over the API: an address that signs them in here once."""

from datetime import datetime, timedelta
from typing import Annotated

from flask import Blueprint, Response
from pydantic import BeforeValidator, Field
from sqlalchemy.orm import Session

from tracker import clock
from tracker.accounts.sign_in_tickets import LINK_PATH, LONGEST_LIFE, USUAL_LIFE, hand_over
from tracker.web.api.auth import calling_restaurant, let_program_in
from tracker.web.api.docs.operation import answer, operation
from tracker.web.api.parsing import Said, body, with_example
from tracker.web.api.schemas.customer import OrderId, customer_of_order
from tracker.web.api.schemas.fields import whole
from tracker.web.api.schemas.response_model import Shown
from tracker.web.api.schemas.tokens import Key, seconds
from tracker.web.api.tokens import application_said
from tracker.web.http.services import parts

SHORTEST_LIFE = timedelta(minutes=1)

blueprint = Blueprint("hand_over", __name__, url_prefix="/sign_in_addresses")
blueprint.before_request(let_program_in)


class HandOver(Said):
    """Whom: whoever ordered this."""

    model_config = with_example(key="the-key-of-your-application", order_id="52a7289e96ba1c6209000003")

    key: Key = Field(description="The application’s API key.")
    order_id: OrderId = Field(description="Where they arrive.")
    expires_in: Annotated[int, Field(ge=seconds(SHORTEST_LIFE), le=seconds(LONGEST_LIFE)), BeforeValidator(whole)] = (
        Field(seconds(USUAL_LIFE), description="Seconds.")
    )


class SignInAddress(Shown):
    """Where to send the customer’s browser. Keep it nowhere, and show it to nobody else: it is as good as they are."""

    address: str
    expires_at: datetime


@blueprint.post("")
@operation(
    "Make a one-time sign-in address", body=HandOver, answers={201: SignInAddress}, errors=(404,), by_secret_alone=True
)
def make_sign_in_address() -> Response:
    """It puts the customer, signed in, on the page of the order. Make it when they press the button, and redirect there
    (303): it works once. They see their orders at your restaurant; by e-mail they can sign in to see all of theirs."""
    said, now = body(HandOver), clock.now()

    def work(session: Session) -> SignInAddress:
        restaurant = calling_restaurant(session, now=now)
        application, customer = (
            application_said(session, said.key),
            customer_of_order(session, restaurant, said.order_id),
        )
        life = timedelta(seconds=said.expires_in)
        kept, secret = hand_over(
            application, customer, restaurant_id=restaurant.id, order_id=said.order_id, life=life, now=now
        )
        session.add(kept)
        return SignInAddress(address=f"{parts().settings.origin}{LINK_PATH}{secret}", expires_at=kept.ends_at)

    return answer(parts().database.write(work), 201)
