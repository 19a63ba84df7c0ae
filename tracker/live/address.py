"""Where browsers find the Channels service: for the page that connects, and for the policy that lets it."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from tracker.config import Settings


@dataclass(frozen=True, slots=True)
class ChannelsAddress:
    """The Channels service as browsers reach it."""

    key: str
    host: str
    port: int
    tls: bool
    cluster: str
    """The cluster's name at hosted Pusher, else empty."""

    @classmethod
    def from_settings(cls, settings: Settings) -> "ChannelsAddress":
        """What the settings say, or else what follows from the address of our own pages."""
        if settings.channels_cluster and not settings.channels_public_host:
            hosted = f"ws-{settings.channels_cluster}.pusher.com"
            return cls(settings.channels_key, hosted, 443, tls=True, cluster=settings.channels_cluster)
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
        """Scheme, host and port, as connect-src of a Content-Security-Policy names them."""
        return f"{'wss' if self.tls else 'ws'}://{self.url_host}:{self.port}"

    @property
    def url_host(self) -> str:
        """The host as addresses write it: IPv6 in brackets, else its colons would be taken for the port's."""
        return f"[{self.host}]" if ":" in self.host else self.host
