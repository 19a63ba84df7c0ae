"""All settings. A process reads them once, when it starts; a wrong setting ends it with a sentence that names it."""

import os
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from tracker.setting_formats import (
    LOOPBACK_HOSTS,
    POSTGRESQL,
    is_database_url,
    is_origin,
    is_sender_address,
    is_smtp_url,
    normalise_origin,
)

ROOT = Path(__file__).resolve().parent.parent
DEMO_SECRET = "demo-secret-never-for-real-use-demo-secret"  # noqa: S105  it is public, and refused in production
IGNORED_VARIABLES = ("TRACKER_SUPERVISED", "TRACKER_CHROMIUM")
"""Variables that look like settings and are none: the supervisor sets the first one, and the tests read the second."""

_HOST = r"^[\w.:-]*$"


class Environment(StrEnum):
    """Whether the program serves real restaurants or a developer."""

    PRODUCTION = "production"
    DEVELOPMENT = "development"


class InvalidSettings(Exception):
    """Some settings are missing or wrong; the text has one sentence for each of them."""


class Settings(BaseSettings):
    """The settings. Each one is read from an environment variable: TRACKER_ and the name in capitals."""

    model_config = SettingsConfigDict(env_prefix="TRACKER_", env_ignore_empty=True, frozen=True, extra="ignore")

    environment: Environment = Field(
        Environment.PRODUCTION, description="production, or development: local mail page, gallery, plain-text logs."
    )
    secret_key: SecretStr = Field(
        description="Signs cookies, short-lived tokens and share links: a new one ends them all. "
        "At least 32 characters; `python3 -c 'import secrets; print(secrets.token_urlsafe(48))'` makes one."
    )
    base_url: str = Field("http://localhost:8000", description="The address people use, without a path.")
    data_dir: Path = Field(ROOT / "var", description="Folder for the SQLite database and the notifier's sockets.")
    database_url: SecretStr = Field(
        SecretStr(""),
        description="postgresql://user:password@host/name, or sqlite:///file; empty: a SQLite file in data_dir.",
    )

    host: str = Field("127.0.0.1", pattern=_HOST, description="Address on which the web server listens.")
    port: int = Field(8000, ge=1, le=65535, description="Port on which the web server listens.")
    web_processes: int = Field(2, ge=1, le=64, description="Web server processes; as many as there are cores.")
    web_threads: int = Field(0, ge=0, le=64, description="Threads in each; 0: 2 with SQLite, 4 with PostgreSQL.")
    trusted_proxies: int = Field(
        0, ge=0, le=5, description="How many proxies in front are ours and set X-Forwarded-For and -Proto."
    )

    channels_app_id: str = Field("1", pattern=r"^\d+$", description="Pusher Channels: app id, digits only.")
    channels_key: str = Field("tracker", pattern=r"^[\w-]{1,64}$", description="Pusher Channels: key, public.")
    channels_secret: SecretStr = Field(description="Pusher Channels: secret. At least 16 characters.")
    channels_host: str = Field(
        "127.0.0.1", pattern=_HOST, description="Where we publish: the engine's or the service's host."
    )
    channels_port: int = Field(6001, ge=1, le=65535, description="Where we publish: its port.")
    channels_tls: bool = Field(False, description="Whether we publish over TLS.")
    channels_cluster: str = Field("", description="The cluster's name at hosted Pusher, such as eu; else empty.")
    channels_public_host: str = Field(
        "", pattern=_HOST, description="The host as browsers reach it; empty: the one of base_url."
    )
    channels_public_port: int = Field(0, ge=0, le=65535, description="The port for browsers; 0: channels_port.")
    channels_public_tls: bool | None = Field(None, description="TLS for browsers; empty: as base_url has it.")
    engine: bool = Field(True, description="Whether `tracker serve` runs the embedded engine.")
    engine_host: str = Field("127.0.0.1", pattern=_HOST, description="Address on which the embedded engine listens.")
    engine_client_events: bool = Field(False, description="Whether the embedded engine passes client events on.")
    engine_max_connections: int = Field(20_000, ge=1, description="Most sockets that the embedded engine holds.")
    engine_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Origins whose pages may connect to the embedded engine, with commas between; empty: any."
    )

    smtp_url: SecretStr = Field(
        SecretStr(""), description="smtp://user:password@host:587 (STARTTLS) or smtps://…; needed in production."
    )
    mail_from: str = Field("Tracker <orders@localhost>", description="The sender of our mail.")
    demo_door: SecretStr = Field(
        SecretStr(""),
        description="Development only: /demo/ and this signs in the demo's customer, with /console its owner.",
    )
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="DEBUG, INFO, WARNING, ERROR.")
    notice_max_bytes: int = Field(262_144, ge=1024, description="Largest body that a webhook may have.")

    @model_validator(mode="before")
    @classmethod
    def _split_lists(cls, values: dict[str, object]) -> dict[str, object]:
        origins = values.get("engine_origins")
        if isinstance(origins, str):
            values["engine_origins"] = tuple(part.strip() for part in origins.split(",") if part.strip())
        return values

    @model_validator(mode="after")
    def _validate_consistency(self) -> "Settings":
        problems = [*self._find_problems()]
        if self.environment is Environment.PRODUCTION:
            problems += self._find_production_problems()
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _find_problems(self) -> Iterator[str]:
        """Yield the problems as "variable, variable: sentence". No sentence contains the value of a secret."""
        if not is_origin(self.base_url.rstrip("/")):
            yield "base_url: must be an address without a path, such as https://orders.example.com"
        if len(self.signing_key) < 32:
            yield "secret_key: must have at least 32 characters"
        if len(self.channels_secret.get_secret_value()) < 16:
            yield "channels_secret: must have at least 16 characters"
        if (url := self.database_url.get_secret_value()) and not is_database_url(url):
            yield "database_url: must be like postgresql://user:password@host/name or sqlite:////folder/file.sqlite"
        if (url := self.smtp_url.get_secret_value()) and not is_smtp_url(url):
            yield "smtp_url: must be like smtp://user:password@host:587 or smtps://user:password@host"
        if not is_sender_address(self.mail_from):
            yield "mail_from: must be one address, such as Orders <orders@example.com>"
        for origin in self.engine_origins:
            if not is_origin(origin):
                yield f"engine_origins: {origin!r} is no origin, such as https://shop.example.com (without a path)"
        if self.engine and (self.host, self.port) == (self.engine_host, self.channels_port):
            yield "port, channels_port: the web server and the engine can't use the same port"

    def _find_production_problems(self) -> Iterator[str]:
        if self.signing_key == DEMO_SECRET:
            yield "secret_key: this is the demo's secret, which is public; production needs its own"
        if self.channels_secret.get_secret_value() == DEMO_SECRET:
            yield "channels_secret: this is the demo's secret, which is public; production needs its own"
        if self.demo_door.get_secret_value():
            yield "demo_door: signs in anybody who knows it; it must be empty in production"
        if not self.smtp_url.get_secret_value():
            yield "smtp_url: production needs a mail server; without one nobody can sign in"
        address = urlsplit(self.base_url) if is_origin(self.base_url.rstrip("/")) else None
        if address and address.scheme != "https" and address.hostname not in LOOPBACK_HOSTS:
            yield "base_url: production needs https; otherwise sign-in cookies could be read on the network"

    @property
    def is_development(self) -> bool:
        """Whether the pages that only a developer needs are registered."""
        return self.environment is Environment.DEVELOPMENT

    @property
    def signing_key(self) -> str:
        """The secret key as text. It signs cookies and tokens, and secrets of share links are derived from it."""
        return self.secret_key.get_secret_value()

    @property
    def origin(self) -> str:
        """The origin (scheme, host and port) of our own pages, in the form that browsers send."""
        return normalise_origin(self.base_url)

    @property
    def uses_https(self) -> bool:
        """Whether browsers reach our pages over TLS."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def database(self) -> str:
        """The URL of the database in SQLAlchemy's form, with the name of the driver."""
        scheme, _, place = self.database_url.get_secret_value().partition("://")
        if not scheme:
            return f"sqlite:///{self.data_dir / 'tracker.sqlite'}"
        return f"{POSTGRESQL[0] if scheme in POSTGRESQL else scheme}://{place}"

    @property
    def uses_sqlite(self) -> bool:
        """Whether the database is a SQLite file."""
        return self.database.startswith("sqlite")

    @property
    def notifier_path(self) -> Path:
        """The path of the notifier's socket, by which a commit wakes the worker."""
        return self.data_dir / "notifier"


