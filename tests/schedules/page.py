"""A page that only listens: it shows what it was told when it last asked, and asks when static/js/hearing.js would."""

import re
from dataclasses import dataclass
from difflib import ndiff

from tests.schedules.ear import Ear
from tests.schedules.service import Heard, heard_of

NAMES = frozenset({"order_confirmation", "order_adjustment", "order_tracker", "order_changed"})
_VERSION = re.compile(r'data-version="(\d+)"')
_ETAG = re.compile(r'data-etag="([^"]+)"')


@dataclass
class Page:
    """One order's page in the browser of its customer."""

    order_id: str
    customer: int = 0
    """Their number at the platform; 0 as long as nobody has asked."""
    region: str = ""
    """The live region as it is shown; nothing before the page is opened."""
    ear: Ear | None = None
    wants_to_ask: bool = False
    is_asking: bool = False

    @property
    def is_subscribed(self) -> bool:
        return self.ear is not None

    @property
    def is_quiet(self) -> bool:
        """It shows something, listens, and has nothing to ask."""
        return bool(self.region) and self.is_subscribed and not (self.wants_to_ask or self.is_asking)

    @property
    def etag(self) -> str:
        found = _ETAG.search(self.region)
        return found[1].replace("&#34;", '"') if found else ""

    @property
    def version(self) -> int:
        found = _VERSION.search(self.region)
        return int(found[1]) if found else 0

    def hear(self, heard: Heard) -> None:
        """A message on the order's channel."""
        if heard.name in NAMES and heard.data.get("version", self.version + 1) > self.version:
            self.wants_to_ask = True

    def subscribe(self, ear: Ear) -> None:
        """What was said before now is lost, so it asks."""
        self.ear = ear
        self.wants_to_ask = True

    def listen(self) -> None:
        """Take what has been said until now."""
        for message in self.ear.heard_until_now() if self.ear else ():
            self.hear(heard_of(message))

    def lose_the_connection(self) -> None:
        if self.ear:
            self.ear.close()
        self.ear = None

    def ask(self) -> None:
        """One request at a time; whoever asks meanwhile is asked for once more after it."""
        self.is_asking, self.wants_to_ask = True, False

    def answered(self, status: int, region: str) -> None:
        """The answer has come, or (status 0) never will; then it asks again. 304: what is shown is still true."""
        self.is_asking = False
        if status == 200:
            self.region = region
        elif status != 304:
            self.wants_to_ask = True

    def difference_to(self, fresh: "Page") -> str:
        """The lines in which they differ, in words; nothing if they are alike and show an order."""
        if self.region == fresh.region and fresh.region:
            return ""
        lines = ndiff(self.region.splitlines(), fresh.region.splitlines())
        return "; ".join(line[0] + line[1:].strip() for line in lines if line[0] in "-+")[:600] or "it shows nothing"
