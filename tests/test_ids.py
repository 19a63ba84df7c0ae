"""Identifiers: they look like the contract's, sort by when they were made, and cannot be guessed."""

from datetime import datetime, timedelta

import pytest

from tracker.ids import is_id, new_id


def test_an_id_has_the_form_that_the_contract_shows(now: datetime) -> None:
    made = new_id(now)

    assert is_id(made)
    assert len(made) == 24


def test_a_later_id_sorts_after_an_earlier_one(now: datetime) -> None:
    earlier, later = new_id(now), new_id(now + timedelta(seconds=1))

    assert earlier < later


def test_of_two_ids_of_the_same_second_neither_tells_the_other(now: datetime) -> None:
    made = {new_id(now)[8:] for _ in range(1000)}

    assert len(made) == 1000


@pytest.mark.parametrize("text", ["", "0" * 23, "0" * 25, "0" * 23 + "g", "0" * 23 + "A", "0" * 24 + "\n", "٣" * 24])
def test_what_only_resembles_an_id_is_none(text: str) -> None:
    assert not is_id(text)
