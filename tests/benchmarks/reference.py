"""What the site is measured against: a Flask application by hand on the raw driver, which reads and writes the same
rows in one transaction, with the same PRAGMAs, and renders a plain template of the same size. It is as simple as it can
be, and does nothing more: no languages, no safety headers, no log."""

import hashlib
import hmac
import json
import secrets
import socket
import sqlite3
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from flask import Flask, abort, jsonify, render_template, request, session
from jinja2 import DictLoader
from sqlalchemy.engine import make_url

PAGE = """<!doctype html><title>{{ order.short_code }}</title><h1>{{ restaurant }}</h1><p>{{ order.state }}</p>
<ol>{% for line in lines %}<li>{{ line.quantity }} × {{ line.name }} {{ money(line.unit_minor * line.quantity) }}
{% for option in line.options %}<small>{{ option.name }}</small>{% endfor %}</li>{% endfor %}</ol>
<p>{{ money(order.bill_charged + order.bill_tip) }} {{ order.address }} {{ order.note }} {{ order.payment }}</p>
{% for refund in refunds %}<p>{{ money(refund.minor) }}</p>{% endfor %}
<ul>{% for event in events %}<li>{{ event.time }} {{ event.kind }}</li>{% endfor %}</ul>
"""
SESSION = """SELECT s.ends_at, s.ended_at, c.id, c.email, c.name FROM customer_sessions s
    JOIN customers c ON c.id = s.customer_id WHERE s.hash = ?"""
ORDER = """SELECT o.*, r.name AS restaurant_name, r.zone AS restaurant_zone, r.locale, r.phone, r.colour,
    r.window_minutes FROM orders o JOIN restaurants r ON r.id = o.restaurant_id WHERE o.id = ? AND o.customer_id = ?"""
LINES = "SELECT * FROM order_lines WHERE order_id = ? ORDER BY position, name, ref"
REFUNDS = "SELECT * FROM refunds WHERE order_id = ? ORDER BY at, ref"
EVENTS = "SELECT * FROM order_events WHERE order_id = ? ORDER BY at, number"
CONNECTION = """SELECT c.id, c.verify_token_hash, c.platform, r.id AS restaurant_id, r.currency, r.zone
    FROM connections c JOIN restaurants r ON r.id = c.restaurant_id WHERE c.id = ?"""
KNOWN_NOTICE = "SELECT state FROM notices WHERE connection_id = ? AND source_id = ?"
KNOWN_ORDER = "SELECT * FROM orders WHERE connection_id = ? AND platform_order_id = ?"
WAITING = """SELECT id FROM notices WHERE connection_id = ? AND platform_order_id = ? AND state = 'waiting'
    AND id != ? ORDER BY id"""
MET = "SELECT customer_id FROM platform_customers WHERE connection_id = ? AND platform_id = ?"
CUSTOMER = "SELECT * FROM customers WHERE id = ?"


