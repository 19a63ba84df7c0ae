"""Share links: whose order it is lets others see how far it is, without an account, for as long as it matters."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from unicodedata import bidirectional, category

from sqlalchemy import ColumnElement, ForeignKey, String, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from tracker.accounts.tokens import hash_secret, share_link_secret
from tracker.database import Base
from tracker.ids import is_id, new_id
from tracker.orders.model import Order
from tracker.orders.refusals import NotNow, NotPossible, TooLate

LIFETIME_AFTER_END = timedelta(hours=4)
"""How long a link shows an order that has ended: whoever waited may come late to look."""
MAX_OPEN_TIME = timedelta(days=2)
"""How long after it was due an order whose end nobody told is shown."""
MAX_LINKS = 10
"""How many links of one order may be open at once."""
MAX_NAME_LENGTH = 80
_RETENTION = timedelta(days=1)
_BIDI_CONTROLS = frozenset(("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"))
"""Unicode's classes of what makes the text that follows go the other way, for as long as nobody ends it."""


class ShareLink(Base):
    """A way to see one order, and nothing of whose it is. Its address is made of our key and its id, never kept."""

    __tablename__ = "share_links"

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"), index=True)
    made_for: Mapped[str | None] = mapped_column(String(MAX_NAME_LENGTH))
    """Whom it is for, in the customer's words; whoever follows it never sees that."""
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


def share_order(
    order: Order, open_links: Sequence[ShareLink], made_for: str | None, *, secret_key: str, now: datetime
) -> ShareLink:
    """A link to the order; `open_links` are those that there are. Raises a Refusal when nothing is left to follow.

    For somebody it is always a new one. Without a name it is the one for everybody, the same with every tap: of two
    that look alike nobody could tell which to stop.
    """
    if now >= links_expire_at(order):
        raise TooLate("This order ended a while ago; there is nothing left to share.", at=order.ended_at)
    if not can_be_shared(order, now):
        raise NotNow("This order came to nothing; there is nothing to follow.", at=order.ended_at)
    if made_for is not None and not _is_visible_name(made_for):
        raise NotPossible(f"Say who it is for in at most {MAX_NAME_LENGTH} letters.")
    for_everybody = next((link for link in open_links if link.made_for is None), None)
    if for_everybody and made_for is None:
        return for_everybody
    if len(open_links) >= MAX_LINKS:
        raise NotPossible(f"There are {MAX_LINKS} links to this order already. Stop one of them first.")

    link_id = new_id(now)
    secret_hash = hash_secret(share_link_secret(secret_key, link_id))
    order.has_onlookers = True
    return ShareLink(id=link_id, hash=secret_hash, order_id=order.id, made_for=made_for, created_at=now)


def revoke_link(link: ShareLink, *, now: datetime) -> None:
    """From now on it is like one that never was."""
    link.revoked_at = link.revoked_at or now


def links_expire_at(order: Order) -> datetime:
    """Until when links show this order."""
    if order.ended_at is not None:
        return order.ended_at + LIFETIME_AFTER_END
    due = max(filter(None, (order.placed_at, order.requested_for, order.promised_at)))
    return due + MAX_OPEN_TIME


def can_be_shared(order: Order, now: datetime) -> bool:
    """Whether there is something to follow: it has not come to nothing, and did not end long ago."""
    return not order.was_rejected_or_cancelled and now < links_expire_at(order)


def find_open_links(session: Session, order: Order, *, secret_key: str, now: datetime) -> Sequence[ShareLink]:
    """The links through which the order can be seen, the oldest first; of an order that its finder has found. One that
    was made with another key than ours of now is none of them: its address could not be shown again."""
    theirs = select(ShareLink).where(ShareLink.order_id == order.id, ShareLink.revoked_at.is_(None))
    found = session.scalars(theirs.order_by(ShareLink.created_at, ShareLink.id)).all()
    known = [link for link in found if link.hash == hash_secret(share_link_secret(secret_key, link.id))]
    return known if now < links_expire_at(order) else ()


def find_link(session: Session, order: Order, link_id: str) -> ShareLink | None:
    """This link, open or not, if it is one of the order's."""
    link = session.get(ShareLink, link_id) if is_id(link_id) else None
    return link if link and link.order_id == order.id else None


def enable_status_channel(session: Session, order_id: str) -> None:
    """From now on, what happens to the order is told on its status channel, too."""
    unheard = update(Order).where(Order.id == order_id, Order.has_onlookers.is_(False))
    session.execute(unheard.values(has_onlookers=True).execution_options(synchronize_session=False))


def delete_old_share_links(session: Session, *, now: datetime) -> None:
    """Delete those that have shown nothing to anybody for a day, and with them whom they were for."""
    long_ago = now - _RETENTION
    shows_nothing = exists().where(Order.id == ShareLink.order_id, _links_had_expired(long_ago))
    session.execute(delete(ShareLink).where(or_(ShareLink.revoked_at < long_ago, shows_nothing)))


def _links_had_expired(at: datetime) -> ColumnElement[bool]:
    """What links_expire_at() says, as a statement asks it: that links showed an order no more at that time."""
    was_due = [func.coalesce(due, Order.placed_at) for due in (Order.requested_for, Order.promised_at)]
    never_told = and_(Order.ended_at.is_(None), *(due < at - MAX_OPEN_TIME for due in (Order.placed_at, *was_due)))
    return or_(Order.ended_at < at - LIFETIME_AFTER_END, never_told)


def _is_visible_name(text: str) -> bool:
    """Whether there is something to be seen on one line. What Python calls printable would not do: in Persian names and
    many an emoji stands what isn't, and an emoji that is younger than Python is nothing that it knows."""
    is_seen = any(category(letter) not in ("Cf", "Zs") for letter in text)
    can_be_shown = not any(
        category(letter) in ("Cc", "Cs", "Zl", "Zp") or bidirectional(letter) in _BIDI_CONTROLS for letter in text
    )
    return is_seen and can_be_shown and len(text) <= MAX_NAME_LENGTH
