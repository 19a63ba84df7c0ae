"""The ingest of the reference: it reads and writes the same rows as ours, by hand-written SQL."""

import hashlib
import json
import secrets
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.benchmarks.reference_raw import Raw

ADVISORY_LOCKS = (
    """SELECT pg_advisory_xact_lock(hashtextextended(?, 0)), pg_advisory_xact_lock(hashtextextended(?, 0))"""
)
KNOWN = """SELECT
    (SELECT state FROM notices WHERE platform_account_id = ? AND source_id = ?) AS state,
    (SELECT id FROM orders WHERE platform_account_id = ? AND platform_order_id = ?) AS order_id,
    EXISTS (SELECT 1 FROM notices WHERE platform_account_id = ? AND platform_order_id = ? AND state = 'waiting')
        AS has_waiting_notices,
    (SELECT customer_id FROM platform_customers WHERE platform_account_id = ? AND platform_id = ?) AS customer_id,
    (SELECT c.email IS NOT NULL FROM customers c JOIN platform_customers p ON p.customer_id = c.id
        WHERE p.platform_account_id = ? AND p.platform_id = ?) AS has_address"""

LINES = "SELECT * FROM order_lines WHERE order_id = ? ORDER BY position, name, ref"
REFUNDS = "SELECT * FROM refunds WHERE order_id = ? ORDER BY at, ref"
EVENTS = "SELECT * FROM order_events WHERE order_id = ? ORDER BY at, number"


def receive(raw: Raw, platform_account: Any, body: bytes, event: dict[str, Any]) -> str:
    """Store the notice, apply it, and return its state. Raises ValueError if our site would handle it differently."""
    now, order_json = datetime.now(UTC), event["Order"]
    number, source = str(order_json["OrderId"]), event["FlipdishEventId"]
    reported_at = datetime.fromisoformat(event["CreateTime"])
    person = str(order_json["Customer"]["Id"])
    if not raw.is_sqlite:
        lock_names = (
            f"order {platform_account['id']} {number}",
            f"platform customer {platform_account['id']} {person}",
        )
        raw.run(ADVISORY_LOCKS, *lock_names)
    order_key, customer_key = (platform_account["id"], number), (platform_account["id"], person)
    existing = raw.one(KNOWN, platform_account["id"], source, *order_key, *order_key, *customer_key, *customer_key)
    if existing["state"]:
        return str(existing["state"])
    notice = {
        "platform_account_id": platform_account["id"],
        "source_id": source,
        "platform_order_id": number,
        "event_name": event["EventName"],
        "received_at": raw.moment(now),
        "body": body,
        "state": "handled",
        "tries": 0,
    }
    raw.insert("notices", notice)
    if existing["has_waiting_notices"]:
        raise ValueError("notices that arrive out of order are not measured")
    if existing["order_id"]:
        _accept(raw, existing["order_id"], event, now)
        return "handled"
    order_id = f"{int(now.timestamp()):08x}{secrets.token_hex(8)}"
    version = f"{reported_at.isoformat(timespec='microseconds')} 0 {source}"
    versions = {"first_description": version, "description": version}
    order = _order(raw, platform_account, order_json, order_id, existing["customer_id"], versions, reported_at)
    raw.insert("orders", order)
    raw.insert("order_lines", *_lines(order_id, order_json["OrderItems"]))
    raw.insert("order_events", _event(raw, order_id, 1, "order.placed", order["placed_at"], now))
    return "handled"


