"""Reading JSON from other systems: which deviations are accepted, and which are refused."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.upstream.json_reader import JsonReader, clean_text, parse_json_object
from tracker.upstream.platform_events import InvalidPayload


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("  no\r\n oregano\tplease ", "no oregano please"),
        ("a\x00b\x1bc\x7fd\x9fe", "abcde"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("\ufeffJane\u200b", "Jane"),
        ("half \ud83d a face", "half a face"),
        ("👨\u200d👩\u200d👧 and Zoë", "👨\u200d👩\u200d👧 and Zoë"),
        (" \x00\u200b ", None),
        ("", None),
    ],
)
def test_text_is_reduced_to_one_line_of_visible_characters(text, clean):
    assert clean_text(text, 50) == clean


@given(
    st.text(st.characters(exclude_categories=()) | st.sampled_from("\u202e\u200b\ufeff\ud83d \t\n\x00"), max_size=20)
)
def test_no_invisible_character_is_left_in_any_text(text):
    clean = clean_text(text, 10)

    assert clean is None or 0 < len(clean) <= 10
    assert not set(clean or "") & set("\u202e\u200b\ufeff\ud83d\t\n\x00")
    assert clean is None or " ".join(clean.split()) == clean


@pytest.mark.parametrize(("text", "short"), [("abcde", "abcde"), ("abcdef", "abcd…"), ("abc def", "abc…")])
def test_text_that_is_too_long_is_cut_with_an_ellipsis(text, short):
    assert clean_text(text, 5) == short


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (0, "0"),
        (Decimal("14.90"), "14.90"),
        (" -2.50 ", "-2.50"),
        ("+7", "7"),
        (None, None),
        ("", None),
        ("  ", None),
    ],
)
def test_a_number_can_be_sent_as_text(value, number):
    assert JsonReader({"n": value}).number("n") == (None if number is None else Decimal(number))


@pytest.mark.parametrize(
    "value", [True, "NaN", "1e5", "1,50", "\u0661", "0x10", "1_0", [], {}, 10**12, "9" * 31, "-" + "9" * 13]
)
def test_a_value_that_only_resembles_a_number_is_refused(value):
    with pytest.raises(InvalidPayload, match=r"^n is "):
        JsonReader({"n": value}).number("n")


@pytest.mark.parametrize("exponent", ["999999", "-999999", "9999999"])
def test_a_number_with_a_huge_exponent_takes_no_time(exponent):
    reader = parse_json_object(f'{{"n": 1e{exponent}}}')

    if exponent.startswith("-"):
        assert reader.minor("n", "EUR") == 0
    else:
        with pytest.raises(InvalidPayload, match="n is too large a number"):
            reader.integer("n")


@pytest.mark.parametrize(("currency", "minor"), [("EUR", 1001), ("JPY", 10), ("KWD", 10005)])
def test_money_is_exact_in_every_currency(currency, minor):
    assert parse_json_object('{"n": 10.005}').minor("n", currency) == minor


@pytest.mark.parametrize(("value", "whole"), [(3, 3), (Decimal("3.0"), 3), ("3", 3), (None, None)])
def test_a_whole_number_can_be_sent_with_decimals(value, whole):
    assert JsonReader({"n": value}).integer("n") == whole


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2017-12-15T12:00:00", datetime(2017, 12, 15, 12, tzinfo=UTC)),
        ("2017-12-15T12:00:00Z", datetime(2017, 12, 15, 12, tzinfo=UTC)),
        ("2017-12-15T12:00:00.1234567+01:00", datetime(2017, 12, 15, 11, 0, 0, 123456, tzinfo=UTC)),
        ("0001-01-01T00:00:00", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59.9999999-12:00", None),
        ("  ", None),
        (None, None),
    ],
)
def test_a_time_without_a_zone_is_utc_and_an_unset_one_is_none(text, moment):
    read = JsonReader({"t": text}).timestamp("t")

    assert read == moment
    assert read is None or read.tzinfo is UTC


@pytest.mark.parametrize("value", ["soon", "2017-13-01T00:00:00", "2017-12-15T25:00:00", 1513339200, {}])
def test_an_invalid_time_is_refused(value):
    with pytest.raises(InvalidPayload, match=r"^t is not a time\.$"):
        JsonReader({"t": value}).timestamp("t")


def test_null_and_missing_are_the_same_for_every_type_of_field():
    for fields in ({}, {"f": None}):
        reader = JsonReader(fields)

        assert reader.text("f", 5) is None
        assert reader.exact_text("f") is None
        assert reader.timestamp("f") is None
        assert reader.minor("f", "EUR") is None
        assert reader.boolean("f") is False
        assert not reader.object("f")
        assert reader.objects("f") == []


def test_a_refusal_names_the_path_to_the_field():
    reader = parse_json_object('{"a": {"b": [null, {"c": {"d": "Jane"}}]}}')

    with pytest.raises(InvalidPayload, match=r"^a\.b\[1\]\.c\.d is not true or false\.$"):
        reader.object("a").objects("b")[0].object("c").boolean("d")


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_json_does_not_have_are_refused(constant):
    with pytest.raises(InvalidPayload, match="NaN or Infinity"):
        parse_json_object(f'{{"n": {constant}}}')


def test_a_deeply_nested_text_is_refused():
    with pytest.raises(InvalidPayload, match="nested too deeply"):
        parse_json_object(b"[" * 100_000)
