"""A page that only listens. It shows the region of its last refresh, and refreshes when static/js/hearing.js would."""

import re
from dataclasses import dataclass
from difflib import ndiff

from tests.schedules.channel_socket import ChannelSocket
from tests.schedules.proxy import ReceivedMessage, received_message

NAMES = frozenset({"order_confirmation", "order_adjustment", "order_tracker", "order_changed"})
_VERSION = re.compile(r'data-version="(\d+)"')
_ETAG = re.compile(r'data-etag="([^"]+)"')


@dataclass
class Page:
    """One order's page in the browser of its customer."""

    order_id: str
    customer: int = 0
    """The customer's number at the platform, or 0 before the first refresh."""
    region: str = ""
    """The live region that is shown, or "" before the page is opened."""
    channel_socket: ChannelSocket | None = None
    needs_refresh: bool = False
    is_refreshing: bool = False

    @property
    def is_subscribed(self) -> bool:
        return self.channel_socket is not None

    @property
    def is_quiet(self) -> bool:
        """Return whether the page shows a region, listens, and has no refresh to do."""
        return bool(self.region) and self.is_subscribed and not (self.needs_refresh or self.is_refreshing)

    @property
    def etag(self) -> str:
        found = _ETAG.search(self.region)
        return found[1].replace("&#34;", '"') if found else ""

    @property
    def version(self) -> int:
        found = _VERSION.search(self.region)
        return int(found[1]) if found else 0

    def receive(self, received: ReceivedMessage) -> None:
        """Note that a refresh is needed, if the message says that something has changed."""
        if received.name in NAMES and received.data.get("version", self.version + 1) > self.version:
            self.needs_refresh = True

    def subscribe(self, channel_socket: ChannelSocket) -> None:
        """Attach the socket and refresh, because messages before now are lost."""
        self.channel_socket = channel_socket
        self.needs_refresh = True

    def listen(self) -> None:
        """Read the messages that have arrived until now."""
        for message in self.channel_socket.new_messages() if self.channel_socket else ():
            self.receive(received_message(message))

    def disconnect(self) -> None:
        if self.channel_socket:
            self.channel_socket.close()
        self.channel_socket = None

    def begin_refresh(self) -> None:
        """Begin a refresh. There is one request at a time; a message meanwhile leads to one more refresh after it."""
        self.is_refreshing, self.needs_refresh = True, False

    def finish_refresh(self, status: int, region: str) -> None:
        """Take the response. Status 304 means that the region is unchanged, and 0 that no response will come."""
        self.is_refreshing = False
        if status == 200:
            self.region = region
        elif status != 304:
            self.needs_refresh = True

    def difference_to(self, fresh: "Page") -> str:
        """Return the lines in which the pages differ, or "" if they are alike and show an order."""
        if self.region == fresh.region and fresh.region:
            return ""
        lines = ndiff(self.region.splitlines(), fresh.region.splitlines())
        return "; ".join(line[0] + line[1:].strip() for line in lines if line[0] in "-+")[:600] or "it shows no order"
