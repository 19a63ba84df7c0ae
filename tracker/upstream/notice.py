"""The table of notices. A notice is a webhook as it arrived; it is stored before it is acted on, so none is lost."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.accounts.model import PlatformAccount
from tracker.database import Base


class NoticeState(StrEnum):
    """How far a notice has been acted on."""

    HANDLED = "handled"
    WAITING = "waiting"
    """The notice is about an order that has not been placed yet. It is acted on when the order is placed."""
    SET_ASIDE = "set aside"
    """The notice is stored but ignored: its event is unknown, or it contradicts itself."""
    FAILED = "failed"
    """Acting on the notice failed. It is tried again."""


_OPEN = text("state != 'handled'")


class Notice(Base):
    """One webhook. A webhook that is delivered several times is stored once."""

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