class Raw:
    """One open connection, and the two drivers' differences."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite")
        parts = make_url(url)
        if self.is_sqlite:
            self.connection: Any = sqlite3.connect(str(parts.database), timeout=10, isolation_level=None)
            self.connection.row_factory = sqlite3.Row
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
                self.connection.execute(f"PRAGMA {pragma}")
        else:
            text = parts.set(drivername="postgresql").render_as_string(hide_password=False)
            self.connection = psycopg.connect(text, autocommit=True, row_factory=psycopg.rows.dict_row)
        self.cursor = self.connection.cursor()

    def all(self, sql: str, *values: object) -> list[Any]:
        return list(self.run(sql, *values).fetchall())

    def one(self, sql: str, *values: object) -> Any:
        return self.run(sql, *values).fetchone()

    def run(self, sql: str, *values: object) -> Any:
        return self.cursor.execute(sql if self.is_sqlite else sql.replace("?", "%s"), values)

    def insert(self, table: str, *rows: dict[str, object], returning: str = "") -> Any:
        names = ", ".join(rows[0])
        marks = ", ".join("?" * len(rows[0]))
        sql = f"INSERT INTO {table} ({names}) VALUES ({marks}) {returning}"  # noqa: S608  our own names
        if len(rows) == 1:
            return self.run(sql, *rows[0].values())
        sql = sql if self.is_sqlite else sql.replace("?", "%s")
        return self.cursor.executemany(sql, [tuple(row.values()) for row in rows])

    def begin(self, *, to_write: bool) -> None:
        if self.is_sqlite:
            self.run("BEGIN IMMEDIATE" if to_write else "BEGIN")
        else:
            self.run("BEGIN" if to_write else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def moment(self, at: datetime | None) -> object:
        return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ") if at and self.is_sqlite else at

    def read_moment(self, at: Any) -> datetime:
        return datetime.fromisoformat(at).replace(tzinfo=UTC) if self.is_sqlite else at

    def read_json(self, text: Any) -> Any:
        return json.loads(text) if self.is_sqlite else text


def reference_app(url: str, secret_key: str, bell: Path, filler: str = "") -> Flask:
    """The application; `filler` makes its page as long as ours."""
    app, raw = Flask("reference"), Raw(url)
    app.secret_key = secret_key
    app.jinja_loader = DictLoader({"page.html": PAGE + filler})
    doorbell = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    doorbell.setblocking(False)

    @app.get("/hello")
    def hello() -> str:
        return "hello"

    @app.get("/orders/<order_id>")
    def order(order_id: str) -> str:
        token = hashlib.sha256(session["token"].encode()).hexdigest()
        raw.begin(to_write=False)
        visitor = raw.one(SESSION, token)
        raw.run("COMMIT")
        if not visitor or visitor["ended_at"] or raw.read_moment(visitor["ends_at"]) < datetime.now(UTC):
            abort(401)
        raw.begin(to_write=False)
        order = raw.one(ORDER, order_id, visitor["id"]) or abort(404)
        lines, refunds, events = (raw.all(sql, order_id) for sql in (LINES, REFUNDS, EVENTS))
        raw.run("COMMIT")
        zone = ZoneInfo(order["zone"] or order["restaurant_zone"])
        return render_template(
            "page.html",
            order=order,
            restaurant=order["restaurant_name"],
            lines=[dict(line) | {"options": raw.read_json(line["options"])} for line in lines],
            refunds=refunds,
            events=[
                dict(event) | {"time": raw.read_moment(event["at"]).astimezone(zone).strftime("%H:%M")}
                for event in events
            ],
            money=lambda minor: f"€{minor / 100:.2f}",
        )

    @app.post("/webhooks/flipdish/<connection_id>")
    def ingest(connection_id: str) -> Any:
        token = hashlib.sha256(request.headers["X-Verify-Token"].encode()).hexdigest()
        raw.begin(to_write=False)
        connection = raw.one(CONNECTION, connection_id)
        raw.run("COMMIT")
        if not connection or not hmac.compare_digest(token, connection["verify_token_hash"]):
            abort(401)
        body = request.get_data(cache=False)
        event = json.loads(body, parse_float=Decimal)
        raw.begin(to_write=True)
        try:
            state = _receive(raw, connection, body, event)
            raw.run("COMMIT")
        except BaseException:
            raw.run("ROLLBACK")
            raise
        with suppress(OSError):  # nobody listens
            doorbell.sendto(b"", str(bell))
        return jsonify(notice=state)

    return app


def _receive(raw: Raw, connection: Any, body: bytes, event: dict[str, Any]) -> str:
    now, given = datetime.now(UTC), event["Order"]
    number, source = str(given["OrderId"]), event["FlipdishEventId"]
    told_at = datetime.fromisoformat(event["CreateTime"])
    if not raw.is_sqlite:
        _in_turn(raw, f"order {connection['id']} {number}")
    known = raw.one(KNOWN_NOTICE, connection["id"], source)
    if known:
        return str(known["state"])
    notice = {
        "connection_id": connection["id"],
        "source_id": source,
        "platform_order_id": number,
        "event_name": event["EventName"],
        "received_at": raw.moment(now),
        "body": body,
        "state": "handled",
        "tries": 0,
    }
    notice_id = raw.insert("notices", notice, returning="RETURNING id").fetchone()["id"]
    if raw.one(KNOWN_ORDER, connection["id"], number):
        raise NotImplementedError("only new orders are measured")
    person = str(given["Customer"]["Id"])
    if not raw.is_sqlite:
        _in_turn(raw, f"platform customer {connection['id']} {person}")
    met = raw.one(MET, connection["id"], person)
    customer = raw.one(CUSTOMER, met["customer_id"])
    order_id = f"{int(now.timestamp()):08x}{secrets.token_hex(8)}"
    stamp = f"{told_at.isoformat(timespec='microseconds')} 0 {source}"
    told = {"first": stamp, "details": stamp, "placed": "said"}
    order = _order(raw, connection, given, order_id, customer["id"], told, told_at)
    raw.insert("orders", order)
    raw.insert("order_lines", *_lines(order_id, given["OrderItems"]))
    raw.insert(
        "order_events",
        {
            "order_id": order_id,
            "number": 1,
            "kind": "order.placed",
            "by": "platform",
            "at": order["placed_at"],
            "recorded_at": raw.moment(now),
            "came_late": False,
            "data": "{}",
            "published_at": None,
            "tries": 0,
        },
    )
    raw.all(WAITING, connection["id"], number, notice_id)
    return "handled"


def _in_turn(raw: Raw, key: str) -> None:
    raw.run("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", key)


def _order(
    raw: Raw,
    connection: Any,
    given: dict[str, Any],
    order_id: str,
    customer_id: str,
    told: dict[str, str],
    at: datetime,
) -> dict[str, object]:
    placed = datetime.fromisoformat(given["PlacedTime"]).replace(tzinfo=UTC)
    wanted = datetime.fromisoformat(given["RequestedForTime"]).replace(tzinfo=UTC)
    where = given["DeliveryLocation"]
    return {
        "id": order_id, "restaurant_id": connection["restaurant_id"], "customer_id": customer_id,
        "connection_id": connection["id"], "platform_order_id": str(given["OrderId"]),
        "short_code": str(given["OrderId"]), "state": "placed", "version": 1, "told": json.dumps(told),
        "handover": given["DeliveryType"].lower(), "table_name": None, "is_advance": given["IsPreOrder"], "zone": None,
        "placed_at": raw.moment(min(placed, at)), "requested_for": raw.moment(wanted), "promised_at": None,
        "confirmed_at": None, "ended_at": None, "step": "placed", "status_text": None, "reason": None,
        "currency": given["Store"]["Currency"], "bill_items": _minor(given["OrderItemsAmount"]),
        "bill_delivery": _minor(given["DeliveryAmount"]), "bill_service": _minor(given["ProcessingFee"]),
        "bill_fee": _minor(given["Fees"]["FeeAmount"]), "bill_discount": _minor(given["Voucher"]["Amount"]),
        "bill_charged": _minor(given["Amount"]) - _minor(given["TipAmount"]), "bill_tip": _minor(given["TipAmount"]),
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
