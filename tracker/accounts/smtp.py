"""The way to the mail server that the settings name, and never a password or an email in the clear on the way."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from tracker.setting_formats import LOOPBACK_HOSTS

TIMEOUT_SECONDS = 10
"""For each answer of the mail server."""


class MailServerUnavailable(Exception):
    """There is no way to the mail server; the text says what failed, without anything personal."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where the mail server is, and who we are to it. Raises ValueError for an address that names none."""

    host: str
    port: int
    tls_from_start: bool
    user: str
    password: str = field(repr=False)

    @classmethod
    def from_url(cls, url: str) -> "MailServer":
        """From smtp://user:password@host:port (port 587) or smtps://… (port 465), user and password percent-encoded."""
        address = urlsplit(url)
        if address.scheme not in ("smtp", "smtps") or not address.hostname:
            raise ValueError("A mail server is named like smtp://user:password@host:587 or smtps://user:password@host.")
        tls = address.scheme == "smtps"
        return cls(
            host=address.hostname,
            port=address.port or (465 if tls else 587),
            tls_from_start=tls,
            user=unquote(address.username or ""),
            password=unquote(address.password or ""),
        )


@contextmanager
def open_smtp(mail_server: MailServer, *, local_hostname: str) -> Iterator[smtplib.SMTP]:
    """A connection to a server whose certificate this machine trusts, ready to take emails. Raises Unreachable."""
    try:
        server = _open(mail_server, local_hostname, ssl.create_default_context())
    except OSError as failure:
        raise MailServerUnavailable(describe_failure(failure)) from failure
    try:
        yield server
    finally:
        with suppress(OSError):
            server.quit()


def describe_failure(failure: OSError) -> str:
    """The kind of failure, for the log: what the server said along with it may name people."""
    code = getattr(failure, "smtp_code", "")
    return f"{type(failure).__name__} {code}".strip()


def _open(mail_server: MailServer, local_hostname: str, tls: ssl.SSLContext) -> smtplib.SMTP:
    options: dict[str, Any] = {"local_hostname": local_hostname, "timeout": TIMEOUT_SECONDS}
    if mail_server.tls_from_start:
        server: smtplib.SMTP = smtplib.SMTP_SSL(mail_server.host, mail_server.port, context=tls, **options)
    else:
        server = smtplib.SMTP(mail_server.host, mail_server.port, **options)
    try:
        server.ehlo_or_helo_if_needed()
        if not mail_server.tls_from_start and _wants_starttls(server, mail_server):
            server.starttls(context=tls)
        if mail_server.user:
            server.login(mail_server.user, mail_server.password)
    except BaseException:
        server.close()
        raise
    return server


def _wants_starttls(server: smtplib.SMTP, mail_server: MailServer) -> bool:
    """Always with a password; without one wherever it is offered, but for a relay on this machine.

    Such a relay often offers a certificate that it made up itself, and nobody listens on the way there.
    """
    if mail_server.user:
        return True
    return server.has_extn("starttls") and mail_server.host not in LOOPBACK_HOSTS
