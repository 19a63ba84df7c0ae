"""Each setting is documented, each wrong value is named in a sentence, and production refuses unsafe settings."""

import re
from pathlib import Path

import pytest

from tracker.config import DEMO_SECRET, ROOT, InvalidSettings, Settings, read_settings, unknown_variables

SECRET = "a secret that is long enough for a production"
GOOD = {
    "TRACKER_ENVIRONMENT": "production",
    "TRACKER_SECRET_KEY": SECRET,
    "TRACKER_CHANNELS_SECRET": SECRET,
    "TRACKER_BASE_URL": "https://orders.example.com",
    "TRACKER_SMTP_URL": "smtp://tracker:smtp-secret@mail.example.com",
    "TRACKER_MAIL_FROM": "Orders <orders@example.com>",
}
MAY_READ_THE_ENVIRONMENT = {
    "config.py": "it reads all settings",
    "supervisor.py": "hands the whole environment on to the processes that it starts",
    "demo/runner.py": "PORT, ENGINE_PORT and SHOP_PORT, before there are settings",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Set an environment with which production starts, and return the monkeypatch that tests change it by."""
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def error_message() -> str:
    with pytest.raises(InvalidSettings) as error:
        read_settings()
    return str(error.value)


def test_a_correct_environment_is_accepted() -> None:
    settings = read_settings()

    assert settings.origin == "https://orders.example.com"
    assert settings.uses_https
    assert not settings.is_development


def test_every_setting_is_documented() -> None:
    undocumented = [name for name, field in Settings.model_fields.items() if len(field.description or "") < 15]

    assert undocumented == []


@pytest.mark.parametrize("name", ["TRACKER_SECRET_KEY", "TRACKER_CHANNELS_SECRET"])
def test_a_missing_setting_without_a_default_is_named(environment: pytest.MonkeyPatch, name: str) -> None:
    environment.delenv(name)

    assert error_message() == f"{name} is needed and not set."


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENVIRONMENT", "staging"),
        ("SECRET_KEY", "short"),
        ("CHANNELS_SECRET", "short"),
        ("BASE_URL", "orders.example.com"),
        ("BASE_URL", "https://example.com/orders"),
        ("BASE_URL", "https://example.com?shop=1"),
        ("BASE_URL", "https://example.com:port"),
        ("BASE_URL", "https://[::1"),
        ("DATABASE_URL", "mysql://localhost/tracker"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "postgresql://tracker:secret-word@localhost:port/tracker"),
        ("HOST", "http://127.0.0.1"),
        ("PORT", "http"),
        ("PORT", "70000"),
        ("WEB_PROCESSES", "0"),
        ("WEB_THREADS", "-1"),
        ("TRUSTED_PROXIES", "yes"),
        ("CHANNELS_APP_ID", "tracker"),
        ("CHANNELS_KEY", "a key"),
        ("CHANNELS_HOST", "https://channels.example.com"),
        ("CHANNELS_PORT", "0"),
        ("CHANNELS_TLS", "maybe"),
        ("CHANNELS_PUBLIC_HOST", "channels.example.com/app"),
        ("CHANNELS_PUBLIC_PORT", "-1"),
        ("CHANNELS_PUBLIC_TLS", "maybe"),
        ("ENGINE", "maybe"),
        ("ENGINE_HOST", "127.0.0.1/"),
        ("ENGINE_CLIENT_EVENTS", "maybe"),
        ("ENGINE_MAX_CONNECTIONS", "many"),
        ("ENGINE_ORIGINS", "https://shop.example.com, shop.example.org"),
        ("SMTP_URL", "mail.example.com"),
        ("SMTP_URL", "smtp://tracker:secret-word@mail.example.com:secret-word"),
        ("MAIL_FROM", "Orders"),
        ("MAIL_FROM", "orders@example.com, others@example.com"),
        ("MAIL_FROM", "Orders <orders@example.com>\nBcc: all@example.com"),
        ("LOG_LEVEL", "LOUD"),
        ("NOTICE_MAX_BYTES", "1"),
    ],
)
def test_a_wrong_value_is_named_in_one_sentence(environment: pytest.MonkeyPatch, name: str, value: str) -> None:
    environment.setenv(f"TRACKER_{name}", value)

    message = error_message()

    assert message.startswith((f"TRACKER_{name} is wrong: ", f"TRACKER_{name}: "))
    assert message.endswith(".")
    assert "\n" not in message
    assert "secret-word" not in message


@pytest.mark.parametrize("name", ["SECRET_KEY", "CHANNELS_SECRET", "DATABASE_URL", "SMTP_URL", "DEMO_DOOR"])
def test_no_error_message_shows_a_secret(environment: pytest.MonkeyPatch, name: str) -> None:
    environment.setenv(f"TRACKER_{name}", "tell-nobody")

    assert f"TRACKER_{name}" in (message := error_message())
    assert "tell-nobody" not in message


def test_settings_that_are_printed_show_no_secret(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TRACKER_DATABASE_URL", "postgresql://tracker:database-secret@localhost/tracker")

    printed = repr(read_settings())

    assert "orders.example.com" in printed
    assert all(secret not in printed for secret in (SECRET, "smtp-secret", "database-secret"))


def test_every_wrong_setting_is_named_at_once(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TRACKER_SECRET_KEY", DEMO_SECRET)
    environment.delenv("TRACKER_SMTP_URL")
    environment.setenv("TRACKER_DEMO_DOOR", "let-me-in")

    names = [sentence.partition(":")[0] for sentence in error_message().splitlines()]

    assert names == ["TRACKER_SECRET_KEY", "TRACKER_DEMO_DOOR", "TRACKER_SMTP_URL"]


@pytest.mark.parametrize("name", ["TRACKER_SECRET_KEY", "TRACKER_CHANNELS_SECRET"])
def test_production_does_not_start_on_a_secret_of_the_demo(environment: pytest.MonkeyPatch, name: str) -> None:
    environment.setenv(name, DEMO_SECRET)

    message = error_message()

    assert message.startswith(f"{name}: ")
    assert DEMO_SECRET not in message


def test_production_does_not_start_without_a_mail_server(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("TRACKER_SMTP_URL")

    assert error_message().startswith("TRACKER_SMTP_URL: ")


def test_production_does_not_start_on_an_address_without_tls(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TRACKER_BASE_URL", "http://orders.example.com")

    assert error_message().startswith("TRACKER_BASE_URL: ")


def test_production_may_be_tried_out_on_this_machine_without_tls(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TRACKER_BASE_URL", "http://localhost:8000")

    assert not read_settings().uses_https


def test_production_does_not_start_with_the_door_of_the_demo(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TRACKER_DEMO_DOOR", "let-me-in")

    message = error_message()

    assert message.startswith("TRACKER_DEMO_DOOR: ")
    assert "let-me-in" not in message


def test_the_web_server_and_the_engine_do_not_get_the_same_port(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TRACKER_PORT", "6001")

    assert error_message().startswith("TRACKER_PORT, TRACKER_CHANNELS_PORT: ")


def test_a_variable_with_an_empty_value_counts_as_not_set(environment: pytest.MonkeyPatch) -> None:
    for name in ("PORT", "CHANNELS_PUBLIC_TLS", "ENGINE_ORIGINS", "DATA_DIR"):
        environment.setenv(f"TRACKER_{name}", "")

    settings = read_settings()

    assert settings.port == 8000
    assert settings.channels_public_tls is None
    assert settings.engine_origins == ()
    assert settings.data_dir == ROOT / "var"


def test_a_list_is_separated_by_commas_and_may_contain_spaces(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TRACKER_ENGINE_ORIGINS", "https://shop.example.com, http://localhost:3000 ,")

    assert read_settings().engine_origins == ("https://shop.example.com", "http://localhost:3000")


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("https://orders.example.com/", "https://orders.example.com"),
        ("HTTPS://Orders.Example.com", "https://orders.example.com"),
        ("https://orders.example.com:443", "https://orders.example.com"),
        ("https://orders.example.com:8443", "https://orders.example.com:8443"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_our_address_is_written_as_browsers_write_it(environment: pytest.MonkeyPatch, typed: str, origin: str) -> None:
    environment.setenv("TRACKER_BASE_URL", typed)

    assert read_settings().origin == origin


@pytest.mark.parametrize("scheme", ["postgresql+psycopg", "postgresql", "postgres"])
def test_every_common_form_of_a_postgresql_address_is_accepted(environment: pytest.MonkeyPatch, scheme: str) -> None:
    environment.setenv("TRACKER_DATABASE_URL", f"{scheme}://tracker:word@db.example.com/tracker")

    assert read_settings().database == "postgresql+psycopg://tracker:word@db.example.com/tracker"
    assert not read_settings().uses_sqlite


def test_a_variable_with_a_typing_error_can_be_found(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TRACKER_PROT", "8000")
    environment.setenv("TRACKER_SUPERVISED", "1")

    assert unknown_variables() == ["TRACKER_PROT"]


def test_no_other_module_reads_the_environment() -> None:
    environment_access = re.compile(r"\benviron\b|\bgetenv\b")
    tracker = ROOT / "tracker"
    files: set[Path] = {path for path in tracker.rglob("*.py") if environment_access.search(path.read_text())}

    assert {str(path.relative_to(tracker)) for path in files} == set(MAY_READ_THE_ENVIRONMENT)
