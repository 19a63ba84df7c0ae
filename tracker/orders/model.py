"""The order, its refunds and its events; its lines and adjustments have modules of their own."""

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
    """One order. Everything that changes it goes through the operations of this room."""

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
    """What the restaurant called the customer when it placed the order itself; see `visible_customer_name`."""
    platform_account_id: Mapped[str | None] = mapped_column(ForeignKey("platform_accounts.id"))
    platform_order_id: Mapped[str | None] = mapped_column(String(64))
    short_code: Mapped[str] = mapped_column(String(40))
    """What people say at the counter."""

    state: Mapped[OrderState]
    version: Mapped[int] = mapped_column()
    """Counts what has happened: the number of the newest event."""
    source_versions: Mapped[dict[ReportedField, str]] = mapped_column(
        MutableDict.as_mutable(SourceVersions), default=dict
    )
    """For each field that is reported by itself, the version of the report that holds; see by_platform."""

    fulfilment: Mapped[Fulfilment]
    table_name: Mapped[str | None] = mapped_column(String(100))
    is_advance: Mapped[bool]
    """Ordered for a certain time, not for as soon as possible."""
    zone: Mapped[str | None] = mapped_column(String(64))
    """IANA zone of the store, where the platform tells one; else the restaurant's is used."""
    placed_at: Mapped[datetime]
    is_placed_at_reported: Mapped[bool] = mapped_column(default=False)
    """The platform has reported `placed_at`; until it does, that is the time of its earliest report of anything."""
    requested_for: Mapped[datetime | None]
    promised_at: Mapped[datetime | None]
    """When the restaurant says the food will be handed over."""
    is_promise_own: Mapped[bool] = mapped_column(default=False)
    """`promised_at` was promised by the restaurant here, and its platform does not know of it."""
    platform_promised_at: Mapped[datetime | None]
    """What the platform had reported as promised before that, if anything."""
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """When it was completed, rejected or cancelled."""

    step: Mapped[Step]
    statuses: Mapped[list[Status] | None] = mapped_column(JSON)
    """The restaurant's own names for the way of this order, as of when it first used one; see orders/progress.py."""
    status_text: Mapped[str | None] = mapped_column(String(200))
    """The restaurant's or courier's own words for how far it is."""
    reason: Mapped[str | None] = mapped_column(String(500))
    """Why it was rejected or cancelled, in words for the customer; empty when nobody said."""

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
    """`bill.charged` as the earliest description of the order has it."""
    uncounted_charged_minor: Mapped[int | None] = mapped_column(BigInteger)
    """`bill.charged` as it was when an adjustment left out something whose price only the seller knows."""
    platform_refunded_minor: Mapped[int | None] = mapped_column(BigInteger)
    """The sum of all refunds as the platform reported it last."""
    platform_refunded_version: Mapped[str | None] = mapped_column(String(120))
    """The version of that report: refunds that were reported later come on top of the sum."""
    voucher: Mapped[str | None] = mapped_column(String(200))
    payment: Mapped[str | None] = mapped_column(String(100))
    """How it is paid, as the customer would recognise it: Visa ****2371, Cash."""
    rating: Mapped[int | None]
    note: Mapped[str | None] = mapped_column(String(1000))
    """What the customer asked the kitchen."""
    address: Mapped[str | None] = mapped_column(String(500))
    address_note: Mapped[str | None] = mapped_column(String(500))
    adjustment_count: Mapped[int] = mapped_column(default=0)
    """How many adjustments the restaurant has proposed."""
    has_onlookers: Mapped[bool] = mapped_column(default=False)
    """It has been shared, or shown in a widget: what happens is told on its status channel, too."""

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
        """Nothing more will come of it but refunds, tips and ratings."""
        return self.state in FINAL_STATES

    @property
    def was_rejected_or_cancelled(self) -> bool:
        """Rejected or cancelled."""
        return self.state in (OrderState.REJECTED, OrderState.CANCELLED)

    @property
    def is_own(self) -> bool:
        """Placed by the restaurant itself: no platform describes it or charges for it."""
        return self.platform_account_id is None

    @property
    def visible_customer_name(self) -> str | None:
        """The customer's name as the restaurant may see it. Of an own order the one it has said itself: else whoever
        knows an address could place an order for it and learn whose it is."""
        if self.is_own:
            return self.customer_name
        return self.customer.name if self.customer else None

    @property
    def open_adjustment(self) -> Adjustment | None:
        """What the customer is asked, if they are."""
        newest = self.adjustments[-1] if self.adjustments else None
        return newest if newest and newest.state is AdjustmentState.OPEN else None

    @property
    def timezone(self) -> ZoneInfo:
        """The zone in which this order's times are said."""
        return ZoneInfo(self.zone) if self.zone else self.restaurant.timezone

    @property
    def total(self) -> Money:
        """What the order costs in all, before refunds."""
        return self.money(self.bill.total)

    @property
    def total_as_ordered(self) -> Money:
        """What it would cost with all that was ordered, as the earliest description of it says, and the tip of now."""
        return self.money(self.first_charged_minor + self.bill.tip)

    @property
    def is_total_open(self) -> bool:
        """Whether something was left out by an adjustment, and the seller has not said yet what that changes."""
        return self.uncounted_charged_minor == self.bill.charged

    @property
    def refunded(self) -> Money:
        """All that was given back: the platform's own sum, and each refund that came after it said one."""
        version = self.platform_refunded_version or ""
        since = sum(refund.minor for refund in self.refunds if refund.source_version > version)
        return self.money((self.platform_refunded_minor or 0) + since)

    def money(self, minor: int) -> Money:
        """So many minor units in this order's currency."""
        return Money(minor, self.currency)


