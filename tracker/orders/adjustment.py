"""What a restaurant proposes to do otherwise than ordered."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.accounts.model import IfUnanswered
from tracker.database import Base
from tracker.orders.states import Actor, AdjustmentState

WENT_AHEAD_UNANSWERED = "There was no answer in time, so the order went ahead with the change."
CANCELLED_UNANSWERED = "There was no answer in time, so the order was cancelled."
_OPEN = text("state = 'open'")


class Adjustment(Base):
    """What the restaurant proposes to do otherwise than ordered, and what became of it."""

    __tablename__ = "adjustments"
    __table_args__ = (Index("ix_adjustments_open", "answer_by", postgresql_where=_OPEN, sqlite_where=_OPEN),)

    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    """The first of an order is 1."""
    state: Mapped[AdjustmentState]
    proposed_at: Mapped[datetime]
    promised_at: Mapped[datetime | None]
    """The new time; empty where the time stays."""
    minutes: Mapped[int | None]
    """The same for an order for as soon as possible, in minutes from when it was proposed."""
    lines: Mapped[list[str]] = mapped_column(JSON, default=list)
    """The refs of the lines that would be left out."""
    options: Mapped[list[str]] = mapped_column(JSON, default=list)
    """The names of the options that would be left out, on every line that has them."""
    reason: Mapped[str | None] = mapped_column(String(500))
    difference: Mapped[int | None] = mapped_column(BigInteger)
    """What it changes the total by, in minor units; empty where that can't be known."""
    answer_by: Mapped[datetime]
    extensions: Mapped[int] = mapped_column(default=0)
    """How often the customer has asked for more time."""
    if_unanswered: Mapped[IfUnanswered]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[Actor | None]
