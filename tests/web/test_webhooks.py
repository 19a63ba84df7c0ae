"""The door for platforms: what it takes, what it refuses, and that a 2xx is a promise."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from tests.builders import VERIFY_TOKEN, a_platform_account
from tests.conftest import Clock
from tracker.accounts.model import Customer
from tracker.application import create_app
from tracker.database import Database
from tracker.orders.model import Order, OrderEvent
from tracker.orders.operations import by_platform
from tracker.orders.states import OrderEventKind, OrderState
from tracker.upstream import inbox, intake
from tracker.upstream.notice import Notice, NoticeState

pytestmark = pytest.mark.both_databases  # what is acknowledged is kept, and once, whatever it is kept in

SEEDS = Path(__file__).parent.parent / "upstream" / "flipdish" / "seeds"
SEED_NAMES = sorted(path.stem for path in SEEDS.glob("*.json"))


@dataclass
class Flipdish:
    """The platform, as it calls us."""

    client: FlaskClient
    database: Database
    platform_account_id: str

    def post(self, body: Any, *, token: str | None = VERIFY_TOKEN, raw: bytes | None = None) -> TestResponse:
        headers = {"X-Verify-Token": token} if token else {}
        data = raw if raw is not None else json.dumps(body).encode()
        address = f"/webhooks/flipdish/{self.platform_account_id}"
        return self.client.post(address, data=data, headers=headers, content_type="application/json")

    def in_another_process(self) -> "Flipdish":
        """The same site, as another process of it would have it."""
        database = Database(self.database.url)
        app = create_app(self.client.application.extensions["tracker"].settings, database)
        return Flipdish(app.test_client(), database, self.platform_account_id)

    def count(self, kind: type[Any]) -> int:
        with self.database.read_session() as session:
            return session.scalar(select(func.count()).select_from(kind)) or 0

    def order(self) -> Order:
        with self.database.read_session() as session:
            order = session.scalars(select(Order)).one()
            order.lines, order.refunds, order.events  # noqa: B018  loads them while the session is open
            return order


@pytest.fixture
def flipdish(client: FlaskClient, database: Database, clock: Clock) -> Flipdish:
    with database.transaction() as session:
        platform_account = a_platform_account()
        session.add(platform_account)
    return Flipdish(client, database, platform_account.id)


def notice(name: str, *, minute: int = 0, guid: int = 0, **changes: Any) -> dict[str, Any]:
    """A seed's event, told so many minutes after six, with an id of its own."""
    body: dict[str, Any] = json.loads((SEEDS / f"{name}.json").read_text())
    body["CreateTime"] = f"2026-11-20T18:{minute:02}:00"
    body["FlipdishEventId"] = f"00000000-0000-0000-0000-{guid or minute + 1:012}"
    return body | changes


@pytest.mark.parametrize("name", SEED_NAMES)
@pytest.mark.parametrize("wrapped", [True, False])
def test_each_documented_notice_is_kept_and_acted_on(flipdish: Flipdish, name: str, wrapped: bool) -> None:
    body = json.loads((SEEDS / f"{name}.json").read_text())
    sent = {"Type": name, "CreateTime": "2026-11-20T18:00:00Z", "Body": body} if wrapped else body

    response = flipdish.post(sent)

    assert (response.status_code, response.json) == (200, {"notice": "handled"})
    assert flipdish.order().platform_order_id == "1234"


def test_b17_a_notice_delivered_twice_counts_once(flipdish: Flipdish) -> None:
    body = notice("order.refunded", RefundedAmount=2.5)

    first, second = flipdish.post(body), flipdish.post(body)

    assert (first.status_code, second.status_code) == (200, 200)
    assert flipdish.order().refunded.minor == 250
    assert flipdish.count(Notice) == 1


def test_b03_notices_without_an_id_of_their_own_are_not_taken_for_each_other(flipdish: Flipdish) -> None:
    zero = "00000000-0000-0000-0000-000000000000"

    flipdish.post(notice("order.created", FlipdishEventId=zero))
    flipdish.post(notice("order.accepted", FlipdishEventId=zero))

    assert flipdish.order().state is OrderState.CONFIRMED


