"""Parsing of amounts that people type in the formats of their languages."""

import pytest

from tracker.orders.money import Money
from tracker.web.order.amounts import InvalidAmount, format_amount, parse_amount

WIDE = "".join(chr(ord(letter) + 0xFEE0) for letter in "1,980")
"""The amount 1,980 in full-width characters, as a Japanese keyboard writes it."""


@pytest.mark.parametrize(
    ("typed", "currency", "language", "minor"),
    [
        ("3", "EUR", "en-IE", 300),
        ("3.50", "EUR", "en-IE", 350),
        ("3,50", "EUR", "en-IE", 350),
        ("3,5", "EUR", "de-DE", 350),
        ("3.50", "EUR", "de-DE", 350),
        ("€ 3.50", "EUR", "en-IE", 350),
        ("3.50 eur", "EUR", "en-IE", 350),
        ("1,000", "EUR", "en-IE", 100000),
        ("1.000", "EUR", "de-DE", 100000),
        ("1.000,50", "EUR", "de-DE", 100050),
        ("1 000,50", "EUR", "fr-FR", 100050),
        ("1'000.50", "CHF", "de-CH", 100050),
        ("980", "JPY", "ja-JP", 980),
        ("¥1,980", "JPY", "ja-JP", 1980),
        (WIDE, "JPY", "ja-JP", 1980),
        ("1.500", "KWD", "en-GB", 1500),
        ("0", "EUR", "en-IE", 0),
        ("3.5", "EUR", "no language", 350),
    ],
)
def test_an_amount_is_read_in_the_format_of_the_restaurants_language(
    typed: str, currency: str, language: str, minor: int
) -> None:
    assert parse_amount(typed, currency, language) == minor


@pytest.mark.parametrize(
    ("typed", "currency"),
    [("", "EUR"), ("abc", "EUR"), ("-3", "EUR"), ("3.505", "EUR"), ("9.80", "JPY"), ("1e5", "EUR"), ("NaN", "EUR"),
     ("9" * 18, "EUR"), ("9" * 30, "EUR"), ("1.2.3", "EUR"), ("٣", "EUR")],
)  # fmt: skip
def test_the_error_for_an_invalid_amount_says_how_to_write_one(typed: str, currency: str) -> None:
    with pytest.raises(InvalidAmount, match="no amount of money that we can read"):
        parse_amount(typed, currency, "en-IE")


@pytest.mark.parametrize("language", ["en-IE", "de-DE", "fr-FR", "ja-JP", "ar"])
@pytest.mark.parametrize(("minor", "currency"), [(350, "EUR"), (123456, "EUR"), (980, "JPY"), (1500, "KWD")])
def test_an_amount_that_the_page_writes_into_its_field_can_be_read_again(
    minor: int, currency: str, language: str
) -> None:
    written = format_amount(Money(minor, currency), language)

    assert parse_amount(written, currency, language) == minor
