"""A customer as a restaurant's own shop describes them, and the finding of the customer in our database."""

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
"""The shop's own id of a customer, which can be any text."""
OrderId = Annotated[str, Field(pattern=ID)]


class ShopCustomerRequest(RequestModel):
    """A customer of your shop. The same `id` always means the same person, and so does the same verified address, even
    in different shops. Without both, each request creates a new customer."""

    id: ShopCustomerId | None = Field(None, description="Your shop’s id of the customer.")
    email: Address | None = Field(
        None,
        description="The address with which they can sign in and see all their orders. It is stored only if it is "
        "verified, because otherwise it could be anybody’s.",
    )
    email_verified: bool = Field(
        False,
        description="Whether they have proved to you that the address is theirs, for example by a link in an e-mail.",
    )
    name: Annotated[str, Field(max_length=200)] | None = None

    @property
    def clean_name(self) -> str | None:
        """Return the name on one line, or None if it is blank."""
        return clean_text(self.name or "", 200)

    @property
    def proven_email(self) -> str | None:
        """Return the address if the shop has verified it, else None."""
        return self.email if self.email_verified else None


def resolve_requested_customer(
    session: Session, restaurant: Restaurant, shop_customer: ShopCustomerRequest, *, now: datetime
) -> Customer:
    """Return the customer whom the shop describes, and create them if they are new."""
    return resolve_shop_customer(
        session,
        restaurant,
        shop_customer.id,
        proven_email=shop_customer.proven_email,
        name=shop_customer.clean_name,
        now=now,
    )


def find_order_customer(session: Session, restaurant: Restaurant, order_id: str) -> Customer:
    """Return the customer of an order of the restaurant.

    Raise NotFound if the restaurant has no such order, and NotPossible if the order's customer is not known.
    """
    found = find_order_owner(session, restaurant.id, order_id)
    if found is None:
        raise NotFound(NOT_FOUND)
    if found.customer is None:
        raise NotPossible("The customer of this order is not known, so nobody can be given access to it.")
    return found.customer
