"""Three tiers of access see only what tests/tiers/tables.py lists: the owner, a friend with a share link, the widget.

A column is shown if a change of its value changes a page. So these tests change every column of every table, one after
the other, and compare the pages. They find values in every form: as text, time, amount or anything else.
"""

from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.tiers.columns import StoredRows
from tests.tiers.evening import FREE_WORDS, make
from tests.tiers.probes import Sight, acts_in, messages_on
from tests.tiers.tables import ACTS, CLOSES, MESSAGES, TIERS
from tests.tiers.views import Visit
from tracker.application import create_app
from tracker.config import Settings
from tracker.database import Database
from tracker.web.http.htmx import FragmentCache


@pytest.fixture
def visit(settings: Settings, sqlite_url: str, now: datetime) -> Iterator[Visit]:
    """Yield a visit of an evening's orders, on a site without a cache of rendered pages."""
    database = Database(sqlite_url)
    with database.transaction() as session:
        evening = make(session, settings, now)
    app = create_app(settings, database)
    app.extensions["tracker fragments"] = FragmentCache(max_size=0)
    yield Visit(app, database, evening)
    database.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", TIERS)
def test_each_tier_is_shown_and_sent_exactly_what_is_listed_for_it(visit: Visit, name: str) -> None:
    rows, tier = StoredRows(visit.database), visit.tier(name)
    sight = Sight(tier, rows)
    listed = {path for paths in TIERS[name].values() for path in paths}
    hidden = rows.paths - listed - CLOSES.keys()

    shown = {path for path in listed & rows.paths if sight.is_shown(path)} | sight.names_seen()
    not_listed = sight.shown_of(hidden)

    assert {look: status for look, (status, _) in sight.before.items() if status != 200} == {}
    assert not_listed == set(), f"{name}: is shown, and tests/tiers/tables.py does not permit it"
    assert shown == listed
    assert sight.words_seen(hidden, listed) == set()
    assert messages_on(tier.channels, visit) == MESSAGES[name]
    assert acts_in(sight.text) == ACTS[name]


@pytest.mark.parametrize("name", ["guest", "widget"])
def test_onlookers_never_see_free_text_of_the_restaurant(visit: Visit, name: str) -> None:
    owners, onlookers = (Sight(visit.tier(tier), StoredRows(visit.database)).text for tier in ("owner", name))

    assert [words for words in FREE_WORDS if words not in owners] == []
    assert [words for words in FREE_WORDS if words in onlookers] == []


def test_the_evening_has_a_value_in_every_column_that_could_be_shown(visit: Visit) -> None:
    rows = StoredRows(visit.database)

    columns = {".".join(path.split(".")[:2]) for path in rows.paths} | rows.names().keys()

    assert rows.without_rows == []
    assert rows.columns - columns == set(), (
        "these columns are empty on this evening, so that the test could not see them"
    )
    assert {
        path for tier in TIERS.values() for paths in tier.values() for path in paths
    } <= rows.paths | rows.names().keys()


def test_each_column_that_is_listed_as_closing_a_page_closes_one(visit: Visit) -> None:
    rows = StoredRows(visit.database)
    sights = [Sight(visit.tier(name), rows) for name in TIERS]

    closed = {path for path in CLOSES if any(sight.is_closed_by(path) for sight in sights)}

    assert closed == CLOSES.keys()
