"""Of two acts at the same instant one comes first, for everybody.

The test plays the same hundred pairs each time, on each kind of database, drawn from the acts of restaurant, customer
and clock; `bin/test --all` plays three hundred more. `.venv/bin/python -m tests.races --count 1000` plays others.
"""

from pathlib import Path

import pytest

from tests.races.__main__ import play_pairs
from tests.races.acts import POSSIBLE
from tests.sampling import sampled

USUAL = range(100)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("pairs", sampled([USUAL, range(100, 400)], [USUAL], pytest.mark.long), ids=str)
def test_of_two_acts_at_the_same_instant_one_comes_first_and_everybody_is_told_so(
    database_url: str, tmp_path: Path, pairs: range
) -> None:
    driver = play_pairs(database_url, tmp_path, pairs)

    assert driver.problems == []
    assert len(driver.meetings) == len(pairs)
    for situation, acts in POSSIBLE.items():
        here = [meeting for meeting in driver.meetings if meeting.situation is situation]
        assert {act.name for meeting in here for act in meeting.acts} == {act.name for act in acts}
    assert driver.refused > len(pairs) / 4
