"""View of the page on which customers manage the share links of an order."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cached_property

from tracker.accounts.tokens import share_link_secret
from tracker.config import Settings
from tracker.orders.model import Order
from tracker.orders.operations.share_links import (
    LIFETIME_AFTER_END,
    MAX_LINKS,
    MAX_NAME_LENGTH,
    ShareLink,
    can_be_shared,
    links_expire_at,
)
from tracker.web.order.colour import Palette, palette
from tracker.web.order.formatting import Formatter, whole_minute
from tracker.web.order.view import formatter_for, shared_link_title


def address_of(link: ShareLink, settings: Settings) -> str:
    """Return the link's absolute URL, which contains its secret."""
    return f"{settings.origin}/shared/{share_link_secret(settings.signing_key, link.id)}"


class ShareLinksPage:
    """View for templates/share/links.html: the order, its open links with their URLs, and what can be done."""

    max_name_length = MAX_NAME_LENGTH
    max_links = MAX_LINKS

    def __init__(self, order: Order, links: Sequence[tuple[ShareLink, str]], now: datetime) -> None:
        self.order = order
        self.links = links
        self._now = now

    @cached_property
    def formatter(self) -> Formatter:
        """Formats times in the restaurant's language and time zone."""
        return formatter_for(self.order, whole_minute(self._now))

    @property
    def palette(self) -> Palette:
        """Colours of the restaurant."""
        return palette(self.order.restaurant.colour)

    @property
    def title(self) -> str:
        """Title of a link when it is shared with another program."""
        return shared_link_title(self.order.restaurant.name)

    @property
    def has_closed(self) -> bool:
        """Whether all share links of the order have expired."""
        return self._now >= links_expire_at(self.order)

    @property
    def can_be_shared(self) -> bool:
        """Whether the customer can make another link."""
        return can_be_shared(self.order, self._now) and len(self.links) < MAX_LINKS

    @property
    def is_full(self) -> bool:
        """Whether the order has the maximum number of links."""
        return len(self.links) >= MAX_LINKS

    @property
    def has_one_for_everybody(self) -> bool:
        """Whether the link for everybody exists already."""
        return any(link.made_for is None for link, _ in self.links)

    @property
    def until(self) -> str:
        """Text that says until when links live, for use within a sentence."""
        if self.order.ended_at:
            return f"until {self.formatter.format_moment(links_expire_at(self.order))}"
        return f"until {LIFETIME_AFTER_END // timedelta(hours=1)} hours after the order has ended"
