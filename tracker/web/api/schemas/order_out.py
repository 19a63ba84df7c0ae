"""Response models of an order, for its restaurant, which do not depend on how the order is stored."""

from datetime import datetime
from typing import Any

from pydantic import Field

from tracker.accounts.model import IfUnanswered
from tracker.orders.adjustment import Adjustment
from tracker.orders.model import Order
from tracker.orders.operations.by_restaurant import effective_statuses
from tracker.orders.order_line import OrderLine
from tracker.orders.progress import Fulfilment, Step
from tracker.orders.states import Actor, AdjustmentState, OrderState
from tracker.orders.times import format_eta, format_order_date
from tracker.web.api.schemas.event_out import EventResponse, event_shown
from tracker.web.api.schemas.response_model import ResponseModel, amount_text


class StatusResponse(ResponseModel):
    """A status, and the step that it means."""

    name: str
    step: Step


class OptionResponse(ResponseModel):
    """An option chosen for a line."""

    name: str
    price: str
    is_left_out: bool = Field(description="Whether an accepted adjustment left the option out.")


class LineResponse(ResponseModel):
    """One ordered position."""

    id: str = Field(description="The id by which `items` of an adjustment refers to the line.")
    name: str
    section: str | None
    ordered: int
    quantity: int = Field(description="The quantity now; 0 if the line was left out.")
    unit_price: str = Field(description="The price of one, including its options.")
    options: list[OptionResponse]


class BillResponse(ResponseModel):
    """The bill, in major units of the order's currency. `total` is the sum of all fields but `refunded`."""

    items: str
    delivery: str
    service: str
    fee: str
    discount: str = Field(description="The discount, as an amount below zero.")
    other: str = Field(description="Other charges of a platform; zero for the restaurant’s own orders.")
    tip: str
    total: str
    refunded: str


class AdjustmentResponse(ResponseModel):
    """A change that the restaurant proposed, and its outcome. Its fields have the names of the real-time contract."""

    number: int
    state: AdjustmentState
    proposed_at: datetime
    time: int | None = Field(description="Minutes from `proposed_at`; only for an order for as soon as possible.")
    order_date: str | None = Field(description="MM/DD/YYYY; only for an advance order.")
    eta: str | None = Field(description="H:MM AM or PM in the restaurant’s local time; only for an advance order.")
    promised_at: datetime | None
    items: list[str]
    options: list[str]
    reason: str | None
    difference: str | None = Field(description="The change of the total; null if only the platform knows it.")
    answer_by: datetime
    if_unanswered: IfUnanswered
    extensions: int = Field(description="How often the customer has asked for more time.")
    ended_at: datetime | None
    ended_by: Actor | None


class CustomerResponse(ResponseModel):
    """The customer, as this restaurant knows them."""

    name: str | None


class OrderResponse(ResponseModel):
    """An order in a list, as its restaurant sees it."""

    id: str
    version: int
    short_code: str
    state: OrderState
    platform: str | None = Field(description="The platform that sent it, such as flipdish; null for an own order.")
    fulfilment: Fulfilment
    table: str | None
    is_advance: bool = Field(description="Whether the order is for a certain time and not for as soon as possible.")
    zone: str
    placed_at: datetime
    requested_for: datetime | None
    promised_at: datetime | None
    confirmed_at: datetime | None
    ended_at: datetime | None
    step: Step
    status: str | None
    statuses: list[StatusResponse] = Field(description="The statuses to choose from; the last one completes the order.")
    reason: str | None
    customer: CustomerResponse
    note: str | None
    address: str | None
    address_note: str | None
    payment: str | None
    voucher: str | None
    rating: int | None
    currency: str
    bill: BillResponse
    lines: list[LineResponse]
    adjustment: AdjustmentResponse | None = Field(
        description="The adjustment that the customer has yet to answer, if any."
    )


class OrderDetail(OrderResponse):
    """An order with its adjustments and its history."""

    adjustments: list[AdjustmentResponse]
    history: list[EventResponse]


def order_response(order: Order) -> OrderResponse:
    """Return the order for a list. It reads the order's lines, adjustments, refunds, customer and platform account."""
    return OrderResponse(**_of(order))


def order_detail(order: Order) -> OrderDetail:
    """Return the order with its adjustments and its history."""
    adjustments = [_adjustment(order, adjustment) for adjustment in order.adjustments]
    history = [event_shown(order, event) for event in sorted(order.events, key=lambda event: event.number)]
    return OrderDetail(**_of(order), adjustments=adjustments, history=history)


_SAME_NAMES = (
    *("id", "version", "short_code", "state", "fulfilment", "is_advance", "placed_at", "requested_for", "promised_at"),
    *("confirmed_at", "ended_at", "step", "reason", "note", "address", "address_note", "payment", "voucher"),
    *("rating", "currency"),
)


def _of(order: Order) -> dict[str, Any]:
    open_adjustment = order.open_adjustment
    return {name: getattr(order, name) for name in _SAME_NAMES} | {
        "platform": order.platform_account.platform if order.platform_account else None,
        "table": order.table_name,
        "zone": order.timezone.key,
        "status": order.status_text,
        "statuses": [StatusResponse(name=each["name"], step=Step(each["step"])) for each in effective_statuses(order)],
        "customer": CustomerResponse(name=order.visible_customer_name),
        "bill": _bill(order),
        "lines": [_line(order, line) for line in order.lines],
        "adjustment": _adjustment(order, open_adjustment) if open_adjustment else None,
    }


def _bill(order: Order) -> BillResponse:
    bill = order.bill
    parts = {name: getattr(bill, name) for name in BillResponse.model_fields if name != "refunded"}
    return BillResponse(
        **{name: amount_text(order, minor) for name, minor in parts.items()},
        refunded=amount_text(order, order.refunded.minor),
    )


def _line(order: Order, line: OrderLine) -> LineResponse:
    options = [
        OptionResponse(
            name=each["name"],
            price=amount_text(order, each["minor"]),
            is_left_out=each["name"] in line.options_left_out,
        )
        for each in line.options
    ]
    return LineResponse(
        id=line.ref,
        name=line.name,
        section=line.section,
        ordered=line.ordered,
        quantity=line.quantity,
        unit_price=amount_text(order, line.unit_minor),
        options=options,
    )


def _adjustment(order: Order, adjustment: Adjustment) -> AdjustmentResponse:
    promised = adjustment.promised_at if order.is_advance else None
    names = AdjustmentResponse.model_fields.keys() - {"time", "order_date", "eta", "items", "difference"}
    difference = adjustment.difference
    return AdjustmentResponse(
        **{name: getattr(adjustment, name) for name in names},
        time=adjustment.minutes,
        order_date=format_order_date(promised, order.timezone) if promised else None,
        eta=format_eta(promised, order.timezone) if promised else None,
        items=adjustment.lines,
        difference=None if difference is None else amount_text(order, difference),
    )
