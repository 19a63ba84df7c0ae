"""Three tiers of access: who owns the order, who has a share link, and the widget on somebody else's page. All that
each is shown and told is listed in tests/tiers/tables.py; whatever is added anywhere is found here.

What a page shows is what changes it. So something else is put into every column of every table, and whatever then looks
otherwise is shown, as text, as time, as amount or in any other form.
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
    """An evening, on a site that renders everything anew."""
    database = Database(sqlite_url)
    with database.transaction() as session:
        evening = make(session, settings, now)
    app = create_app(settings, database)
    app.extensions["tracker fragments"] = FragmentCache(max_size=0)
    yield Looking(app, database, evening)
    database.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", TIERS)
def test_each_tier_is_shown_and_told_what_is_listed_for_it_and_nothing_else(looking: Looking, name: str) -> None:
    kept, tier = Kept(looking.database), looking.tier(name)
    eyes = Eyes(tier, kept)
    listed = {path for paths in TIERS[name].values() for path in paths}
    hidden = kept.paths - listed - CLOSES.keys()

    shown = {path for path in listed & kept.paths if eyes.is_shown(path)} | eyes.names_seen()
    not_listed = eyes.shown_of(hidden)

    assert {look: status for look, (status, _) in eyes.before.items() if status != 200} == {}
    assert not_listed == set(), f"{name}: is shown, and nobody has said that it may be"
    assert shown == listed
    assert eyes.words_seen(hidden, listed) == set()
    assert said_of_everything(tier.channels, looking) == MESSAGES[name]
    assert acts_in(eyes.text) == ACTS[name]


@pytest.mark.parametrize("name", ["guest", "widget"])
def test_nothing_that_a_restaurant_says_in_its_own_words_is_for_onlookers(looking: Looking, name: str) -> None:
    owners, onlookers = (Eyes(looking.tier(each), Kept(looking.database)).text for each in ("owner", name))

    assert [words for words in FREE_WORDS if words not in owners] == []
    assert [words for words in FREE_WORDS if words in onlookers] == []


def test_there_is_something_in_every_column_that_could_be_shown(looking: Looking) -> None:
    kept = Kept(looking.database)

    columns = {".".join(path.split(".")[:2]) for path in kept.paths} | kept.names().keys()

    assert kept.without_rows == []
    assert kept.columns - columns == set(), "nothing is in them on this evening, so that nobody could see it"
    assert {
        path for tier in TIERS.values() for paths in tier.values() for path in paths
    } <= kept.paths | kept.names().keys()


def test_what_decides_who_may_look_does_so(looking: Looking) -> None:
    kept = Kept(looking.database)
    eyes = [Eyes(looking.tier(name), kept) for name in TIERS]

    closed = {path for path in CLOSES if any(each.is_closed_by(path) for each in eyes)}

    assert closed == CLOSES.keys()
