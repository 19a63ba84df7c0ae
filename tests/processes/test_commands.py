"""The operator's commands and what they print."""

import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.builders import a_customer, a_platform_account, an_order
from tests.conftest import Clock
from tests.processes.machine import SECRET
from tests.processes.shell import RESTAURANT, Tracker, options, parse_output
from tracker.accounts.model import AccessToken, Application, Restaurant, RestaurantSecret
from tracker.accounts.registration import webhook_account
from tracker.accounts.tokens import hash_secret
from tracker.cli import MODULES
from tracker.config import Settings
from tracker.database import Database
from tracker.upstream.notice import Notice, NoticeState
from tracker.upstream.platforms.flipdish import Flipdish

ARGUMENTS = {
    "connect": ["flipdish", "an id"],
    "connect-flipdish": ["an id"],
    "grant-application": ["an id", "ada@example.com"],
    "move-application": ["an id"],
    "rotate-secret": ["an id"],
    "staff": ["an id"],
    "add-staff": ["an id", "ada@example.com", "--role", "owner"],
    "change-staff": ["an id", "ada@example.com", "--role", "owner"],
    "remove-staff": ["an id", "ada@example.com"],
}
"""The positional arguments and options that each command needs."""


def test_a_restaurant_is_added_and_its_secret_stored_as_a_hash_only(tracker: Tracker, database: Database) -> None:
    output = parse_output(tracker("add-restaurant", *options(**RESTAURANT, phone="+353 1 555 0142", colour="#9C2f1f")))

    with database.read_session() as session:
        restaurant = session.get_one(Restaurant, output["restaurant"])
        assert (restaurant.name, restaurant.zone, restaurant.colour) == ("Bella Napoli", "Europe/Dublin", "#9C2f1f")
        assert session.get_one(RestaurantSecret, hash_secret(output["secret"])).restaurant_id == restaurant.id


@pytest.mark.parametrize(
    ("wrong", "value"),
    [
        ("name", " "),
        ("name", "x" * 201),
        ("zone", "Dublin"),
        ("currency", "euro"),
        ("locale", "irish"),
        ("phone", "1" * 41),
        ("colour", "red"),
        ("colour", "#fff"),
        ("colour", "#1f5f4a;}"),
    ],
)
def test_a_restaurant_with_a_wrong_value_is_refused_with_a_sentence(
    tracker: Tracker, database: Database, wrong: str, value: str
) -> None:
    code, output, errors = tracker("add-restaurant", *options(**RESTAURANT | {wrong: value}))

    assert (code, output) == (2, "")
    assert errors.count("\n") == 1
    assert errors.endswith(".\n")
    with database.read_session() as session:
        assert session.query(Restaurant).count() == 0


@pytest.mark.parametrize("command", [["connect", "flipdish"], ["connect-flipdish"]], ids=" ".join)
def test_an_account_at_flipdish_accepts_the_token_that_was_shown(
    tracker: Tracker, database: Database, command: list[str]
) -> None:
    restaurant = parse_output(tracker("add-restaurant", *options(**RESTAURANT)))["restaurant"]

    output = parse_output(tracker(*command, restaurant))

    address, _, platform_account_id = output["webhook_url"].rpartition("/")
    assert address == "https://orders.example.com/webhooks/flipdish"
    with database.autocommit_connection() as glance:
        found, token = webhook_account(glance, "flipdish", platform_account_id)
        assert found is not None
        assert found.restaurant_id == restaurant
        assert token.matches(output["verify_token"])


def test_connecting_a_platform_prints_its_events_and_what_to_do_there(tracker: Tracker) -> None:
    restaurant = parse_output(tracker("add-restaurant", *options(**RESTAURANT)))["restaurant"]

    output = parse_output(tracker("connect", "flipdish", restaurant))

    assert output["events"] == list(Flipdish.events)  # type: ignore[comparison-overlap]
    assert output["setup"] == Flipdish.setup


def test_an_unknown_platform_is_refused_with_the_known_ones(tracker: Tracker) -> None:
    code, output, errors = tracker("connect", "fishdip", "000000000000000000000000")

    assert (code, output) == (2, "")
    assert errors == "There is no platform called fishdip; there are: flipdish.\n"


def test_an_unknown_restaurant_is_not_connected(tracker: Tracker) -> None:
    code, _, errors = tracker("connect-flipdish", "000000000000000000000000")

    assert code == 2
    assert errors.startswith("There is no restaurant with the id 000000000000000000000000")


