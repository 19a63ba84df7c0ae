"""Flipdish, as the demo plays it: posts notices to the real webhook door, as the real platform does."""

import json
import time
import urllib.request
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tracker.demo.menu import FLIPDISH_TIME, DemoOrder


@dataclass(frozen=True, slots=True)
class DemoPlatform:
    """One webhook subscription. `webhook_url` is on this machine."""

    webhook_url: str
    verify_token: str

    def tell(self, name: str, order: DemoOrder, at: datetime, **more: Any) -> None:
        """Post one notice in the wrapped form. Raises OSError if it isn't taken."""
        event = {
            "EventName": name,
            "FlipdishEventId": str(uuid.uuid4()),
            "CreateTime": at.strftime(FLIPDISH_TIME),
            "Position": 0,
            "Order": order.snapshot() | more.pop("state", {}),
        } | more
        self._post({"Type": name, "CreateTime": at.strftime(FLIPDISH_TIME), "Body": event})

    def tell_status(self, order: DemoOrder, status: str, at: datetime) -> None:
        """Post a status in the restaurant's own words; such a notice doesn't describe the order."""
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
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  our own address, of this machine
            answer.read()


def wait_until_ready(url: str, *, seconds: float) -> None:
    """Return once the address answers with 200. Raises TimeoutError after so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310  our own address, of this machine
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"{url} did not answer within {seconds:.0f} s.")
