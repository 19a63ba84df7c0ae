"""The lines of an order: what was ordered, and how much of it there is now."""

from sqlalchemy import JSON, BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.database import Base
from tracker.orders.bill import LineOption


class OrderLine(Base):
    """One ordered position: how many of what, with which options."""

    __tablename__ = "order_lines"
    __table_args__ = (UniqueConstraint("order_id", "ref"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"))
    ref: Mapped[str] = mapped_column(String(24))
    """The ordered item's id of the real-time contract."""
    position: Mapped[int]
    section: Mapped[str | None] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(300))
    ordered: Mapped[int]
    """How many were ordered."""
    quantity: Mapped[int]
    """How many there are now; 0 when the line was removed."""
    unit_minor: Mapped[int] = mapped_column(BigInteger)
    """Price of one with its options, in minor units of the order's currency."""
    options: Mapped[list[LineOption]] = mapped_column(JSON, default=list)
    is_left_out: Mapped[bool] = mapped_column(default=False)
    """Taken out by an adjustment that holds: no description by a platform brings it back."""
    options_left_out: Mapped[list[str]] = mapped_column(JSON, default=list)
    """The names of options that an adjustment took out."""

    @property
    def is_removed(self) -> bool:
        """Ordered, but no longer part of the order."""
        return self.quantity == 0