def test_a_lost_id_can_be_found_again(tracker: Tracker) -> None:
    restaurant = parse_output(tracker("add-restaurant", *options(**RESTAURANT)))["restaurant"]
    address = parse_output(tracker("connect-flipdish", restaurant))["webhook_url"]

    code, output, _ = tracker("restaurants")

    assert code == 0
    assert output.splitlines() == [f"{restaurant}  Bella Napoli (Europe/Dublin, EUR)", f"    {address}"]


def test_an_application_is_registered_with_its_origins(tracker: Tracker, database: Database) -> None:
    origins = options(origin="https://shop.example.com") + options(origin="http://localhost:3000")

    output = parse_output(tracker("add-application", "--name", "Shop", *origins))

    with database.read_session() as session:
        application = session.get_one(Application, output["application"])
        assert application.key == output["key"]
        assert application.origins == ["https://shop.example.com", "http://localhost:3000"]


@pytest.mark.parametrize("origin", ["shop.example.com", "https://shop.example.com/", "https://*.example.com", "null"])
def test_an_origin_that_no_browser_would_ever_send_is_refused(tracker: Tracker, origin: str) -> None:
    code, _, errors = tracker("add-application", "--name", "Shop", "--origin", origin)

    assert code == 2
    assert errors.startswith(f"{origin} is no origin")


def test_an_application_that_has_moved_has_its_new_origins_and_no_longer_the_old_ones(
    tracker: Tracker, database: Database
) -> None:
    known = parse_output(tracker("add-application", "--name", "Shop", "--origin", "https://old.example.com"))[
        "application"
    ]
    origins = options(origin="https://Shop.Example.com:443") + options(origin="http://localhost:3000")

    output = parse_output(tracker("move-application", known, *origins))

    assert output == {"application": known, "origins": ["https://shop.example.com", "http://localhost:3000"]}
    with database.read_session() as session:
        assert session.get_one(Application, known).origins == output["origins"]  # type: ignore[comparison-overlap]


def test_an_application_is_not_moved_to_a_wrong_origin_and_an_unknown_one_not_at_all(tracker: Tracker) -> None:
    known = parse_output(tracker("add-application", "--name", "Shop", "--origin", "https://old.example.com"))[
        "application"
    ]

    wrong = tracker("move-application", known, "--origin", "shop")
    nobodys = tracker("move-application", "0" * 24, "--origin", "https://shop.example.com")

    assert wrong == (2, "", "shop is no origin; say it like https://shop.example.com, without a path.\n")
    assert nobodys == (2, "", f"There is no application with the id {'0' * 24}.\n")


def test_an_application_is_allowed_to_act_for_a_customer(tracker: Tracker, database: Database, clock: Clock) -> None:
    with database.transaction() as session:
        customer = a_customer(email="ada@example.com")
        session.add(customer)
    application = parse_output(tracker("add-application", "--name", "Shop"))["application"]

    output = parse_output(tracker("grant-application", application, "Ada@example.com", "--days", "7"))

    with database.read_session() as session:
        stored = session.get_one(AccessToken, hash_secret(output["access_token"]))
        assert (stored.application_id, stored.customer_id, stored.order_id) == (application, customer.id, None)
        assert stored.ends_at == clock.now + timedelta(days=7)


def test_no_application_may_act_for_an_unknown_customer(tracker: Tracker) -> None:
    application = parse_output(tracker("add-application", "--name", "Shop"))["application"]

    for asked in (["0" * 24, "ada@example.com"], [application, "ada@example.com"]):
        code, output, errors = tracker("grant-application", *asked)
        assert (code, output) == (2, "")
        assert errors.startswith("There is no ")


def test_status_of_a_machine_on_which_nothing_is_pending(tracker: Tracker) -> None:
    assert tracker("status") == (0, "Events to be published: 0\n", "")


def test_status_shows_what_is_pending(tracker: Tracker, database: Database, clock: Clock) -> None:
    order = an_order()
    order.events[0].recorded_at = clock.now
    with database.transaction() as session:
        session.add(order)

    clock.move(seconds=12)

    assert tracker("status") == (0, "Events to be published: 1, the oldest for 12 s\n", "")


def test_status_fails_when_nothing_is_published(tracker: Tracker, database: Database, clock: Clock) -> None:
    order = an_order()
    order.events[0].recorded_at = clock.now
    with database.transaction() as session:
        session.add(order)

    clock.move(minutes=5)

    code, output, _ = tracker("status")
    assert code == 1
    assert "the oldest for 5 min" in output
    assert "is a worker running" in output


