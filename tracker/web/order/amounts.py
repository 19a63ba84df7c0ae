"""Parsing and formatting amounts of money in forms: with a point or a comma, with or without the currency.

formatting.py formats the amounts that pages show.
"""

import re
from decimal import Decimal, InvalidOperation

from babel.numbers import (
    NumberFormatError,
    format_decimal,
    get_currency_symbol,
    get_decimal_symbol,
    get_group_symbol,
    parse_decimal,
)

from tracker.orders.money import Money, decimals, minor_units
from tracker.web.order.formatting import format_money, locale_of

_LONGEST = 20
_NARROW = {0xFF01 + place: 0x21 + place for place in range(94)} | {ord("￥"): ord("¥")}
"""Maps full-width digits and marks, which Japanese keyboards produce, to ASCII."""
_PLAIN = re.compile(r"(\d+)(?:([.,])(\d+))?")


class InvalidAmount(ValueError):
    """The text is not an amount of money. The message shows how to write one."""


def parse_amount(typed: str, currency: str, language: str) -> int:
    """Parse an amount as it is written in this language (BCP 47 tag). Return it in minor units of the currency.

    A comma that cannot separate thousands is a decimal comma in any language. Raise InvalidAmount.
    """
    bare = _bare(typed, currency, language)
    try:
        amount = _parse_number(bare, language, decimals(currency))
        minor = minor_units(amount, currency)
    except (ValueError, InvalidOperation):
        raise InvalidAmount(_how_to_write(currency, language)) from None
    if Money(minor, currency).amount != amount:
        raise InvalidAmount(_how_to_write(currency, language))
    return minor


def format_amount(amount: Money, language: str) -> str:
    """Return the amount without its currency, as it is typed in this language."""
    places = decimals(amount.currency)
    pattern = f"0.{'0' * places}" if places else "0"
    return str(format_decimal(amount.amount, pattern, locale=locale_of(language)))


def _bare(typed: str, currency: str, language: str) -> str:
    typed = typed.translate(_NARROW)
    for mark in (currency, get_currency_symbol(currency, locale=locale_of(language))):
        typed = re.sub(re.escape(mark.translate(_NARROW)), "", typed, flags=re.IGNORECASE)
    return "".join(typed.split())[: _LONGEST + 1]


def _parse_number(bare: str, language: str, places: int) -> Decimal:
    locale = locale_of(language)
    plain = _PLAIN.fullmatch(bare)
    if len(bare) > _LONGEST or not bare or not set(bare) <= set("0123456789.,'’"):
        raise ValueError("no amount")
    if plain and (not plain[2] or plain[2] == get_decimal_symbol(locale) or len(plain[3]) <= min(places, 2)):
        return Decimal(bare.replace(",", "."))
    try:
        grouped = bare.replace("'", "’") if get_group_symbol(locale) == "’" else bare
        return parse_decimal(grouped, locale=locale, strict=True)
    except NumberFormatError as unreadable:
        raise ValueError("no amount") from unreadable


def _how_to_write(currency: str, language: str) -> str:
    example = format_money(Money(350, currency), language)
    return f"That is no amount of money that we can read. Write it like {example}, please."
