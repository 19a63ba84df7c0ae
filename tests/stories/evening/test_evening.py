"""A third party's programs, written from Open Dining's document alone, receive every event and every property of the
document in the documented form, in a whole evening with real processes."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.machine.node import node_path
from tests.site import Site, running_site
from tests.stories.evening.contract import Breach, check, never_received
from tests.stories.evening.evening import HERE, Access, play, running_evening
from tracker import clock
from tracker.accounts.model import Restaurant
from tracker.accounts.registration import issue_secret

ORDER_ID = "52a7289e96ba1c6209000003"


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Site]:
    with running_site(database_url, tmp_path) as site:
        yield site


def access_to(site: Site) -> Access:
    """Issue a secret of the restaurant and return all that the third party is given."""
    restaurant = site.platform_account.restaurant
    with site.database.transaction() as session:
        stored_secret, secret = issue_secret(restaurant, now=clock.now())
        session.add(stored_secret)
    return Access(
        node=node_path(),
        address=site.url,
        app_key=site.environment.get("TRACKER_CHANNELS_KEY", "tracker"),
        engine_port=site.engine_port,
        api_key=site.application.key,
        access_token=site.access_token,
        api_secret=secret,
        restaurant_id=restaurant.id,
        member=site.application.id,
        zone=ZoneInfo(restaurant.zone),
        customer=site.customer.email or "",
        way_in=f"{site.url}/demo/let-me-in",
    )


def give_no_time(site: Site) -> None:
    """Set the restaurant's time to answer to zero."""
    with site.database.transaction() as session:
        session.get_one(Restaurant, site.platform_account.restaurant.id).answer_minutes = 0


@pytest.mark.both_databases
def test_a_whole_evening_every_documented_event_and_property_is_received_as_documented(site: Site) -> None:
    with running_evening(access_to(site)) as evening:
        received = play(evening, give_no_time=lambda: give_no_time(site))

        assert never_received(received) == set()
        assert evening.customers_app.unread == []
        assert evening.restaurants_app.unread == []


AS_DOCUMENTED: list[tuple[str, dict[str, Any]]] = [
    ("order_confirmation", {"confirmation": 3, "reason": "Too busy"}),
    ("order_adjustment", {"time": 45, "items": ["a"], "options": []}),
    ("order_adjustment", {"order_date": "12/05/2026", "eta": "9:45 PM", "items": [], "options": ["Cheese"]}),
    ("order_tracker", {"time": "2026-11-20T18:02:00+00:00", "status": "Delivered"}),
    ("new_order", {"order_id": ORDER_ID}),
    ("order_user_confirmation", {"order_id": ORDER_ID, "confirmation": 1}),
]


@pytest.mark.parametrize(("event", "properties"), AS_DOCUMENTED)
def test_the_check_accepts_documented_events(event: str, properties: dict[str, Any]) -> None:
    check(event, properties)


@pytest.mark.parametrize(
    ("event", "properties"),
    [
        ("order_confirmation", {"confirmation": "1"}),
        ("order_confirmation", {"confirmation": True}),
        ("order_confirmation", {"confirmation": 4}),
        ("order_confirmation", {"confirmation": 1, "reason": "Why not"}),
        ("order_confirmation", {"confirmation": 3, "reason": ""}),
        ("order_confirmation", {"confirmation": 3, "by": "us"}),
        ("order_adjustment", {"time": "45", "items": [], "options": []}),
        ("order_adjustment", {"time": 45, "options": []}),
        ("order_adjustment", {"time": 45, "items": [17], "options": []}),
        ("order_adjustment", {"order_date": "5/12/2026", "eta": "9:45 PM", "items": [], "options": []}),
        ("order_adjustment", {"order_date": "12/05/2026", "eta": "21:45", "items": [], "options": []}),
        ("order_adjustment", {"order_date": "12/05/2026", "eta": "09:45 PM", "items": [], "options": []}),
        ("order_adjustment", {"order_date": "12/05/2026", "items": [], "options": []}),
        ("order_tracker", {"time": "2026-11-20T18:02:00", "status": "Delivered"}),
        ("new_order", {"order_id": "17"}),
        ("order_user_confirmation", {"confirmation": 1}),
        ("order_changed", {"version": 2}),
    ],
)
def test_the_check_finds_events_that_are_not_as_documented(event: str, properties: dict[str, Any]) -> None:
    with pytest.raises(Breach):
        check(event, properties)


@pytest.mark.parametrize("left_out", range(len(AS_DOCUMENTED)))
def test_the_check_finds_what_is_never_received(left_out: int) -> None:
    confirmations = [("order_confirmation", {"confirmation": code}) for code in (1, 2)]
    received = [*AS_DOCUMENTED, *confirmations, ("order_user_confirmation", {"confirmation": 3})]
    assert never_received(received) == set()

    assert never_received([event for event in received if event is not received[left_out]])


def test_the_programs_of_the_third_party_import_nothing_of_tracker() -> None:
    for path in HERE.glob("*.py"):
        imported = {
            name
            for node in ast.walk(ast.parse(path.read_text()))
            for name in (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else []
            )
        }
        imports_tracker = any(name.split(".")[0] == "tracker" for name in imported)

        assert imports_tracker == (path.name == Path(__file__).name), path.name