def test_b17_an_order_accepted_before_we_heard_of_it_stays_accepted(flipdish: Flipdish) -> None:
    flipdish.post(notice("order.accepted", minute=4))

    flipdish.post(notice("order.created", minute=1))

    order = flipdish.order()
    assert order.state is OrderState.CONFIRMED
    assert [event.kind for event in order.events] == [OrderEventKind.PLACED, OrderEventKind.CONFIRMED]


def test_b16_a_status_that_comes_before_its_order_waits_for_it(flipdish: Flipdish) -> None:
    status = {
        "EventName": "order.fulfillment.status.updated",
        "OrderId": 1234,
        "StatusName": "Out for delivery",
        "CreateTime": "2026-11-20T18:20:00",
        "FlipdishEventId": "00000000-0000-0000-0000-000000000777",
    }

    waiting = flipdish.post(status)
    flipdish.post(notice("order.accepted", minute=4))

    assert waiting.json == {"notice": "waiting"}
    assert flipdish.order().status_text == "Out for delivery"
    with flipdish.database.read_session() as session:
        assert set(session.scalars(select(Notice.state))) == {NoticeState.HANDLED}


def test_b16_an_event_that_we_do_not_know_is_kept_and_acknowledged(flipdish: Flipdish) -> None:
    response = flipdish.post({"EventName": "order.sang.a.song", "Order": {"OrderId": 1234}})

    assert (response.status_code, response.json) == (200, {"notice": "set aside"})
    assert (flipdish.count(Notice), flipdish.count(Order)) == (1, 0)


def test_b01_an_envelope_that_contradicts_its_event_is_kept_but_not_applied(flipdish: Flipdish) -> None:
    response = flipdish.post({"Type": "order.accepted", "Body": notice("order.rejected")})

    assert (response.status_code, response.json) == (200, {"notice": "set aside"})
    assert flipdish.count(Order) == 0


@pytest.mark.parametrize("token", [None, "", "wrong", VERIFY_TOKEN + "x", VERIFY_TOKEN.upper(), "é"])
def test_b18_without_the_verify_token_nothing_is_taken(flipdish: Flipdish, token: str | None) -> None:
    response = flipdish.post(notice("order.created"), token=token)

    assert response.status_code == 401
    assert flipdish.count(Notice) == 0


def test_b18_an_address_that_nobody_has_answers_like_a_wrong_token(flipdish: Flipdish) -> None:
    wrong = flipdish.post(notice("order.created"), token="wrong")
    flipdish.platform_account_id = "0" * 24

    unknown = flipdish.post(notice("order.created"))

    assert (unknown.status_code, unknown.data) == (wrong.status_code, wrong.data)


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_body_is_taken_as_it_was_sent_whatever_kind_it_is_said_to_be(flipdish: Flipdish, content_type: str) -> None:
    address, headers = f"/webhooks/flipdish/{flipdish.platform_account_id}", {"X-Verify-Token": VERIFY_TOKEN}
    raw = json.dumps(notice("order.created")).encode()

    response = flipdish.client.post(address, data=raw, headers=headers, content_type=content_type)

    assert response.json == {"notice": "handled"}
    with flipdish.database.read_session() as session:
        assert session.scalars(select(Notice.body)).one() == raw


@pytest.mark.parametrize("platform", ["fishdip", "Flipdish", "FLIPDISH", "flipdish%20", "a%00b", "x" * 500])
def test_a_platform_that_nobody_knows_is_not_found(flipdish: Flipdish, platform: str) -> None:
    address = f"/webhooks/{platform}/{flipdish.platform_account_id}"

    response = flipdish.client.post(address, json=notice("order.created"), headers={"X-Verify-Token": VERIFY_TOKEN})

    assert (response.status_code, response.json) == (404, {"error": "There is no platform of this name."})
    assert flipdish.count(Notice) == 0


