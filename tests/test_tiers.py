"""Three tiers of access see only what tests/tiers/tables.py lists: the owner, a friend with a share link, the widget.

A column is shown if a change of its value changes a page. So these tests change every column of every table, one after
the other, and compare the pages. They find values in every form: as text, time, amount or anything else.
"""

from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.tiers.columns import Kept
from tests.tiers.evening import FREE_WORDS, make
from tests.tiers.probes import Eyes, acts_in, said_of_everything
from tests.tiers.tables import ACTS, CLOSES, MESSAGES, TIERS
from tests.tiers.views import Looking
from tracker.application import create_app
from tracker.config import Settings
from tracker.database import Database
from tracker.web.http.htmx import FragmentCache


@pytest.fixture
def looking(settings: Settings, sqlite_url: str, now: datetime) -> Iterator[Looking]:
    """Yield an evening on a site that renders every page anew."""
    database = Database(sqlite_url)
    with database.transaction() as session:
        evening = make(session, settings, now)
    app = create_app(settings, database)
    app.extensions["tracker fragments"] = FragmentCache(max_size=0)
    yield Looking(app, database, evening)
    database.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", TIERS)
def test_each_tier_is_shown_and_sent_exactly_what_is_listed_for_it(looking: Looking, name: str) -> None:
    kept, tier = Kept(looking.database), looking.tier(name)
    eyes = Eyes(tier, kept)
    listed = {path for paths in TIERS[name].values() for path in paths}
    hidden = kept.paths - listed - CLOSES.keys()

    shown = {path for path in listed & kept.paths if eyes.is_shown(path)} | eyes.names_seen()
    not_listed = eyes.shown_of(hidden)

    assert {look: status for look, (status, _) in eyes.before.items() if status != 200} == {}
    assert not_listed == set(), f"{name}: is shown, and tests/tiers/tables.py does not permit it"
    assert shown == listed
    assert eyes.words_seen(hidden, listed) == set()
    assert said_of_everything(tier.channels, looking) == MESSAGES[name]
    assert acts_in(eyes.text) == ACTS[name]


@pytest.mark.parametrize("name", ["guest", "widget"])
def test_onlookers_never_see_free_text_of_the_restaurant(looking: Looking, name: str) -> None:
    owners, onlookers = (Eyes(looking.tier(each), Kept(looking.database)).text for each in ("owner", name))

    assert [words for words in FREE_WORDS if words not in owners] == []
    assert [words for words in FREE_WORDS if words in onlookers] == []


def test_the_evening_has_a_value_in_every_column_that_could_be_shown(looking: Looking) -> None:
    kept = Kept(looking.database)

    columns = {".".join(path.split(".")[:2]) for path in kept.paths} | kept.names().keys()

    assert kept.without_rows == []
    assert kept.columns - columns == set(), (
        "these columns are empty on this evening, so that the test could not see them"
    )
    assert {
        path for tier in TIERS.values() for paths in tier.values() for path in paths
    } <= kept.paths | kept.names().keys()


def test_each_column_that_is_listed_as_closing_a_page_closes_one(looking: Looking) -> None:
    kept = Kept(looking.database)
    eyes = [Eyes(looking.tier(name), kept) for name in TIERS]

    closed = {path for path in CLOSES if any(each.is_closed_by(path) for each in eyes)}

    assert closed == CLOSES.keys()
