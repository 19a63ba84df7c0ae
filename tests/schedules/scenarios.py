"""The orders of one schedule, with everything that happens to them and the Flipdish notices that report it.

An order's notices are listed in the right order, the one in which things happened. Sometimes this order cannot be known
from the notices alone, because they name no time.
"""

import json
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from tests.builders import EVENING
from tests.upstream.flipdish.notices import the_seed

CUSTOMERS = {1234: ("Ada Byrne", "ada@example.com"), 77: ("Robin Sample", "robin@example.com")}
NEVER = "0001-01-01T00:00:00"
"""What .NET writes for a time that was never set."""
MENU = (("Margherita", 11.5), ("Marinara", 9.0), ("Tiramisu", 6.5), ("Lemonade", 3.2))
STATUSES = ("Ready", "Dave waves", "In the oven", "Out for delivery", "Almost there", "Delivered", "Ready to collect")
UPDATES = ("The chef sends greetings", "Packed with care", "The oven is hot")
TRACKING = ("Unassigned", "Accepted", "Carrying", "OnTheWay", "ArrivedAtLocation", "CannotDeliver", "None")


@dataclass(frozen=True, slots=True)
class StaffUpdate:
    """A text from the restaurant's staff about an order; it takes no advisory lock, unlike the platform's notices."""

    at: datetime
    status: str


@dataclass(slots=True)
class OrderScenario:
    """One order: its platform account and number there, its notices in the right order, and updates by the staff."""

    platform_account: int
    number: int
    customer: int
    notices: list[bytes] = field(default_factory=list)
    updates: list[StaffUpdate] = field(default_factory=list)


def random_scenarios(rng: Random) -> list[OrderScenario]:
    """Return one to three orders of up to two customers at up to two restaurants."""
    return [_ScenarioBuilder(rng, number).build() for number in range(1, rng.choice((1, 1, 2, 2, 3)) + 1)]


