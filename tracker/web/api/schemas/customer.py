"""Who somebody is to a restaurant's own shop, and which customer of ours that makes them."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from tracker.accounts.email_addresses import normalise_email
from tracker.accounts.model import Customer, Restaurant
from tracker.orders.operations.customer_merge import resolve_shop_customer
from tracker.orders.queries.finders import find_order_owner
from tracker.orders.refusals import NotPossible
from tracker.upstream.json_reader import clean_text
from tracker.web.api.auth import NOT_FOUND
from tracker.web.api.parsing import RequestModel
from tracker.web.api.schemas.fields import ID

Address = Annotated[
    str,
    Field(max_length=254),
    AfterValidator(normalise_email),
    WithJsonSchema({"type": "string", "format": "email", "maxLength": 254}),
]
ShopCustomerId = Annotated[str, Field(min_length=1, max_length=100)]
"""What a shop calls somebody; any text will do."""
OrderId = Annotated[str, Field(pattern=ID)]


class ShopCustomerRequest(RequestModel):
    """Somebody as your shop knows them. The same `id` is always the same person, and whoever has the same verified
    address, in whichever shop, is the same person too. Without either it is somebody new each time."""

    id: ShopCustomerId | None = Field(None, description="Your own number for them.")
    email: Address | None = Field(
        None,
        description="Where they can sign in and see all their orders together; only if it is verified. One that is not "
        "is not kept: it could be anybody’s.",
    )
    email_verified: bool = Field(
        False, description="That they have shown you that the address is theirs, as by a link in a letter to it."
    )
    name: Annotated[str, Field(max_length=200)] | None = None

    @property
    def clean_name(self) -> str | None:
        """The name, on one line."""
        return clean_text(self.name or "", 200)

    @property
    def proven_email(self) -> str | None:
        """The address, if the shop knows that it is theirs."""
        return self.email if self.email_verified else None


def resolve_requested_customer(
    session: Session, restaurant: Restaurant, shop_customer: ShopCustomerRequest, *, now: datetime
) -> Customer:
    """The customer whom the restaurant's shop means."""
    return resolve_shop_customer(
        session,
        restaurant,
        shop_customer.id,
        proven_email=shop_customer.proven_email,
        name=shop_customer.clean_name,
        now=now,
    )


def find_order_customer(session: Session, restaurant: Restaurant, order_id: str) -> Customer:
    """Whose this order of the restaurant's is. 404 for any other order; NotPossible when nobody knows."""
    found = find_order_owner(session, restaurant.id, order_id)
    if found is None:
        raise NotFound(NOT_FOUND)
    if found.customer is None:
        raise NotPossible("Nobody has said whose order this is, so it can’t be opened to anybody.")
    return found.customer
