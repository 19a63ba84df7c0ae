"""The table of adjustments: changes that a restaurant proposes to an order."""

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
    """A change that the restaurant proposes to an order, and how it ended."""

    __tablename__ = "adjustments"
    __table_args__ = (Index("ix_adjustments_open", "answer_by", postgresql_where=_OPEN, sqlite_where=_OPEN),)

    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    """Adjustments are numbered per order, from 1."""
    state: Mapped[AdjustmentState]
    proposed_at: Mapped[datetime]
    promised_at: Mapped[datetime | None]
    """The proposed time. None if the time stays as it is."""
    minutes: Mapped[int | None]
    """The proposed time in minutes after `proposed_at`. None for advance orders and if the time stays as it is."""
    lines: Mapped[list[str]] = mapped_column(JSON, default=list)
    """The refs of the lines that the restaurant would leave out."""
    options: Mapped[list[str]] = mapped_column(JSON, default=list)
    """The names of the options that the restaurant would leave out of every line that has them."""
    reason: Mapped[str | None] = mapped_column(String(500))
    difference: Mapped[int | None] = mapped_column(BigInteger)
    """The change of the order's total, in minor units. None if it cannot be known."""
    answer_by: Mapped[datetime]
    extensions: Mapped[int] = mapped_column(default=0)
    """The number of times that the customer has asked for more time."""
    if_unanswered: Mapped[IfUnanswered]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[Actor | None]
