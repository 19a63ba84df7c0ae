"""The tables of orders, refunds and order events. Lines and adjustments have their own modules."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.ext.mutable import MutableDict
from sqlalchemy.orm import Mapped, composite, mapped_column, relationship

from tracker.accounts.model import Customer, PlatformAccount, Restaurant
from tracker.database import Base
from tracker.orders.adjustment import Adjustment
from tracker.orders.bill import Bill
from tracker.orders.event_details import EventDetails, StoredDetails, read_details
from tracker.orders.money import Money
from tracker.orders.order_line import OrderLine
from tracker.orders.progress import Fulfilment, Status, Step
from tracker.orders.source_versions import ReportedField, SourceVersions
from tracker.orders.states import FINAL_STATES, Actor, AdjustmentState, OrderEventKind, OrderState

_LIVE = text("state IN ('placed', 'adjusted', 'confirmed')")


class Order(Base):
    """One order. It is changed only by the functions in `tracker/orders/operations`."""

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("platform_account_id", "platform_order_id"),
        Index(None, "customer_id", "placed_at", "id"),
        Index(None, "restaurant_id", "ended_at"),
        Index("ix_orders_live", "restaurant_id", "placed_at", postgresql_where=_LIVE, sqlite_where=_LIVE),
    )

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    restaurant_id: Mapped[str] = mapped_column(ForeignKey("restaurants.id"))
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id"))
    customer_name: Mapped[str | None] = mapped_column(String(200))
    """The customer's name as given by the restaurant for its own order; see `visible_customer_name`."""
    platform_account_id: Mapped[str | None] = mapped_column(ForeignKey("platform_accounts.id"))
    platform_order_id: Mapped[str | None] = mapped_column(String(64))
    short_code: Mapped[str] = mapped_column(String(40))
    """The short order number that people use at the counter."""

    state: Mapped[OrderState]
    version: Mapped[int] = mapped_column()
    """The number of the newest event."""
    source_versions: Mapped[dict[ReportedField, str]] = mapped_column(
        MutableDict.as_mutable(SourceVersions), default=dict
    )
    """The version of the report that each separately reported field was taken from; see by_platform."""

    fulfilment: Mapped[Fulfilment]
    table_name: Mapped[str | None] = mapped_column(String(100))
    is_advance: Mapped[bool]
    """Whether the order is for a certain time instead of as soon as possible."""
    zone: Mapped[str | None] = mapped_column(String(64))
    """IANA time zone of the store as reported by the platform. If it is None, the restaurant's zone applies."""
    placed_at: Mapped[datetime]
    is_placed_at_reported: Mapped[bool] = mapped_column(default=False)
    """Whether the platform has reported `placed_at`. Otherwise it is the time of the platform's earliest report."""
    requested_for: Mapped[datetime | None]
    promised_at: Mapped[datetime | None]
    """The time at which the restaurant promises to hand over the food."""
    is_promise_own: Mapped[bool] = mapped_column(default=False)
    """Whether the restaurant has set `promised_at` in Tracker. The platform does not know that time."""
    platform_promised_at: Mapped[datetime | None]
    """The promised time that the platform had reported before that. None if there was none."""
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """The time at which the order was completed, rejected or cancelled."""

    step: Mapped[Step]
    statuses: Mapped[list[Status] | None] = mapped_column(JSON)
    """The restaurant's own statuses, copied when it first used one for this order; see orders/progress.py."""
    status_text: Mapped[str | None] = mapped_column(String(200))
    """The newest status in the words of the restaurant or the courier."""
    reason: Mapped[str | None] = mapped_column(String(500))
    """Why the order was rejected or cancelled, in words for the customer. None if no reason was given."""

    currency: Mapped[str] = mapped_column(String(3))
    bill: Mapped[Bill] = composite(
        mapped_column("bill_items", BigInteger),
        mapped_column("bill_delivery", BigInteger),
        mapped_column("bill_service", BigInteger),
        mapped_column("bill_fee", BigInteger),
        mapped_column("bill_discount", BigInteger),
        mapped_column("bill_charged", BigInteger),
        mapped_column("bill_tip", BigInteger),
    )
    first_charged_minor: Mapped[int] = mapped_column(BigInteger)
    """`bill.charged` in the earliest description of the order."""
    uncounted_charged_minor: Mapped[int | None] = mapped_column(BigInteger)
    """`bill.charged` at the time when an adjustment left out something whose price only the seller knows."""
    platform_refunded_minor: Mapped[int | None] = mapped_column(BigInteger)
    """The sum of all refunds in the platform's newest report."""
    platform_refunded_version: Mapped[str | None] = mapped_column(String(120))
    """The version of that report. Refunds reported later are added to the sum."""
    voucher: Mapped[str | None] = mapped_column(String(200))
    payment: Mapped[str | None] = mapped_column(String(100))
    """The means of payment in words that the customer recognises: Visa ****2371, Cash."""
    rating: Mapped[int | None]
    note: Mapped[str | None] = mapped_column(String(1000))
    """The customer's note to the kitchen."""
    address: Mapped[str | None] = mapped_column(String(500))
    address_note: Mapped[str | None] = mapped_column(String(500))
    adjustment_count: Mapped[int] = mapped_column(default=0)
    """The number of adjustments that the restaurant has proposed."""
    has_onlookers: Mapped[bool] = mapped_column(default=False)
    """Whether the order was shared or shown in a widget. If so, events are also published on its status channel."""

    restaurant: Mapped[Restaurant] = relationship(lazy="joined", innerjoin=True)
    customer: Mapped[Customer | None] = relationship()
    platform_account: Mapped[PlatformAccount | None] = relationship()
    lines: Mapped[list[OrderLine]] = relationship(
        order_by="OrderLine.position, OrderLine.name, OrderLine.ref", cascade="all, delete-orphan"
    )
    adjustments: Mapped[list[Adjustment]] = relationship(order_by="Adjustment.number", cascade="all, delete-orphan")
    refunds: Mapped[list["Refund"]] = relationship(order_by="Refund.at, Refund.ref", cascade="all, delete-orphan")
    events: Mapped[list["OrderEvent"]] = relationship(
        order_by="OrderEvent.at, OrderEvent.number", cascade="all, delete-orphan", back_populates="order"
    )

    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}  # noqa: RUF012  SQLAlchemy's own form

    @property
    def has_ended(self) -> bool:
        """Whether the order is in a final state, after which only refunds, tips and ratings follow."""
        return self.state in FINAL_STATES

    @property
    def was_rejected_or_cancelled(self) -> bool:
        """Whether the order was rejected or cancelled."""
        return self.state in (OrderState.REJECTED, OrderState.CANCELLED)

    @property
    def is_own(self) -> bool:
        """Whether the restaurant placed the order itself, without a platform that describes it or charges for it."""
        return self.platform_account_id is None

    @property
    def visible_customer_name(self) -> str | None:
        """The customer's name as the restaurant may see it. For an own order, this is the name that the restaurant
        gave: otherwise it could learn who owns an e-mail address by placing an order for it."""
        if self.is_own:
            return self.customer_name
        return self.customer.name if self.customer else None

    @property
    def open_adjustment(self) -> Adjustment | None:
        """The adjustment that waits for the customer's answer. None if there is none."""
        newest = self.adjustments[-1] if self.adjustments else None
        return newest if newest and newest.state is AdjustmentState.OPEN else None

    @property
    def timezone(self) -> ZoneInfo:
        """The time zone in which this order's times are shown."""
        return ZoneInfo(self.zone) if self.zone else self.restaurant.timezone

    @property
    def total(self) -> Money:
        """The price of the order with the tip, before refunds."""
        return self.money(self.bill.total)

    @property
    def total_as_ordered(self) -> Money:
        """The price in the earliest description of the order, with the present tip."""
        return self.money(self.first_charged_minor + self.bill.tip)

    @property
    def is_total_open(self) -> bool:
        """Whether an adjustment left out something and the seller has not reported the new price yet."""
        return self.uncounted_charged_minor == self.bill.charged

    @property
    def refunded(self) -> Money:
        """The sum of all refunds: the sum that the platform reported, and each refund reported after that."""
        version = self.platform_refunded_version or ""
        since = sum(refund.minor for refund in self.refunds if refund.source_version > version)
        return self.money((self.platform_refunded_minor or 0) + since)

    def money(self, minor: int) -> Money:
        """Return this number of minor units as money in the order's currency."""
        return Money(minor, self.currency)


