"""The traps of Flipdish's notices, by their numbers. Each test is named after the right behaviour."""

from datetime import UTC, datetime

import pytest

from tests.upstream.flipdish.notices import SEEDS, an_event, parsed_notice, the_seed, wrapped
from tracker.orders.progress import Step
from tracker.upstream.platform_events import (
    Confirmed,
    InvalidPayload,
    Progressed,
    Rated,
    Refunded,
    Rejected,
    TipChanged,
)

NOON = datetime(2017, 12, 15, 12, tzinfo=UTC)
SENT_AT = datetime(2020, 11, 1, 10, tzinfo=UTC)
GUID = "6ADB3548-0D2B-4991-94F5-78709AF7B6A7"


@pytest.mark.parametrize("name", SEEDS)
def test_b01_the_same_notice_wrapped_and_bare_is_one_notice(name):
    event = the_seed(name)

    bare, in_an_envelope = parsed_notice(event), parsed_notice(wrapped(event))

    assert in_an_envelope.source_id == bare.source_id
    assert (in_an_envelope.platform_events, in_an_envelope.details) == (bare.platform_events, bare.details)
    assert bare.platform_events
    assert bare.details is not None


def test_b01_an_envelope_that_names_another_event_changes_nothing():
    notice = wrapped(the_seed("order.rejected"), Type="order.accepted")

    contradiction = parsed_notice(notice)

    assert (contradiction.platform_events, contradiction.details, contradiction.person) == ((), None, None)
    assert (contradiction.event_name, contradiction.platform_order_id) == ("order.rejected", "1234")


def test_b02_an_event_keeps_its_own_time_in_an_envelope_sent_later():
    event = an_event(CreateTime="2020-11-01T09:59:00Z")

    assert parsed_notice(wrapped(event)).sent_at == datetime(2020, 11, 1, 9, 59, tzinfo=UTC)
    assert parsed_notice(wrapped(an_event())).sent_at == SENT_AT
    assert parsed_notice(an_event()).sent_at is None


def test_b03_an_all_zero_event_id_is_not_used_as_identity():
    first, second = an_event(order={"OrderId": 1}), an_event(order={"OrderId": 2})

    assert parsed_notice(first).source_id != parsed_notice(second).source_id
    assert parsed_notice(first).source_id == parsed_notice(dict(reversed(first.items()))).source_id


def test_b03_a_real_event_id_in_another_spelling_is_the_same_event():
    upper_case, lower_case = an_event(FlipdishEventId=GUID), an_event(FlipdishEventId=GUID.lower(), Position=3)

    assert parsed_notice(upper_case).source_id == parsed_notice(lower_case).source_id == GUID.lower()


def test_b03_an_unset_time_is_read_as_none():
    event = an_event(order={"PlacedTime": "0001-01-01T00:00:00", "AcceptedFor": "0001-01-01T00:00:00+05:00"})

    unset = parsed_notice(wrapped(event, CreateTime="9999-12-31T23:59:59.9999999"))

    assert (unset.sent_at, unset.details.placed_at, unset.details.promised_at) == (None, None, None)


@pytest.mark.parametrize("name", ["TipAmount", "NewTipAmount"])
def test_b04_the_tip_is_found_under_either_name(name):
    changed = parsed_notice(an_event("order.tip.updated", order={"TipAmount": 1, "Amount": 11}, **{name: 2.5}))

    assert changed.platform_events == (TipChanged(250),)
    assert (changed.details.bill.charged, changed.details.bill.tip) == (1000, 250)


@pytest.mark.parametrize("name", ["Rating", "NewUserRating"])
def test_b04_the_new_rating_beats_the_orders_old_one(name):
    rated = parsed_notice(an_event("order.rating.updated", order={"UserRating": 2}, **{name: 3}))

    assert rated.platform_events == (Rated(3),)
    assert rated.details.rating == 3


@pytest.mark.parametrize(
    ("name", "expected"), [("order.tip.updated", TipChanged(0)), ("order.rating.updated", Rated(3))]
)
def test_b05_a_tip_or_a_rating_is_not_mistaken_for_a_refund(name, expected):
    assert parsed_notice(the_seed(name)).platform_events == (expected,)


def test_b06_an_old_state_in_the_description_does_not_undo_the_event():
    accepted = parsed_notice(an_event("order.accepted", OrderAcceptedTime="2017-12-15T12:00:00"))
    rejected = parsed_notice(an_event("order.rejected", order={"OrderState": "AcceptedByRestaurant"}))

    assert accepted.platform_events == (Confirmed(NOON),)
    assert [type(platform_event) for platform_event in rejected.platform_events] == [Rejected]


def test_b06_a_state_that_is_further_than_the_event_is_taken():
    delivered = parsed_notice(an_event("order.refunded", order={"OrderState": "Delivered"}, RefundedAmount=1))

    assert delivered.platform_events == (
        Refunded(100),
        Confirmed(None),
        Progressed(None, "Delivered", Step.HANDED_OVER),
    )


@pytest.mark.parametrize(
    ("store", "zone"),
    [
        ({"StoreIanaTimezone": "Europe/Dublin", "StoreTimezone": "Tokyo Standard Time"}, "Europe/Dublin"),
        ({"StoreIanaTimezone": "Middle/Earth", "StoreTimezone": "GMT Standard Time"}, "Europe/London"),
        ({"StoreIanaTimezone": None, "StoreTimezone": "Tokyo Standard Time"}, "Asia/Tokyo"),
        ({"StoreIanaTimezone": "../../etc/passwd"}, None),
        ({"StoreIanaTimezone": "America"}, None),
        ({"StoreTimezone": "Shire Time"}, None),
        ({}, None),
    ],
)
def test_b07_a_time_without_a_zone_is_read_as_utc(store, zone):
    event = an_event(order={"Store": store, "RequestedForTime": "2017-12-15T12:00:00"})

    assert parsed_notice(event).details.requested_for == NOON
    assert parsed_notice(event).details.zone == zone


@pytest.mark.parametrize(("currency", "charged"), [("EUR", 1235), ("JPY", 12), ("KWD", 12345), ("eur", 1235)])
def test_b08_amounts_are_exact_in_currencies_with_and_without_cents(currency, charged):
    event = an_event(order={"Store": {"Currency": currency}, "Amount": 12.345, "TipAmount": 0})

    assert parsed_notice(event).details.bill.charged == charged


@pytest.mark.parametrize(
    "amount", [b"NaN", b"Infinity", b"-Infinity", b"1e400", b"1e99999999999999999999", b"9" * 5000]
)
def test_b08_an_amount_that_is_not_a_finite_number_is_refused(amount):
    notice = b'{"EventName": "order.created", "Order": {"OrderId": 1, "Amount": %s}}' % amount

    with pytest.raises(InvalidPayload):
        parsed_notice(notice)


def test_b09_one_refund_is_distinguished_from_the_sum_of_all_refunds():
    refunded = parsed_notice(an_event("order.refunded", order={"RefundedAmount": 5}, RefundedAmount=2))

    assert refunded.platform_events == (Refunded(200),)
    assert refunded.details.refunded_minor == 500


def test_b10_a_description_that_contradicts_the_order_is_not_shown():
    without_description, with_description = (
        an_event(Description=None),
        an_event(Description="palced a COLLECTION order for 9.999,99 €"),
    )

    assert parsed_notice(without_description).details == parsed_notice(with_description).details
    assert "palced" not in repr(parsed_notice(with_description))