def test_an_account_is_not_found_under_the_address_of_another_platform(flipdish: Flipdish) -> None:
    with flipdish.database.transaction() as session:
        other = a_platform_account(platform="another")
        session.add(other)
    flipdish.platform_account_id = other.id

    response = flipdish.post(notice("order.created"))

    assert response.status_code == 401
    assert flipdish.count(Notice) == 0


def test_b18_a_stranger_is_refused_before_what_they_send_is_read(flipdish: Flipdish) -> None:
    response = flipdish.post(None, token="wrong", raw=b"x" * 300_000)

    assert response.status_code == 401


def test_b18_a_wrong_token_is_not_written_to_the_log(flipdish: Flipdish, caplog: pytest.LogCaptureFixture) -> None:
    flipdish.post(notice("order.created"), token="a-secret-somebody-mistyped")

    assert "mistyped" not in caplog.text


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"EventName": NaN}',
        b'{"EventName": "order.created", "Order": []}',
        b'{"EventName": "order.created"}',
        b'{"EventName": "order.created", "Order": {"OrderId": {"a": 1}}}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_notice_is_refused_in_words_and_leaves_no_trace(flipdish: Flipdish, raw: bytes) -> None:
    response = flipdish.post(None, raw=raw)

    assert response.status_code == 400
    assert response.json is not None
    assert response.json["error"].endswith(".")
    assert flipdish.count(Notice) == 0


