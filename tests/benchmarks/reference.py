"""The reference for the site: a hand-written Flask application on the raw driver.

It reads and writes the same rows by the same queries in the same transactions, with the same PRAGMAs, and renders a
plain template of the same size. It does nothing else: it has no translations, no security headers and no log.
"""

import hashlib
import hmac
import json
import socket
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, abort, jsonify, render_template, request, session
from jinja2 import DictLoader

from tests.benchmarks.reference_ingest import receive
from tests.benchmarks.reference_raw import Raw

PAGE = """<!doctype html><title>{{ order.short_code }}</title><h1>{{ restaurant }}</h1><p>{{ order.state }}</p>
<ol>{% for line in lines %}<li>{{ line.quantity }} × {{ line.name }} {{ money(line.unit_minor * line.quantity) }}
{% for option in line.options %}<small>{{ option.name }}</small>{% endfor %}</li>{% endfor %}</ol>
<p>{{ money(order.bill_charged + order.bill_tip) }} {{ order.address }} {{ order.note }} {{ order.payment }}</p>
{% for refund in refunds %}<p>{{ money(refund.minor) }}</p>{% endfor %}
<ul>{% for event in events %}<li>{{ event.time }} {{ event.kind }}</li>{% endfor %}</ul>
"""
ORDER = """SELECT c.id AS customer_id, c.email, c.name, r.name AS restaurant_name, r.zone AS restaurant_zone, r.locale,
    r.phone, r.colour, r.window_minutes, o.id, o.version, o.short_code, o.state, o.first_charged_minor, o.fulfilment,
    o.table_name, o.is_advance, o.zone, o.placed_at, o.requested_for, o.promised_at, o.confirmed_at, o.ended_at, o.step,
    o.status_text, o.reason, o.currency, o.voucher, o.payment, o.rating, o.note, o.address, o.address_note,
    o.bill_items, o.bill_delivery, o.bill_service, o.bill_fee, o.bill_discount, o.bill_charged, o.bill_tip
    FROM customer_sessions s JOIN customers c ON c.id = s.customer_id
    LEFT JOIN orders o ON o.id = ? AND o.customer_id = c.id LEFT JOIN restaurants r ON r.id = o.restaurant_id
    WHERE s.hash = ? AND s.ended_at IS NULL AND s.ends_at > ?"""
LINES = """SELECT name, ordered, quantity, unit_minor, options FROM order_lines WHERE order_id = ?
    ORDER BY position, name, ref"""
REFUNDS = "SELECT minor, at, source_version FROM refunds WHERE order_id = ? ORDER BY at, ref"
EVENTS = "SELECT number, kind, at, data FROM order_events WHERE order_id = ? ORDER BY at, number"
PLATFORM_ACCOUNT = """SELECT c.id, c.verify_token_hash, c.restaurant_id, r.currency FROM platform_accounts c
    JOIN restaurants r ON r.id = c.restaurant_id WHERE c.id = ? AND c.platform = 'flipdish'"""


def reference_app(url: str, secret_key: str, notifier_socket: Path, filler: str = "") -> Flask:
    """Return the reference application. `filler` is appended to its page to make it as long as ours."""
    app, raw = Flask("reference"), Raw(url)
    app.secret_key = secret_key
    app.jinja_loader = DictLoader({"page.html": PAGE + filler})
    notifier = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notifier.setblocking(False)

    @app.get("/hello")
    def hello() -> str:
        return "hello"

    @app.get("/orders/<order_id>")
    def order(order_id: str) -> str:
        return _page(raw, order_id)

    @app.post("/webhooks/flipdish/<platform_account_id>")
    def ingest(platform_account_id: str) -> Any:
        state = _process_new(raw, platform_account_id)
        with suppress(OSError):  # no worker is running
            notifier.sendto(b"", str(notifier_socket))
        return jsonify(notice=state)

    return app


def _page(raw: Raw, order_id: str) -> str:
    token = hashlib.sha256(session["token"].encode()).hexdigest()
    raw.begin(to_write=False)
    order = raw.one(ORDER, order_id, token, raw.moment(datetime.now(UTC))) or abort(401)
    if not order["id"]:
        abort(404)
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
            dict(event) | {"time": raw.read_moment(event["at"]).astimezone(zone).strftime("%H:%M")} for event in events
        ],
        money=lambda minor: f"€{minor / 100:.2f}",
    )


def _process_new(raw: Raw, platform_account_id: str) -> str:
    token = hashlib.sha256(request.headers["X-Verify-Token"].encode()).hexdigest()
    platform_account = raw.one(PLATFORM_ACCOUNT, platform_account_id)
    if not platform_account or not hmac.compare_digest(token, platform_account["verify_token_hash"]):
        abort(401)
    body = request.get_data(cache=False)
    event = json.loads(body, parse_float=Decimal)
    raw.begin(to_write=True)
    try:
        state = receive(raw, platform_account, body, event)
        raw.run("COMMIT")
    except BaseException:
        raw.run("ROLLBACK")
        raise
    return state