def _accept(raw: Raw, order_id: str, event: dict[str, Any], now: datetime) -> None:
    order = raw.one("SELECT * FROM orders WHERE id = ?", order_id)
    lines, _, _ = (raw.all(sql, order_id) for sql in (LINES, REFUNDS, EVENTS))
    if len(lines) != len(_lines(order_id, event["Order"]["OrderItems"])) or order["state"] != "placed":
        raise ValueError("orders that are accepted with changes are not measured")
    at = raw.moment(datetime.fromisoformat(event["CreateTime"]))
    version = f"{event['CreateTime']} 1 {event['FlipdishEventId']}"
    versions = raw.read_json(order["source_versions"]) | {"description": version}
    changed = raw.run(
        """UPDATE orders SET state = 'confirmed', step = 'confirmed', confirmed_at = ?, source_versions = ?, version = ?
        WHERE id = ? AND version = ?""",
        *(at, json.dumps(versions), order["version"] + 1, order_id, order["version"]),
    )
    if changed.rowcount != 1:
        raise RuntimeError("another transaction has changed the order")
    raw.insert("order_events", _event(raw, order_id, order["version"] + 1, "order.confirmed", at, now))


def _event(raw: Raw, order_id: str, number: int, kind: str, at: object, now: datetime) -> dict[str, object]:
    return {
        "order_id": order_id, "number": number, "kind": kind, "by": "platform", "at": at,
        "recorded_at": raw.moment(now), "came_late": False, "data": "{}", "published_at": None, "tries": 0,
    }  # fmt: skip


def _order(
    raw: Raw,
    platform_account: Any,
    given: dict[str, Any],
    order_id: str,
    customer_id: str,
    versions: dict[str, str],
    at: datetime,
) -> dict[str, object]:
    placed = datetime.fromisoformat(given["PlacedTime"]).replace(tzinfo=UTC)
    wanted = datetime.fromisoformat(given["RequestedForTime"]).replace(tzinfo=UTC)
    where, charged = given["DeliveryLocation"], _minor(given["Amount"]) - _minor(given["TipAmount"])
    return {
        "id": order_id, "restaurant_id": platform_account["restaurant_id"], "customer_id": customer_id,
        "platform_account_id": platform_account["id"], "platform_order_id": str(given["OrderId"]),
        "short_code": str(given["OrderId"]), "state": "placed", "version": 1,
        "source_versions": json.dumps(versions), "is_placed_at_reported": True, "is_promise_own": False,
        "fulfilment": given["DeliveryType"].lower(),
        "table_name": None, "is_advance": given["IsPreOrder"], "zone": None,
        "placed_at": raw.moment(min(placed, at)), "requested_for": raw.moment(wanted), "promised_at": None,
        "confirmed_at": None, "ended_at": None, "step": "placed", "status_text": None, "reason": None,
        "currency": given["Store"]["Currency"], "bill_items": _minor(given["OrderItemsAmount"]),
        "bill_delivery": _minor(given["DeliveryAmount"]), "bill_service": _minor(given["ProcessingFee"]),
        "bill_fee": _minor(given["Fees"]["FeeAmount"]), "bill_discount": _minor(given["Voucher"]["Amount"]),
        "bill_charged": charged, "first_charged_minor": charged, "bill_tip": _minor(given["TipAmount"]),
        "voucher": given["Voucher"]["Name"], "payment": given["PaymentAccountDescription"],
        "rating": given["UserRating"], "note": given["ChefNote"], "address": where["PrettyAddressString"],
        "address_note": where["DeliveryInstructions"],
    }  # fmt: skip


def _lines(order_id: str, items: list[dict[str, Any]]) -> list[dict[str, object]]:
    counted: Counter[tuple[str, str, int, str]] = Counter()
    for item in items:
        options = json.dumps(
            [{"name": option["Name"], "minor": _minor(option["Price"])} for option in item["OrderItemOptions"]]
        )
        counted[item["MenuSectionName"], item["Name"], _minor(item["PriceIncludingOptionSetItems"]), options] += 1
    return [
        {
            "order_id": order_id, "position": position, "section": section, "name": name, "ordered": number,
            "ref": hashlib.sha256(f"{order_id}|{section}|{name}|{minor}|{options}".encode()).hexdigest()[:24],
            "quantity": number, "unit_minor": minor, "options": options,
        }
        for position, ((section, name, minor, options), number) in enumerate(counted.items())
    ]  # fmt: skip


def _minor(amount: Decimal | int) -> int:
    return int(amount * 100)