class _ScenarioBuilder:
    """Builds the history of one order, with a notice for each thing that happens to it."""

    def __init__(self, rng: Random, number: int) -> None:
        self.rng = rng
        self.now = EVENING
        self.scenario = OrderScenario(rng.randrange(2), 1000 + number, rng.choice(list(CUSTOMERS)))
        self.reports_refunds = rng.random() < 0.7
        self.is_vague = rng.random() < 0.2
        """Whether some of its notices name no time."""
        self.refunded = 0.0
        self.order = the_seed("order.created")["Order"]
        name, address = CUSTOMERS[self.scenario.customer]
        self.order |= {
            "OrderId": self.scenario.number,
            "Customer": {"Id": self.scenario.customer, "Name": name, "EmailAddress": address},
            "DeliveryType": rng.choice(("Delivery", "Delivery", "Pickup")),
            "OrderState": "ReadyToProcess",
            "PlacedTime": _text(self.now),
            "RequestedForTime": _text(self.now + timedelta(minutes=45)),
            "AcceptedFor": None,
            "UserRating": None,
            "RefundedAmount": None,
            "IsPreOrder": rng.random() < 0.3,
        }
        self._set_items([rng.choice(MENU) for _ in range(rng.randint(1, 4))])

    def build(self) -> OrderScenario:
        self._send("order.created", OrderCreatedTime=_text(self.now))
        if self.rng.random() < 0.12:
            self._reject()
        elif self.rng.random() < 0.9:
            self._accept()
        for _ in range(self.rng.choice((0, 1, 2, 3, 4, 5, 6, 7))):
            self.rng.choice(self._EVENTS)(self)
        self._add_updates(self.rng.sample(UPDATES, self.rng.choice((0, 0, 1, 3))))
        return self.scenario

    def _accept(self) -> None:
        self.order["AcceptedFor"] = _text(self.now + timedelta(minutes=self.rng.choice((30, 45, 60))))
        stays_behind = self.rng.random() < 0.5  # the documented sample has the state of before
        self.order["OrderState"] = "ReadyToProcess" if stays_behind else "AcceptedByRestaurant"
        self._send("order.accepted", OrderAcceptedTime=self._this_time())
        self.order["OrderState"] = "AcceptedByRestaurant"

    def _reject(self) -> None:
        was_accepted = self.order["OrderState"] == "AcceptedByRestaurant"
        self.order["OrderState"] = "RejectedAfterBeingAccepted" if was_accepted else "RejectedByStore"
        self.order["RejectionReason"] = self.rng.choice(("TooBusy", "FoodUnavailable", None))
        self._send("order.rejected", Reason=self.rng.choice(("Oven broke", None)), OrderRejectedTime=self._this_time())

    def _cancel(self) -> None:
        self.order["OrderState"] = "Cancelled"
        self._send_tracking()

    def _dispatch(self) -> None:
        if self.order["OrderState"] == "AcceptedByRestaurant":
            self.order["OrderState"] = "Dispatched"
        self._send("order.dispatched", OrderDispatchedTime=self._this_time())

    def _deliver(self) -> None:
        self.order["OrderState"] = "Delivered"
        self._send_tracking()

    def _send_tracking(self) -> None:
        self.order["DeliveryTrackingStatus"] = self.rng.choice(TRACKING)
        self._send("order.deliverytracking.status.updated")

    def _fulfil(self) -> None:
        status = self.rng.choice(STATUSES)
        self._send("order.fulfillment.status.updated", has_order=False, StatusId=7, StatusName=status)

    def _refund(self) -> None:
        amount = self.rng.choice((0.5, 2.0, 5.25))
        self.refunded += amount
        if self.reports_refunds:
            self.order["RefundedAmount"] = self.refunded
        self._send("order.refunded", RefundedAmount=amount)

    def _tip(self) -> None:
        self.order["Amount"] -= self.order["TipAmount"]
        self.order["TipAmount"] = self.rng.choice((0.0, 1.0, 2.5, 4.0))
        self.order["Amount"] += self.order["TipAmount"]
        self._send("order.tip.updated", TipAmount=self.order["TipAmount"])

    def _rate(self) -> None:
        self.order["UserRating"] = self.rng.randint(1, 5)
        self._send("order.rating.updated", Rating=self.order["UserRating"])

    def _move(self) -> None:
        if self.order["AcceptedFor"]:
            self.order["AcceptedFor"] = _text(EVENING + timedelta(minutes=self.rng.choice((35, 50, 65, 80))))
        self._send_tracking()

    def _change_lines(self) -> None:
        items = [(item["Name"], item["Price"]) for item in self.order["OrderItems"]]
        if len(items) > 1 and self.rng.random() < 0.6:
            items.pop(self.rng.randrange(len(items)))
        else:
            items.append(self.rng.choice(MENU))
        self._set_items(items)
        self._send_tracking()

    def _change_note(self) -> None:
        self.order["ChefNote"] = self.rng.choice(("Ring twice", "No olives", None))
        self.order["LocalOrderId"] = self.rng.choice(("A42", "B17"))
        self._send_tracking()

    def _send_unknown_event(self) -> None:
        self._send("order.terminal.notification")

    def _add_updates(self, statuses: list[str]) -> None:
        """Add updates by the staff, never two at one moment: then nobody could know which was the last."""
        seconds = self.rng.sample(range(1, 2001), len(statuses))
        self.scenario.updates += [
            StaffUpdate(EVENING + timedelta(seconds=second, milliseconds=500), status)
            for second, status in zip(seconds, statuses, strict=True)
        ]

    def _set_items(self, items: list[tuple[str, float]]) -> None:
        template = the_seed("order.created")["Order"]["OrderItems"][0]
        self.order["OrderItems"] = [
            deepcopy(template) | {"Name": name, "Price": price, "PriceIncludingOptionSetItems": price}
            for name, price in items
        ]
        total = sum(price for _, price in items)
        self.order |= {"OrderItemsAmount": total, "Amount": total + self.order["TipAmount"]}

    def _this_time(self) -> str | None:
        return self.rng.choice((_text(self.now), NEVER, None))

    def _send(self, name: str, *, has_order: bool = True, **fields: Any) -> None:
        self.now += timedelta(seconds=self.rng.choice((0, 1, 20, 200, 600)))
        guid = "00000000-0000-0000-0000-000000000000"
        if self.rng.random() < 0.9:
            guid = str(UUID(int=self.rng.getrandbits(128)))
        is_dated = not self.is_vague or self.rng.random() < 0.5
        event: dict[str, Any] = {
            "EventName": name,
            "FlipdishEventId": guid,
            "CreateTime": NEVER,
            "Position": 0,
        } | fields
        event |= {"Order": self.order} if has_order else {"OrderId": self.order["OrderId"]}
        if is_dated and self.rng.random() < 0.5:
            event["CreateTime"] = _text(self.now)
        elif self.rng.random() < 0.1:
            event["CreateTime"] = None
        envelope = {"Type": name, "CreateTime": _text(self.now) if is_dated else None, "Body": event}
        is_reference_only = (event["CreateTime"] not in (NEVER, None) or not is_dated) and self.rng.random() < 0.3
        self.scenario.notices.append(json.dumps(event if is_reference_only else envelope).encode())

    _EVENTS = (
        _dispatch,
        _deliver,
        _send_tracking,
        _fulfil,
        _fulfil,
        _refund,
        _tip,
        _rate,
        _move,
        _change_lines,
        _change_note,
        _reject,
        _cancel,
        _send_unknown_event,
    )


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
