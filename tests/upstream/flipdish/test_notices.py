"""Whatever arrives as a Flipdish notice is understood or refused in a sentence; nothing else can come of it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.upstream.flipdish.notices import SEEDS, parsed_notice, the_seed, wrapped
from tracker.upstream.platform_events import InvalidPayload
from tracker.upstream.platforms.flipdish.events import EVENT_PARSERS

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["0001-01-01T00:00:00", "9999-12-31T23:59:59-14:00", "-0", "1e5", "\ud800", "\x00", "\u0661"])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
FIELDS = ["OrderState", "Reason", "RejectionReason", "AcceptedFor", "DropOffLocation", "StoreIanaTimezone", "Rating"]


def places_in(value, way=()):
    yield way
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        yield from places_in(entry, (*way, key))


@st.composite
def spoilt_events(draw):
    """A documented event in which up to four parts, at any depth, were put otherwise, left out or added."""
    event = the_seed(draw(st.sampled_from(SEEDS)))
    event["EventName"] = draw(st.sampled_from(sorted(EVENT_PARSERS)))
    for _ in range(draw(st.integers(1, 4))):
        *way, last = draw(st.sampled_from([place for place in places_in(event) if place]))
        parent = event
        for key in way:
            parent = parent[key]
        if draw(st.booleans()):
            parent[last] = draw(JSON)
        elif isinstance(parent, dict):
            parent[draw(st.sampled_from(FIELDS))] = draw(JSON)
        else:
            del parent[last]
    return event


def storable_or_refused(notice):
    """What is made of the notice, after a look at whether a database could keep it."""
    try:
        result = parsed_notice(notice)
    except InvalidPayload as refusal:
        return str(refusal)
    written = repr(result)
    written.encode()
    assert "\\x00" not in written
    return result


@settings(deadline=None, max_examples=300)
@given(spoilt_events())
def test_a_spoilt_notice_is_understood_or_refused_and_means_the_same_in_an_envelope(event):
    bare = storable_or_refused(event)

    assert storable_or_refused(json.dumps(event).encode()) == bare
    if not isinstance(bare, str) and event.get("EventName") in list(EVENT_PARSERS):  # else it goes by its whole content
        in_an_envelope = storable_or_refused(wrapped(event))
        assert (in_an_envelope.source_id, in_an_envelope.platform_events) == (bare.source_id, bare.platform_events)
        assert in_an_envelope.details == bare.details


@settings(deadline=None, max_examples=200)
@given(JSON | st.fixed_dictionaries({"EventName": st.sampled_from(sorted(EVENT_PARSERS)), "Order": JSON, "Body": JSON}))
def test_any_json_at_all_is_understood_or_refused(value):
    storable_or_refused(value)


@settings(deadline=None, max_examples=100)
@given(st.binary())
def test_any_bytes_at_all_are_refused(raw):
    with pytest.raises(InvalidPayload):
        parsed_notice(raw)


@pytest.mark.parametrize("in_an_envelope", [False, True])
def test_a_notice_nested_ever_deeper_is_refused_from_some_depth_on(in_an_envelope):
    def outcome(depth):
        order = f'"Order": {{"OrderId": 1, "Metadata": {"[" * depth}{"]" * depth}}}'
        event = f'{{"EventName": "order.created", {order}}}'
        return storable_or_refused((json.dumps({"Body": event}) if in_an_envelope else event).encode())

    # Somewhere on the way it can just be read, but no longer be written to make its identity from it.
    outcomes = [outcome(depth) for depth in range(700, 1000)]

    assert not isinstance(outcomes[0], str)
    assert outcomes[-1] in {"The body is nested too deeply.", "Body is nested too deeply."}
    assert outcome(100_000) == outcomes[-1]


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "The body is not JSON."),
        (b"\xff\xfe{}", "The body is not UTF-8."),
        (b"[]", "The body is not a JSON object."),
        (b"{}", "EventName is missing."),
        (b'{"EventName": {"Jane": 1}}', "EventName is not text."),
        (b'{"Body": "Jane"}', "Body is not JSON."),
        (b'{"Body": "[1]"}', "Body is not a JSON object."),
        (b'{"EventName": "order.created", "Order": null}', "Order.OrderId is missing."),
        (b'{"EventName": "order.created", "Order": [{"OrderId": 1}]}', "Order is not an object."),
        (b'{"EventName": "order.created", "Order": {"OrderId": {"Jane": 1}}}', "Order.OrderId is not a number."),
    ],
)
def test_what_is_no_notice_is_refused_in_a_sentence_without_data(raw, sentence):
    with pytest.raises(InvalidPayload) as refused:
        parsed_notice(raw)

    assert str(refused.value) == sentence


def test_the_body_may_come_as_text_and_with_a_byte_order_mark():
    event = the_seed("order.accepted")
    as_text = wrapped(event, Body=json.dumps(event))

    assert parsed_notice(as_text) == parsed_notice(wrapped(event))
    assert parsed_notice(b"\xef\xbb\xbf" + json.dumps(event).encode()) == parsed_notice(event)


def test_an_event_named_only_on_its_envelope_is_understood():
    event = the_seed("order.accepted")
    nameless = {key: value for key, value in event.items() if key != "EventName"}

    assert parsed_notice(wrapped(event, Body=nameless)).platform_events == parsed_notice(event).platform_events


def test_of_a_field_sent_twice_the_last_counts():
    raw = b'{"EventName": "order.created", "OrderId": 1, "OrderId": 2}'

    assert parsed_notice(raw).platform_order_id == "2"


def test_an_order_that_is_only_named_is_told_of_without_details():
    accepted = parsed_notice({"EventName": "order.accepted", "OrderId": 12, "Order": None})

    assert accepted.platform_order_id == "12"
    assert len(accepted.platform_events) == 1
    assert accepted.details is None


def test_an_order_that_comes_with_its_number_alone_is_named_and_not_described() -> None:
    notice = parsed_notice({"EventName": "order.accepted", "Order": {"OrderId": 1234}})

    assert notice.platform_order_id == "1234"
    assert notice.platform_events
    assert notice.details is None
