"""Share links: a customer lets others follow an order without an account, until some time after its end."""

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
"""How long a link shows an order that has ended, for people who look late."""
MAX_OPEN_TIME = timedelta(days=2)
"""How long after its due time a link shows an order whose end was never reported."""
MAX_LINKS = 10
"""The largest number of open links of one order."""
MAX_NAME_LENGTH = 80
_RETENTION = timedelta(days=1)
_BIDI_CONTROLS = frozenset(("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"))
"""Unicode bidirectional classes of the characters that change the direction of the text after them."""


class ShareLink(Base):
    """A link that shows one order without its customer. Its secret is derived from our key and its id, never stored."""

    __tablename__ = "share_links"

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"), index=True)
    made_for: Mapped[str | None] = mapped_column(String(MAX_NAME_LENGTH))
    """The person whom the link is for, in the customer's words. Onlookers never see it."""
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


def share_order(
    order: Order, open_links: Sequence[ShareLink], made_for: str | None, *, secret_key: str, now: datetime
) -> ShareLink:
    """Return a share link to the order. `open_links` are its open links; a new link is not in the session yet.

    With `made_for`, the link is always new. Without it, the link is for everybody, and an open one is returned again:
    the customer could not tell two such links apart to stop one of them. Raise a Refusal if the order cannot be
    followed any more, the name is invalid, or there are MAX_LINKS links.
    """
    if now >= links_expire_at(order):
        raise TooLate("This order ended a while ago; there is nothing left to share.", at=order.ended_at)
    if not can_be_shared(order, now):
        raise NotNow("This order came to nothing; there is nothing to follow.", at=order.ended_at)
    if made_for is not None and not _is_visible_name(made_for):
        raise NotPossible(f"Say who it is for in at most {MAX_NAME_LENGTH} characters.")
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
    """Revoke the link. It is then treated like one that does not exist."""
    link.revoked_at = link.revoked_at or now


def links_expire_at(order: Order) -> datetime:
    """Return the time until which links show this order."""
    if order.ended_at is not None:
        return order.ended_at + LIFETIME_AFTER_END
    due = max(filter(None, (order.placed_at, order.requested_for, order.promised_at)))
    return due + MAX_OPEN_TIME


def can_be_shared(order: Order, now: datetime) -> bool:
    """Return whether the order can be followed: it was not rejected or cancelled, and its links have not expired."""
    return not order.was_rejected_or_cancelled and now < links_expire_at(order)


def find_open_links(session: Session, order: Order, *, secret_key: str, now: datetime) -> Sequence[ShareLink]:
    """Return the links that show the order, oldest first. The caller has checked that the order may be read.

    Links created with an earlier secret key are left out, because their addresses cannot be shown again.
    """
    query = select(ShareLink).where(ShareLink.order_id == order.id, ShareLink.revoked_at.is_(None))
    found = session.scalars(query.order_by(ShareLink.created_at, ShareLink.id)).all()
    current = [link for link in found if link.hash == hash_secret(share_link_secret(secret_key, link.id))]
    return current if now < links_expire_at(order) else ()


def find_link(session: Session, order: Order, link_id: str) -> ShareLink | None:
    """Return this link, open or not. Return None if it is not a link of the order."""
    link = session.get(ShareLink, link_id) if is_id(link_id) else None
    return link if link and link.order_id == order.id else None


def enable_status_channel(session: Session, order_id: str) -> None:
    """Have events of the order published on its status channel, too, from now on."""
    without_onlookers = update(Order).where(Order.id == order_id, Order.has_onlookers.is_(False))
    session.execute(without_onlookers.values(has_onlookers=True).execution_options(synchronize_session=False))


def delete_old_share_links(session: Session, *, now: datetime) -> None:
    """Delete the links, with the names in them, that were revoked or expired more than a day ago."""
    long_ago = now - _RETENTION
    shows_nothing = exists().where(Order.id == ShareLink.order_id, _links_had_expired(long_ago))
    session.execute(delete(ShareLink).where(or_(ShareLink.revoked_at < long_ago, shows_nothing)))


def _links_had_expired(at: datetime) -> ColumnElement[bool]:
    """Return the SQL condition for `links_expire_at(order) < at`."""
    was_due = [func.coalesce(due, Order.placed_at) for due in (Order.requested_for, Order.promised_at)]
    not_reported = and_(Order.ended_at.is_(None), *(due < at - MAX_OPEN_TIME for due in (Order.placed_at, *was_due)))
    return or_(Order.ended_at < at - LIFETIME_AFTER_END, not_reported)


def _is_visible_name(text: str) -> bool:
    """Return whether the text is visible on one line and not too long.

    `str.isprintable` is too strict: Persian names and many emoji contain unprintable joiners, and Python does not know
    emoji that are newer than its Unicode data.
    """
    is_seen = any(category(letter) not in ("Cf", "Zs") for letter in text)
    can_be_shown = not any(
        category(letter) in ("Cc", "Cs", "Zl", "Zp") or bidirectional(letter) in _BIDI_CONTROLS for letter in text
    )
    return is_seen and can_be_shown and len(text) <= MAX_NAME_LENGTH
