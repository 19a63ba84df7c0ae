"""The table of order lines: what was ordered, and how much of it is part of the order now."""

from sqlalchemy import JSON, BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.database import Base
from tracker.orders.bill import LineOption


class OrderLine(Base):
    """One ordered position: an article, its quantity and its options."""

    __tablename__ = "order_lines"
    __table_args__ = (UniqueConstraint("order_id", "ref"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"))
    ref: Mapped[str] = mapped_column(String(24))
    """The id of the ordered item in Open Dining's "Real-time Communication"."""
    position: Mapped[int]
    section: Mapped[str | None] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(300))
    ordered: Mapped[int]
    """The quantity that was ordered."""
    quantity: Mapped[int]
    """The quantity now. It is 0 if the line was removed."""
    unit_minor: Mapped[int] = mapped_column(BigInteger)
    """The price of one piece with its options, in minor units of the order's currency."""
    options: Mapped[list[LineOption]] = mapped_column(JSON, default=list)
    is_left_out: Mapped[bool] = mapped_column(default=False)
    """Whether an accepted adjustment left the line out. A platform's description does not bring it back."""
    options_left_out: Mapped[list[str]] = mapped_column(JSON, default=list)
    """The names of the options that an accepted adjustment left out."""

    @property
    def is_removed(self) -> bool:
        """Whether the line was ordered but is no longer part of the order."""
        return self.quantity == 0
