"""One person is one customer, however the address is typed; two persons are never mistaken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.accounts.email_addresses import InvalidEmailAddress, mask_email, normalise_email


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("ada@example.com", "ada@example.com"),
        ("  Ada@Example.COM \n", "ada@example.com"),
        ("ada+pizza@example.com", "ada+pizza@example.com"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@XN--BCHER-KVA.example", "ada@xn--bcher-kva.example"),
    ],
)
def test_the_same_address_typed_differently_is_kept_in_one_form(typed: str, stored: str) -> None:
    assert normalise_email(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ada",
        "ada@",
        "@example.com",
        "ada@localhost",
        "ada@example.com, eve@example.org",
        "ada@example.com\r\nBcc: eve@example.org",
        "Ada <ada@example.com>",
        "ada@example.com\0",
        "ada@" + "long." * 60 + "example.com",
        "ada@\ud800.example",
    ],
)
def test_what_is_no_single_address_is_refused_with_a_sentence_for_the_customer(typed: str) -> None:
    with pytest.raises(InvalidEmailAddress, match=r"should be like name@example\.com"):
        normalise_email(typed)


@pytest.mark.parametrize("lookalike", ["\u0131an", "\u0430da", "\u0130an", "\u017fam"])
def test_an_email_that_only_looks_like_an_ordinary_one_never_leads_to_somebody_elses_account(lookalike: str) -> None:
    with pytest.raises(InvalidEmailAddress):
        normalise_email(f"{lookalike}@example.com")


@given(st.text(max_size=40) | st.emails())
def test_an_address_has_one_form_only_and_that_form_is_plain(typed: str) -> None:
    try:
        stored = normalise_email(typed)
    except InvalidEmailAddress:
        return

    assert normalise_email(stored) == stored
    assert stored.isascii()
    assert stored.isprintable()
    assert stored == stored.lower()


def test_a_masked_address_is_recognised_only_by_its_owner() -> None:
    assert mask_email("ada@example.com") == "a•••@example.com"
