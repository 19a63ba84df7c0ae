"""A notice: a webhook as it arrived, kept before it is acted on, so that nothing told to us is ever lost."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.accounts.model import PlatformAccount
from tracker.database import Base


class NoticeState(StrEnum):
    """What has become of a notice."""

    HANDLED = "handled"
    WAITING = "waiting"
    """It speaks of an order that we have not heard of yet."""
    SET_ASIDE = "set aside"
    """It is kept, and nothing follows from it: an event that we don't know, or one that contradicts itself."""
    FAILED = "failed"
    """We could not act on it; it is tried again."""


_OPEN = text("state != 'handled'")


class Notice(Base):
    """One webhook, once, however often it was delivered."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("platform_account_id", "source_id"),
        Index(None, "platform_account_id", "platform_order_id"),
        Index("ix_notices_open", "state", "try_at", postgresql_where=_OPEN, sqlite_where=_OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    platform_account_id: Mapped[str] = mapped_column(ForeignKey("platform_accounts.id"))
    source_id: Mapped[str] = mapped_column(String(64))
    platform_order_id: Mapped[str | None] = mapped_column(String(64))
    event_name: Mapped[str] = mapped_column(String(100))
    received_at: Mapped[datetime]
    body: Mapped[bytes]
    state: Mapped[NoticeState]
    tries: Mapped[int] = mapped_column(default=0)
    try_at: Mapped[datetime | None]
    problem: Mapped[str | None] = mapped_column(String(300))

    platform_account: Mapped[PlatformAccount] = relationship()
