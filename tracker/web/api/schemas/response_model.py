"""The base of the API's response models."""

from pydantic import BaseModel, ConfigDict

from tracker.orders.model import Order
from tracker.orders.money import decimals


class ResponseModel(BaseModel):
    """Base of the models of responses. Fields may be added; the meaning of an existing field never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True, serialize_by_alias=True)


def amount_text(order: Order, minor: int) -> str:
    """Return the amount in major units of the order's currency, with all its decimals: 1250 cents are "12.50"."""
    return f"{order.money(minor).amount:.{decimals(order.currency)}f}"