class Refund(Base):
    """One refund."""

    __tablename__ = "refunds"

    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    ref: Mapped[str] = mapped_column(String(64), primary_key=True)
    """The source id of the notice. It identifies the refund if it is reported twice."""
    minor: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    source_version: Mapped[str] = mapped_column(String(120))


_PENDING = text("published_at IS NULL")


class OrderEvent(Base):
    """Something that happened to an order. The row is the history and, until `published_at` is set, the outbox."""

    __tablename__ = "order_events"
    __table_args__ = (
        UniqueConstraint("order_id", "number"),
        Index("ix_order_events_pending", "id", postgresql_where=_PENDING, sqlite_where=_PENDING),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"))
    number: Mapped[int]
    """The position in the order's history, and the order's version after the event."""
    kind: Mapped[OrderEventKind]
    by: Mapped[Actor]
    actor_name: Mapped[str | None] = mapped_column(String(254))
    """The staff member's e-mail address, or the name of the application. Customers must never see it."""
    at: Mapped[datetime]
    """The time at which it happened."""
    recorded_at: Mapped[datetime]
    """The time at which Tracker recorded it."""
    came_late: Mapped[bool]
    """Whether something that overrides the event was recorded earlier. Such an event is history but not news."""
    data: Mapped[StoredDetails] = mapped_column(JSON)
    """The stored form of `details`. Use `details` to read or write it."""
    published_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    try_at: Mapped[datetime | None]
    """The earliest time for the next try. None if no try has failed."""
    problem: Mapped[str | None] = mapped_column(String(300))
    """The reason why the last try failed."""

    order: Mapped[Order] = relationship(back_populates="events")

    _read_details = None

    @property
    def details(self) -> EventDetails:
        """The details of the event. Setting them also sets `kind`. Raise ValueError if the stored ones are invalid, but
        only when they are read, so that such an event does not hold up others that are loaded with it."""
        if self._read_details is None or self._read_details[0] is not self.data:
            self._read_details = (self.data, read_details(self.kind, self.data))
        return self._read_details[1]

    @details.setter
    def details(self, details: EventDetails) -> None:
        self.kind, self.data = details.kind, details.stored()
