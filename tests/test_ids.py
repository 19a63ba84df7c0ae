"""Identifiers have the form of Open Dining's, sort by their time of creation, and cannot be guessed."""

from datetime import datetime, timedelta

import pytest

from tracker.ids import is_id, new_id


def test_an_id_has_the_form_that_the_contract_shows(now: datetime) -> None:
    identifier = new_id(now)

    assert is_id(identifier)
    assert len(identifier) == 24


def test_a_later_id_sorts_after_an_earlier_one(now: datetime) -> None:
    earlier, later = new_id(now), new_id(now + timedelta(seconds=1))

    assert earlier < later


def test_ids_of_the_same_second_have_different_random_parts(now: datetime) -> None:
    random_parts = {new_id(now)[8:] for _ in range(1000)}

    assert len(random_parts) == 1000


@pytest.mark.parametrize("text", ["", "0" * 23, "0" * 25, "0" * 23 + "g", "0" * 23 + "A", "0" * 24 + "\n", "٣" * 24])
def test_text_that_only_resembles_an_id_is_not_an_id(text: str) -> None:
    assert not is_id(text)