def read_settings(**overrides: object) -> Settings:
    """Return the settings of this process's environment. `overrides` take precedence. Raises InvalidSettings."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic checks them, by name
    except ValidationError as error:
        raise InvalidSettings("\n".join(_describe_errors(error))) from None


def unknown_variables() -> list[str]:
    """Return the variables of this process's environment that look like settings and are none.

    Most of them are misspelt settings, which would otherwise be ignored silently.
    """
    settings = {*(f"TRACKER_{name.upper()}" for name in Settings.model_fields), *IGNORED_VARIABLES}
    return sorted(name for name in os.environ if name.upper().startswith("TRACKER_") and name.upper() not in settings)


def _describe_errors(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_input=False, include_url=False):
        if not problem["loc"]:
            yield from map(_with_variable_names, problem["msg"].removeprefix("Value error, ").splitlines())
            continue
        field = str(problem["loc"][0])
        name, meaning = f"TRACKER_{field.upper()}", Settings.model_fields[field].description
        reason = problem["msg"][:1].lower() + problem["msg"][1:]
        is_missing = problem["type"] == "missing"
        yield f"{name} is needed and not set." if is_missing else f"{name} is wrong: {reason}. {meaning}"


def _with_variable_names(problem: str) -> str:
    names, _, sentence = problem.partition(": ")
    return f"{', '.join(f'TRACKER_{name.strip().upper()}' for name in names.split(','))}: {sentence}."
