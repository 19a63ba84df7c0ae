"""Who somebody is to a restaurant's own shop, and which customer of ours that makes them."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from tracker.accounts.email_addresses import normalised_address
from tracker.accounts.model import Customer, Restaurant
from tracker.orders.operations.customer_merge import customer_of_restaurant
from tracker.orders.queries.finders import owner_of_order
from tracker.orders.refusals import NotPossible
from tracker.upstream.json_reader import clean_text
from tracker.web.api.auth import NOT_THERE
from tracker.web.api.parsing import Said
from tracker.web.api.schemas.fields import ID

Address = Annotated[
    str,
    Field(max_length=254),
    AfterValidator(normalised_address),
    WithJsonSchema({"type": "string", "format": "email", "maxLength": 254}),
]
OwnId = Annotated[str, Field(min_length=1, max_length=100)]
"""What a shop calls somebody; any text will do."""
OrderId = Annotated[str, Field(pattern=ID)]


class ShopCustomer(Said):
    """Somebody as your shop knows them. The same `id` is always the same person, and whoever has the same verified
    address, in whichever shop, is the same person too. Without either it is somebody new each time."""

    id: OwnId | None = Field(None, description="Your own number for them.")
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
    def called(self) -> str | None:
        """The name, on one line."""
        return clean_text(self.name or "", 200)

    @property
    def proven_email(self) -> str | None:
        """The address, if the shop knows that it is theirs."""
        return self.email if self.email_verified else None


def customer_said(session: Session, restaurant: Restaurant, said: ShopCustomer, *, now: datetime) -> Customer:
    """The customer whom the restaurant's shop means."""
    return customer_of_restaurant(
        session, restaurant, said.id, proven_email=said.proven_email, name=said.called, now=now
    )


def customer_of_order(session: Session, restaurant: Restaurant, order_id: str) -> Customer:
    """Whose this order of the restaurant's is. 404 for any other order; NotPossible when nobody knows."""
    found = owner_of_order(session, restaurant.id, order_id)
    if found is None:
        raise NotFound(NOT_THERE)
    if found.customer is None:
        raise NotPossible("Nobody has said whose order this is, so it can’t be opened to anybody.")
    return found.customer
