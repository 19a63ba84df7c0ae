"""The address of the Channels service for browsers: pages connect to it, and the Content-Security-Policy allows it."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from tracker.config import Settings


@dataclass(frozen=True, slots=True)
class ChannelsAddress:
    """The address at which browsers reach the Channels service."""

    key: str
    host: str
    port: int
    tls: bool
    cluster: str
    """The name of the cluster at hosted Pusher; empty for any other service."""

    @classmethod
    def from_settings(cls, settings: Settings) -> "ChannelsAddress":
        """Return the address that the settings name. Missing parts are taken from the address of our own pages."""
        if settings.channels_cluster and not settings.channels_public_host:
            host = f"ws-{settings.channels_cluster}.pusher.com"
            return cls(settings.channels_key, host, 443, tls=True, cluster=settings.channels_cluster)
        tls = settings.uses_https if settings.channels_public_tls is None else settings.channels_public_tls
        return cls(
            key=settings.channels_key,
            host=settings.channels_public_host or urlsplit(settings.origin).hostname or "",
            port=settings.channels_public_port or settings.channels_port,
            tls=tls,
            cluster=settings.channels_cluster,
        )

    @property
    def origin(self) -> str:
        """Scheme, host and port, in the form that connect-src of a Content-Security-Policy takes."""
        return f"{'wss' if self.tls else 'ws'}://{self.url_host}:{self.port}"

    @property
    def url_host(self) -> str:
        """The host as it is written in URLs: an IPv6 address is in brackets, because it contains colons (RFC 3986)."""
        return f"[{self.host}]" if ":" in self.host else self.host