def test_status_names_an_order_that_is_held_up_and_why(tracker: Tracker, database: Database, clock: Clock) -> None:
    order = an_order()
    order.events[0].recorded_at = clock.now
    order.events[0].tries, order.events[0].problem = 3, "The service says 413."
    order.events[0].try_at = clock.now + timedelta(seconds=8)
    with database.transaction() as session:
        session.add(order)

    code, output, _ = tracker("status")

    assert code == 1
    assert f"Order {order.id} is held up by its event 1, tried 3 times, again at 18:00:08 UTC" in output
    assert "The service says 413." in output


def test_status_counts_the_notices_that_could_not_be_acted_on(
    tracker: Tracker, database: Database, clock: Clock
) -> None:
    usual: dict[str, Any] = {"event_name": "order.created", "received_at": clock.now, "body": b"{}", "tries": 1}
    with database.transaction() as session:
        platform_account = a_platform_account()
        for number, state in enumerate([NoticeState.WAITING, NoticeState.FAILED, NoticeState.FAILED]):
            session.add(Notice(platform_account=platform_account, source_id=str(number), state=state, **usual))

    code, output, _ = tracker("status")

    assert code == 1
    assert "Notices that wait for the order they speak of: 1" in output
    assert "Notices that failed and are tried again: 2" in output


def test_settings_lists_every_variable_with_its_meaning(tracker: Tracker) -> None:
    code, output, _ = tracker("settings")

    assert code == 0
    for name, field in Settings.model_fields.items():
        assert f"TRACKER_{name.upper()} (" in output
        assert str(field.description) in output
    assert SECRET not in output


def test_doctor_names_every_problem(tracker: Tracker, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_PROT", "8000")
    monkeypatch.setenv("TRACKER_CHANNELS_PORT", "1")

    code, output, complaints = tracker("doctor")

    assert code == 1
    assert "All is well" not in output
    assert [line.split(" ")[0:4] for line in complaints.splitlines()] == [
        ["TRACKER_PROT", "is", "no", "setting;"],
        ["Nothing", "answers", "at", "127.0.0.1:1,"],
        ["The", "mail", "server", "can't"],
    ]


def test_doctor_finds_no_problem_where_there_is_none(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as engine:
        monkeypatch.setenv("TRACKER_CHANNELS_PORT", str(engine.getsockname()[1]))
        monkeypatch.setenv("TRACKER_ENVIRONMENT", "development")
        monkeypatch.delenv("TRACKER_SMTP_URL")

        code, output, complaints = tracker("doctor")

    assert (code, complaints) == (0, "")
    assert output.endswith("All is well.\n")


@pytest.mark.parametrize("command", sorted(MODULES.keys() - {"demo", "settings", "add-restaurant", "add-application"}))
def test_a_wrong_setting_is_refused_by_every_command(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("TRACKER_BASE_URL", "http://orders.example.com")
    words = ARGUMENTS.get(command, [])

    code, output, errors = tracker(command, *words)

    assert (code, output) == (2, "")
    assert errors.startswith("TRACKER_BASE_URL: ")


def test_a_database_without_tables_is_refused_with_what_helps(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TRACKER_DATABASE_URL", f"sqlite:///{tmp_path}/empty.sqlite")

    assert tracker("status") == (2, "", "The database's tables are of another version; run tracker migrate.\n")


def test_migrating_may_be_done_again_and_again(tracker: Tracker) -> None:
    assert [tracker("migrate") for _ in range(2)] == [(0, "The database is up to date.\n", "")] * 2


@pytest.mark.parametrize(
    ("url", "named"),
    [("postgresql://tracker:secret-word@127.0.0.1:1/tracker", "port 1"), ("sqlite:////dev/null/it", "/dev/null")],
)
def test_a_database_that_does_not_answer_is_named_as_the_problem(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch, url: str, named: str
) -> None:
    monkeypatch.setenv("TRACKER_DATABASE_URL", url)

    for command in (["status"], ["doctor"], ["restaurants"]):
        code, output, errors = tracker(*command)
        assert (code, output) == (2, "")
        assert errors.startswith("The database can't be used: ")
        assert named in errors
        assert "secret-word" not in errors


def test_every_command_says_what_it_is_for(tracker: Tracker) -> None:
    code, output, _ = tracker("--help")

    assert code == 0
    described = {line.split()[0] for line in output.partition("Commands:")[2].splitlines() if len(line.split()) > 2}
    assert described == set(MODULES)