class Refund(Base):
    """Money given back, once."""

    __tablename__ = "refunds"

    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    ref: Mapped[str] = mapped_column(String(64), primary_key=True)
    """What makes it the same refund when it is told twice: the notice's source id."""
    minor: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    source_version: Mapped[str] = mapped_column(String(120))


_PENDING = text("published_at IS NULL")


class OrderEvent(Base):
    """Something that happened: history, and, until `published_at` is set, the outbox."""

    __tablename__ = "order_events"
    __table_args__ = (
        UniqueConstraint("order_id", "number"),
        Index("ix_order_events_pending", "id", postgresql_where=_PENDING, sqlite_where=_PENDING),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"))
    number: Mapped[int]
    """Its place in the order's history; the order's version after it."""
    kind: Mapped[OrderEventKind]
    by: Mapped[Actor]
    actor_name: Mapped[str | None] = mapped_column(String(254))
    """The staff member who did it, by their address, or the application. Never for a customer's eyes."""
    at: Mapped[datetime]
    """When it happened."""
    recorded_at: Mapped[datetime]
    """When we learnt of it."""
    came_late: Mapped[bool]
    """We learnt of it after something that overrides it: it belongs in the history but is no news."""
    data: Mapped[StoredDetails] = mapped_column(JSON)
    """`details` as they are stored; nothing else reads or writes them."""
    published_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    try_at: Mapped[datetime | None]
    """After a failure: not before this moment."""
    problem: Mapped[str | None] = mapped_column(String(300))
    """Why the last try failed."""

    order: Mapped[Order] = relationship(back_populates="events")

    _read_details = None

    @property
    def details(self) -> EventDetails:
        """What else is known of it, and its kind: setting them sets both. Raises ValueError for broken ones, and that
        only when they are asked for, so that such an event does not hold up others that are loaded with it."""
        if self._read_details is None or self._read_details[0] is not self.data:
            self._read_details = (self.data, read_details(self.kind, self.data))
        return self._read_details[1]

    @details.setter
    def details(self, details: EventDetails) -> None:
        self.kind, self.data = details.kind, details.stored()