def test_a_refusal_and_its_log_line_name_no_customer(flipdish: Flipdish, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    body = notice("order.created")
    body["Order"]["OrderItems"] = "John Doe, 38 Pearse Street"

    response = flipdish.post(body)

    assert response.status_code == 400
    for text in (response.text, caplog.text):
        assert "Doe" not in text
        assert "Pearse" not in text


def test_a_body_that_is_too_large_is_refused(flipdish: Flipdish) -> None:
    response = flipdish.post(None, raw=b'{"a": "' + b"x" * 300_000 + b'"}')

    assert response.status_code == 413
    assert flipdish.count(Notice) == 0


def test_b19_the_address_answers_without_a_redirect_and_takes_nothing_but_posts(flipdish: Flipdish) -> None:
    flipdish.platform_account_id += "/"

    assert flipdish.post(notice("order.created")).status_code == 404
    assert flipdish.client.get(f"/webhooks/flipdish/{flipdish.platform_account_id[:-1]}").status_code == 405


def test_a_notice_that_we_fail_to_act_on_is_kept_and_tried_again(flipdish: Flipdish, clock: Clock) -> None:
    with patch.object(by_platform, "place_order", side_effect=RuntimeError("a mistake of ours")):
        response = flipdish.post(notice("order.accepted"))
    assert (response.status_code, response.json) == (200, {"notice": "failed"})
    assert (flipdish.count(Order), flipdish.count(Customer)) == (0, 0)

    tried_too_early = inbox.retry_failed_notices(flipdish.database, now=clock.now)
    tried = inbox.retry_failed_notices(flipdish.database, now=clock.move(minutes=1))

    assert (tried_too_early, tried) == (0, 1)
    assert flipdish.order().state is OrderState.CONFIRMED


def test_what_is_neither_acted_on_nor_kept_is_not_said_to_be_kept(
    flipdish: Flipdish, caplog: pytest.LogCaptureFixture
) -> None:
    mistake = patch.object(by_platform, "place_order", side_effect=RuntimeError("a mistake of ours"))
    with mistake, patch.object(inbox, "_INSERT_NOTICE") as database_that_is_gone:
        database_that_is_gone.run.side_effect = OperationalError("", None, Exception())

        response = flipdish.post(notice("order.created"))

    assert response.status_code >= 500
    assert flipdish.count(Notice) == 0
    said = [record.getMessage() for record in caplog.records if record.name == inbox.__name__]
    assert said == ["notice not acted on"]


def test_a_crash_in_the_middle_leaves_nothing_and_the_next_delivery_the_whole(flipdish: Flipdish) -> None:
    with (
        patch.object(intake, "insert_order", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        flipdish.post(notice("order.created"))
    assert flipdish.count(Notice) == 0

    response = flipdish.post(notice("order.created"))

    assert response.json == {"notice": "handled"}
    assert flipdish.count(Order) == 1


def test_b24_two_restaurants_orders_with_the_same_number_are_two_orders(flipdish: Flipdish) -> None:
    flipdish.post(notice("order.created"))
    with flipdish.database.transaction() as session:
        other = a_platform_account()
        session.add(other)
    flipdish.platform_account_id = other.id

    flipdish.post(notice("order.created"))

    assert flipdish.count(Order) == 2


def test_whose_an_order_is_does_not_change_with_a_later_notice(flipdish: Flipdish) -> None:
    flipdish.post(notice("order.created"))
    owner = flipdish.order().customer_id
    somebody_else = notice("order.accepted", minute=2)
    somebody_else["Order"]["Customer"] = {"Id": 9999, "EmailAddress": "eve@example.com"}

    flipdish.post(somebody_else)

    assert owner is not None
    assert flipdish.order().customer_id == owner


def test_a_new_number_with_a_known_address_is_the_same_customer(flipdish: Flipdish) -> None:
    for number, person in ((1, 10), (2, 11)):
        body = notice("order.created", minute=number)
        body["Order"] |= {"OrderId": number, "Customer": {"Id": person, "EmailAddress": "Ada@Example.com"}}
        flipdish.post(body)

    assert flipdish.count(Customer) == 1


def test_a_customer_whose_address_is_told_later_can_sign_in_then(flipdish: Flipdish) -> None:
    without = notice("order.created", minute=1)
    without["Order"]["Customer"] = {"Id": 5, "EmailAddress": None}
    flipdish.post(without)
    later = notice("order.accepted", minute=2)
    later["Order"]["Customer"] = {"Id": 5, "EmailAddress": "late@example.com"}

    flipdish.post(later)

    with flipdish.database.read_session() as session:
        assert session.scalars(select(Customer.email)).one() == "late@example.com"


@pytest.mark.parametrize("told_with", [1, 3], ids=["an order that we know", "the next order"])
def test_an_address_told_later_that_somebody_has_brings_all_their_orders_to_them(
    flipdish: Flipdish, told_with: int
) -> None:
    for minute, number, person, address in (
        (1, 1, 5, None),
        (2, 2, 6, "ada@example.com"),
        (3, told_with, 5, "ada@example.com"),
    ):
        body = notice("order.created", minute=minute)
        body["Order"] |= {"OrderId": number, "Customer": {"Id": person, "EmailAddress": address}}
        flipdish.post(body)

    with flipdish.database.read_session() as session:
        owners = set(session.scalars(select(Order.customer_id)))
        assert session.scalars(select(Customer.email)).all() == ["ada@example.com"]
        ada = session.scalars(select(Customer.id).where(Customer.email == "ada@example.com")).one()
        assert owners == {ada}


def test_b17_a_new_order_told_late_and_bare_does_not_empty_the_order(flipdish: Flipdish) -> None:
    flipdish.post(notice("order.accepted", minute=1))

    flipdish.post({"EventName": "order.created", "Order": {"OrderId": 1234}})

    order = flipdish.order()
    assert [line.name for line in order.lines] == ["Item 1"]
    assert order.address is not None


def test_b01_a_contradiction_does_not_use_up_the_identity_of_the_right_notice(flipdish: Flipdish) -> None:
    right = notice("order.rejected", minute=3)
    flipdish.post({"Type": "order.accepted", "Body": right})

    flipdish.post({"Type": "order.rejected", "Body": right})

    assert flipdish.order().state is OrderState.REJECTED


@pytest.mark.parametrize("address", ["a%00b", "0", "x" * 500])
def test_an_address_that_is_none_answers_like_a_wrong_token(flipdish: Flipdish, address: str) -> None:
    flipdish.platform_account_id = address

    assert flipdish.post(notice("order.created")).status_code == 401


def test_a_notice_that_fails_for_days_keeps_no_other_from_being_tried(flipdish: Flipdish, clock: Clock) -> None:
    place = by_platform.place_order

    def fail_for_one(platform_account: Any, number: str, *rest: Any, **more: Any) -> Any:
        if number == "1":
            raise RuntimeError("a mistake of ours")
        return place(platform_account, number, *rest, **more)

    with patch.object(by_platform, "place_order", side_effect=fail_for_one):
        flipdish.post(notice("order.created", minute=1) | {"Order": {"OrderId": 1}})
        for _ in range(60):
            inbox.retry_failed_notices(flipdish.database, now=clock.move(hours=1))
        with patch.object(inbox, "take_in_order", side_effect=RuntimeError("another mistake")):
            flipdish.post(notice("order.created", minute=2) | {"Order": {"OrderId": 2}})

        inbox.retry_failed_notices(flipdish.database, now=clock.move(hours=1))

    assert flipdish.order().platform_order_id == "2"


def test_whatever_changes_what_people_see_is_an_event(flipdish: Flipdish) -> None:
    flipdish.post(notice("order.rejected", minute=9))
    version = flipdish.order().version
    with_reason = notice("order.rejected", minute=9, guid=77, Reason="No more dough")

    flipdish.post(with_reason)

    order = flipdish.order()
    assert (order.reason, order.version) == ("No more dough", version + 1)
    assert order.events[-1].kind is OrderEventKind.CORRECTED


def test_what_waited_and_then_fails_halfway_leaves_no_half_of_it_behind(flipdish: Flipdish) -> None:
    status = {"EventName": "order.fulfillment.status.updated", "OrderId": 1234, "StatusId": 7, "StatusName": "Ready"}
    flipdish.post(status | {"FlipdishEventId": str(UUID(int=7)), "CreateTime": "2026-11-20T18:05:00"})
    do_all = intake._change

    def fail_after_doing_all(*order_and_notice: Any, **when: Any) -> None:
        do_all(*order_and_notice, **when)
        raise ZeroDivisionError

    with patch.object(intake, "_change", fail_after_doing_all):
        flipdish.post(notice("order.created"))

    assert [event.kind for event in flipdish.order().events] == [OrderEventKind.PLACED]
    with flipdish.database.read_session() as session:
        states = session.scalars(select(Notice.state).order_by(Notice.id)).all()
    assert states == [NoticeState.FAILED, NoticeState.HANDLED]


def test_a_process_that_dies_between_acting_on_a_notice_and_keeping_it_leaves_nothing(flipdish: Flipdish) -> None:
    with patch.object(inbox, "_INSERT_NOTICE") as keeping:
        keeping.run.side_effect = SystemExit
        with pytest.raises(SystemExit):
            flipdish.post(notice("order.created"))

    assert (flipdish.count(Order), flipdish.count(Notice)) == (0, 0)
    assert flipdish.post(notice("order.created")).status_code == 200
    assert (flipdish.count(Order), flipdish.count(Notice)) == (1, 1)


def test_two_web_processes_that_meet_at_a_new_order_place_it_once(flipdish: Flipdish) -> None:
    notices = [notice(name, minute=minute) for minute, name in enumerate(SEED_NAMES, start=1)] * 2
    # Started one by one, for Python 3.11 cannot always compile an application's addresses in two threads at once.
    others = [flipdish.in_another_process() for _ in notices]

    def deliver(other: Flipdish, body: dict[str, Any]) -> TestResponse:
        response = other.post(body)
        other.database.close()
        return response

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(deliver, others, notices))

    assert {response.json["notice"] for response in answers if response.json} == {"handled"}
    assert (flipdish.count(Order), flipdish.count(Customer), flipdish.count(Notice)) == (1, 1, 6)
    order = flipdish.order()
    assert sorted(event.number for event in order.events) == list(range(1, order.version + 1))


def test_each_notice_makes_events_that_wait_to_be_published(flipdish: Flipdish) -> None:
    flipdish.post(notice("order.created"))
    flipdish.post(notice("order.tip.updated", minute=5, NewTipAmount=2))

    with flipdish.database.read_session() as session:
        pending = session.scalars(select(OrderEvent.kind).where(OrderEvent.published_at.is_(None)))
        assert list(pending) == [OrderEventKind.PLACED, OrderEventKind.TIP_CHANGED]
