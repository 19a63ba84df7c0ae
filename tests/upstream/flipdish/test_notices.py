"""Every possible Flipdish notice is either parsed or refused with a sentence. It never causes another error."""

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


def paths_in(value, path=()):
    yield path
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        yield from paths_in(entry, (*path, key))


@st.composite
def corrupted_events(draw):
    """Draw a documented event in which up to four parts, at any depth, were replaced, removed or added."""
    event = the_seed(draw(st.sampled_from(SEEDS)))
    event["EventName"] = draw(st.sampled_from(sorted(EVENT_PARSERS)))
    for _ in range(draw(st.integers(1, 4))):
        *path, last = draw(st.sampled_from([place for place in paths_in(event) if place]))
        parent = event
        for key in path:
            parent = parent[key]
        if draw(st.booleans()):
            parent[last] = draw(JSON)
        elif isinstance(parent, dict):
            parent[draw(st.sampled_from(FIELDS))] = draw(JSON)
        else:
            del parent[last]
    return event


def parse_or_refuse(notice):
    """Return the parsed notice or the sentence of its refusal. Fail if a database could not store its texts."""
    try:
        result = parsed_notice(notice)
    except InvalidPayload as refusal:
        return str(refusal)
    written = repr(result)
    written.encode()
    assert "\\x00" not in written
    return result


@settings(deadline=None, max_examples=300)
@given(corrupted_events())
def test_a_corrupted_notice_is_parsed_or_refused_and_means_the_same_in_an_envelope(event):
    bare = parse_or_refuse(event)

    assert parse_or_refuse(json.dumps(event).encode()) == bare
    # The identity of an unknown event is its whole content, so it is another one in an envelope.
    if not isinstance(bare, str) and event.get("EventName") in list(EVENT_PARSERS):
        in_an_envelope = parse_or_refuse(wrapped(event))
        assert (in_an_envelope.source_id, in_an_envelope.platform_events) == (bare.source_id, bare.platform_events)
        assert in_an_envelope.details == bare.details


@settings(deadline=None, max_examples=200)
@given(JSON | st.fixed_dictionaries({"EventName": st.sampled_from(sorted(EVENT_PARSERS)), "Order": JSON, "Body": JSON}))
def test_any_json_is_parsed_or_refused(value):
    parse_or_refuse(value)


@settings(deadline=None, max_examples=100)
@given(st.binary())
def test_random_bytes_are_refused(raw):
    with pytest.raises(InvalidPayload):
        parsed_notice(raw)


@pytest.mark.parametrize("in_an_envelope", [False, True])
def test_a_deeply_nested_notice_is_refused(in_an_envelope):
    def outcome(depth):
        order = f'"Order": {{"OrderId": 1, "Metadata": {"[" * depth}{"]" * depth}}}'
        event = f'{{"EventName": "order.created", {order}}}'
        return parse_or_refuse((json.dumps({"Body": event}) if in_an_envelope else event).encode())

    # At some depth, it can still be parsed but no longer be serialised, which is needed for its identity.
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
def test_an_invalid_notice_is_refused_with_a_sentence_without_data(raw, sentence):
    with pytest.raises(InvalidPayload) as refused:
        parsed_notice(raw)

    assert str(refused.value) == sentence


def test_the_body_can_be_text_and_have_a_byte_order_mark():
    event = the_seed("order.accepted")
    as_text = wrapped(event, Body=json.dumps(event))

    assert parsed_notice(as_text) == parsed_notice(wrapped(event))
    assert parsed_notice(b"\xef\xbb\xbf" + json.dumps(event).encode()) == parsed_notice(event)


def test_an_event_with_a_name_only_on_its_envelope_is_parsed():
    event = the_seed("order.accepted")
    nameless = {key: value for key, value in event.items() if key != "EventName"}

    assert parsed_notice(wrapped(event, Body=nameless)).platform_events == parsed_notice(event).platform_events


def test_the_last_value_of_a_field_sent_twice_counts():
    raw = b'{"EventName": "order.created", "OrderId": 1, "OrderId": 2}'

    assert parsed_notice(raw).platform_order_id == "2"


def test_an_event_with_only_an_order_id_is_parsed_without_details():
    accepted = parsed_notice({"EventName": "order.accepted", "OrderId": 12, "Order": None})

    assert accepted.platform_order_id == "12"
    assert len(accepted.platform_events) == 1
    assert accepted.details is None


def test_an_order_with_only_its_id_has_no_details() -> None:
    notice = parsed_notice({"EventName": "order.accepted", "Order": {"OrderId": 1234}})

    assert notice.platform_order_id == "1234"
    assert notice.platform_events
    assert notice.details is None
