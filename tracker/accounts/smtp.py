"""The connection to the mail server that the settings name. It never sends a password without TLS.

An e-mail without a password is sent without TLS only if the mail server does not offer it or is on this machine.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from tracker.setting_formats import LOOPBACK_HOSTS

TIMEOUT_SECONDS = 10
"""The timeout of each response of the mail server."""


class MailServerUnavailable(Exception):
    """The mail server can't be used; the text names the failure and contains no personal data."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """The address of the mail server, and the user and password for it; they are empty if it needs none."""

    host: str
    port: int
    tls_from_start: bool
    user: str
    password: str = field(repr=False)

    @classmethod
    def from_url(cls, url: str) -> "MailServer":
        """Parse smtp://user:password@host:port or smtps://…; the default ports are 587 and 465.

        User and password are percent-encoded and may be left out. Raises ValueError for another form.
        """
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
    """Open a connection that is ready for e-mails, and close it at the end of the block.

    With TLS the server's certificate must be one that this machine trusts. Raises MailServerUnavailable.
    """
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
    """Return the kind of the failure for the log, without the server's message, which may contain addresses."""
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
    """Return whether to use STARTTLS: always with a password, and otherwise if the server offers it.

    A relay on this machine is used without it, because its certificate is often self-signed, and nobody can listen
    to the connection.
    """
    if mail_server.user:
        return True
    return server.has_extn("starttls") and mail_server.host not in LOOPBACK_HOSTS
