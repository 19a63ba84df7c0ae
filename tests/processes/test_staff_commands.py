"""The operator's commands about a restaurant's staff and its secret."""

from datetime import datetime, timedelta

import pytest

from tests.conftest import Clock
from tests.processes.shell import RESTAURANT, Tracker, options, parse_output
from tracker.accounts.model import Restaurant, RestaurantSecret
from tracker.accounts.staff_queries import restaurant_by_secret
from tracker.accounts.tokens import hash_secret
from tracker.database import Database

UNKNOWN_ID = "0" * 24


@pytest.fixture
def registered(tracker: Tracker, clock: Clock) -> dict[str, str]:
    """Return a restaurant's id and its first secret, as they were printed."""
    return parse_output(tracker("add-restaurant", *options(**RESTAURANT)))


@pytest.fixture
def restaurant(registered: dict[str, str]) -> str:
    return registered["restaurant"]


def secret_works(database: Database, secret: str, now: datetime) -> bool:
    with database.read_session() as session:
        return restaurant_by_secret(session, secret, now=now) is not None


# Staff


def test_a_staff_member_is_added_and_listed(tracker: Tracker, restaurant: str) -> None:
    added = [
        tracker("add-staff", restaurant, "zoe@example.com", "--role", "staff"),
        tracker("add-staff", restaurant, "Mario@Example.com", "--role", "owner"),
    ]

    assert added[1] == (0, "mario@example.com works at Bella Napoli, as owner.\n", "")
    assert [code for code, _, _ in added] == [0, 0]
    assert tracker("staff", restaurant) == (
        0,
        "owner  mario@example.com  since 2026-11-20\nstaff  zoe@example.com  since 2026-11-20\n",
        "",
    )


def test_a_role_is_changed_and_a_staff_member_removed(tracker: Tracker, restaurant: str) -> None:
    tracker("add-staff", restaurant, "mario@example.com", "--role", "owner")
    tracker("add-staff", restaurant, "zoe@example.com", "--role", "staff")

    changed = tracker("change-staff", restaurant, "Zoe@example.com", "--role", "owner")
    let_go = tracker("remove-staff", restaurant, "MARIO@example.com")

    assert changed == (0, "zoe@example.com is now there as owner.\n", "")
    assert let_go == (0, "mario@example.com works there no longer.\n", "")
    assert tracker("staff", restaurant)[1] == "owner  zoe@example.com  since 2026-11-20\n"


@pytest.mark.parametrize("act", [["remove-staff"], ["change-staff", "--role", "staff"]])
def test_the_last_owner_stays_and_the_operator_reads_why(tracker: Tracker, restaurant: str, act: list[str]) -> None:
    tracker("add-staff", restaurant, "mario@example.com", "--role", "owner")

    result = tracker(act[0], restaurant, "mario@example.com", *act[1:])

    assert result == (2, "", "This is the restaurant's last owner. Make somebody else an owner first.\n")
    assert tracker("staff", restaurant)[1].startswith("owner  mario@example.com")


@pytest.mark.parametrize("command", ["add-staff", "change-staff", "remove-staff"])
def test_a_wrong_address_or_an_unknown_restaurant_is_refused_with_a_sentence(
    tracker: Tracker, restaurant: str, command: str
) -> None:
    role = [] if command == "remove-staff" else ["--role", "staff"]

    no_address = tracker(command, restaurant, "mario", *role)
    no_restaurant = tracker(command, UNKNOWN_ID, "mario@example.com", *role)

    assert no_address == (2, "", "That doesn't look like an e-mail address. It should be like name@example.com.\n")
    assert no_restaurant[0] == 2
    assert no_restaurant[2].startswith(f"There is no restaurant with the id {UNKNOWN_ID}")


@pytest.mark.parametrize("command", ["change-staff", "remove-staff"])
def test_somebody_who_does_not_work_there_can_be_neither_changed_nor_removed(
    tracker: Tracker, restaurant: str, command: str
) -> None:
    role = [] if command == "remove-staff" else ["--role", "staff"]

    code, _, errors = tracker(command, restaurant, "ada@example.com", *role)

    assert code == 2
    assert errors.startswith("ada@example.com does not work there")


