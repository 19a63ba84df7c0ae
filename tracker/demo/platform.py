"""The demo's Flipdish: it posts notices to the real webhook address, as the real platform does."""

import json
import time
import urllib.request
import uuid
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPException
from threading import Event
from typing import Any
from urllib.error import HTTPError

from tracker.demo.menu import FLIPDISH_TIME, DemoOrder

RETRY_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class DemoPlatform:
    """A webhook subscription. `webhook_url` is an address on this machine.

    Like the real platform it repeats a notice that fails (with a 5xx or without a response), until it succeeds or the
    demo ends.
    """

    webhook_url: str
    verify_token: str
    stopping: Event

    def send_event(self, name: str, order: DemoOrder, at: datetime, **more: Any) -> None:
        """Post one event of an order, in Flipdish's wrapped form. Raises HTTPError for a 4xx response.

        `state` in `more` changes the order's description; the rest of `more` is added to the event.
        """
        event = {
            "EventName": name,
            "FlipdishEventId": str(uuid.uuid4()),
            "CreateTime": at.strftime(FLIPDISH_TIME),
            "Position": 0,
            "Order": order.snapshot() | more.pop("state", {}),
        } | more
        self._post({"Type": name, "CreateTime": at.strftime(FLIPDISH_TIME), "Body": event})

    def send_status(self, order: DemoOrder, status: str, at: datetime) -> None:
        """Post a status in the restaurant's own words. Such an event does not contain the order's description."""
        event = {
            "EventName": "order.fulfillment.status.updated",
            "FlipdishEventId": str(uuid.uuid4()),
            "CreateTime": at.strftime(FLIPDISH_TIME),
            "OrderId": order.number,
            "StatusName": status,
        }
        self._post({"Type": event["EventName"], "CreateTime": event["CreateTime"], "Body": event})

    def _post(self, body: dict[str, Any]) -> None:
        headers = {"Content-Type": "application/json", "X-Verify-Token": self.verify_token}
        request = urllib.request.Request(self.webhook_url, json.dumps(body).encode(), headers)  # noqa: S310  our own
        while not self._is_accepted(request) and not self.stopping.wait(RETRY_SECONDS):
            continue

    @staticmethod
    def _is_accepted(request: urllib.request.Request) -> bool:
        try:
            with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310  our own address, of this machine
                response.read()
        except HTTPError as refusal:
            if refusal.code < 500:
                raise
            return False
        except (OSError, HTTPException):  # the web server is being restarted
            return False
        return True


def wait_until_up(url: str, stopping: Event, *, seconds: float) -> bool:
    """Return whether the address responds with 200 within `seconds` and before `stopping` is set."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not stopping.is_set():
        try:
            with urllib.request.urlopen(url, timeout=1) as response:  # noqa: S310  our own address, of this machine
                if response.status == 200:
                    return True
        except (OSError, HTTPException):
            stopping.wait(0.05)
    return False