def test_to_add_a_staff_member_again_with_another_role_is_refused(tracker: Tracker, restaurant: str) -> None:
    tracker("add-staff", restaurant, "mario@example.com", "--role", "owner")

    code, _, errors = tracker("add-staff", restaurant, "mario@example.com", "--role", "staff")

    assert code == 2
    assert errors == "mario@example.com works there already, as owner. Change their role instead.\n"


# Secret


def test_a_secret_is_replaced_and_both_are_valid_for_a_day(
    tracker: Tracker, database: Database, registered: dict[str, str], clock: Clock
) -> None:
    old, output = registered["secret"], parse_output(tracker("rotate-secret", registered["restaurant"]))

    assert output["previous_secret_expires_at"] == (clock.now + timedelta(hours=24)).isoformat()
    assert all(secret_works(database, secret, clock.now) for secret in (old, output["secret"]))
    later = clock.move(hours=24)
    assert not secret_works(database, old, later)
    assert secret_works(database, output["secret"], later)
    with database.read_session() as session:
        assert (
            session.get_one(RestaurantSecret, hash_secret(output["secret"])).restaurant_id == registered["restaurant"]
        )


def test_a_leaked_secret_can_be_ended_at_once(
    tracker: Tracker, database: Database, registered: dict[str, str], clock: Clock
) -> None:
    output = parse_output(tracker("rotate-secret", registered["restaurant"], "--overlap-hours", "0"))

    assert not secret_works(database, registered["secret"], clock.now)
    assert secret_works(database, output["secret"], clock.now)


def test_never_more_than_two_secrets_are_valid(
    tracker: Tracker, database: Database, registered: dict[str, str], clock: Clock
) -> None:
    secrets = [registered["secret"]]

    for _ in range(3):
        clock.move(minutes=10)
        secrets.append(parse_output(tracker("rotate-secret", registered["restaurant"]))["secret"])

    assert [secret_works(database, secret, clock.now) for secret in secrets] == [False, False, True, True]


def test_a_secret_that_was_to_end_does_not_live_longer_because_of_another(
    tracker: Tracker, database: Database, registered: dict[str, str], clock: Clock
) -> None:
    parse_output(tracker("rotate-secret", registered["restaurant"], "--overlap-hours", "1"))
    last = parse_output(tracker("rotate-secret", registered["restaurant"], "--overlap-hours", "0"))["secret"]

    parse_output(tracker("rotate-secret", registered["restaurant"], "--overlap-hours", "720"))

    with database.read_session() as session:
        stored = session.query(RestaurantSecret).order_by(RestaurantSecret.ends_at.desc()).all()
    good = [each.hash for each in stored if each.ends_at is None or each.ends_at > clock.now]
    assert len(good) == 2
    assert hash_secret(last) in good


def test_the_secrets_of_another_restaurant_stay_as_they_are(
    tracker: Tracker, database: Database, registered: dict[str, str], clock: Clock
) -> None:
    other = parse_output(tracker("add-restaurant", *options(**RESTAURANT)))

    parse_output(tracker("rotate-secret", registered["restaurant"], "--overlap-hours", "0"))

    assert secret_works(database, other["secret"], clock.now + timedelta(days=365))


def test_no_secret_is_stored_in_clear(tracker: Tracker, database: Database, registered: dict[str, str]) -> None:
    secrets = {registered["secret"], parse_output(tracker("rotate-secret", registered["restaurant"]))["secret"]}

    with database.read_session() as session:
        stored = {each.hash for each in session.query(RestaurantSecret)}
        restaurant = session.get_one(Restaurant, registered["restaurant"])

    assert stored == {hash_secret(secret) for secret in secrets}
    assert not any(secret in str(vars(restaurant)) for secret in secrets)


def test_an_overlap_that_no_replacement_needs_is_refused(tracker: Tracker, restaurant: str) -> None:
    for hours in ("-1", "721", "a day"):
        code, output, _ = tracker("rotate-secret", restaurant, "--overlap-hours", hours)
        assert (code, output) == (2, "")
