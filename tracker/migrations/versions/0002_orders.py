"""Create the tables of orders, their lines, refunds and events, and of the platforms' notices."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of this revision."""
    _notices()
    _orders()
    _order_events()
    _order_lines()
    _refunds()


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.String(length=24), nullable=False),
        sa.Column("source_id", sa.String(length=64), nullable=False),
        sa.Column("platform_order_id", sa.String(length=64), nullable=True),
        sa.Column("event_name", sa.String(length=100), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("handled", "waiting", "set aside", "failed", name="noticestate", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name=op.f("fk_notices_connection_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("connection_id", "source_id", name=op.f("uq_notices_connection_id_source_id")),
    )
    op.create_index(
        op.f("ix_notices_connection_id_platform_order_id"),
        "notices",
        ["connection_id", "platform_order_id"],
        unique=False,
    )
    op.create_index(
        "ix_notices_open",
        "notices",
        ["state", "try_at"],
        unique=False,
        postgresql_where=sa.text("state != 'handled'"),
        sqlite_where=sa.text("state != 'handled'"),
    )


def _orders() -> None:
    op.create_table(
        "orders",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("restaurant_id", sa.String(length=24), nullable=False),
        sa.Column("customer_id", sa.String(length=24), nullable=True),
        sa.Column("connection_id", sa.String(length=24), nullable=True),
        sa.Column("platform_order_id", sa.String(length=64), nullable=True),
        sa.Column("short_code", sa.String(length=40), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "placed",
                "confirmed",
                "completed",
                "rejected",
                "cancelled",
                name="orderstate",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column(
            "handover",
            sa.Enum("collection", "delivery", "table", name="handover", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("table_name", sa.String(length=100), nullable=True),
        sa.Column("is_advance", sa.Boolean(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_for", sa.DateTime(timezone=True), nullable=True),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "step",
            sa.Enum(
                "placed",
                "confirmed",
                "ready",
                "on_the_way",
                "arrived",
                "handed_over",
                name="step",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("status_text", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("bill_items", sa.BigInteger(), nullable=False),
        sa.Column("bill_delivery", sa.BigInteger(), nullable=False),
        sa.Column("bill_service", sa.BigInteger(), nullable=False),
        sa.Column("bill_fee", sa.BigInteger(), nullable=False),
        sa.Column("bill_discount", sa.BigInteger(), nullable=False),
        sa.Column("bill_charged", sa.BigInteger(), nullable=False),
        sa.Column("bill_tip", sa.BigInteger(), nullable=False),
        sa.Column("voucher", sa.String(length=200), nullable=True),
        sa.Column("payment", sa.String(length=100), nullable=True),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=1000), nullable=True),
        sa.Column("address", sa.String(length=500), nullable=True),
        sa.Column("address_note", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name=op.f("fk_orders_connection_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_orders_customer_id")),
        sa.ForeignKeyConstraint(["restaurant_id"], ["restaurants.id"], name=op.f("fk_orders_restaurant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint(
            "connection_id", "platform_order_id", name=op.f("uq_orders_connection_id_platform_order_id")
        ),
    )
    op.create_index(
        op.f("ix_orders_customer_id_placed_at_id"), "orders", ["customer_id", "placed_at", "id"], unique=False
    )
    op.create_index(op.f("ix_orders_restaurant_id"), "orders", ["restaurant_id"], unique=False)


def _order_events() -> None:
    op.create_table(
        "order_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.String(length=24), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "order.placed",
                "order.confirmed",
                "order.progressed",
                "order.completed",
                "order.rejected",
                "order.cancelled",
                "order.promise_moved",
                "order.contents_changed",
                "order.refunded",
                "order.tip_changed",
                "order.rated",
                "order.corrected",
                name="ordereventkind",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column(
            "by",
            sa.Enum("platform", "restaurant", "customer", "clock", name="actor", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("came_late", sa.Boolean(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_events_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_events")),
        sa.UniqueConstraint("order_id", "number", name=op.f("uq_order_events_order_id_number")),
    )
    op.create_index(
        "ix_order_events_pending",
        "order_events",
        ["id"],
        unique=False,
        postgresql_where=sa.text("published_at IS NULL"),
        sqlite_where=sa.text("published_at IS NULL"),
    )


def _order_lines() -> None:
    op.create_table(
        "order_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.String(length=24), nullable=False),
        sa.Column("ref", sa.String(length=24), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(length=200), nullable=True),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("ordered", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_minor", sa.BigInteger(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_lines_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_lines")),
        sa.UniqueConstraint("order_id", "ref", name=op.f("uq_order_lines_order_id_ref")),
    )


def _refunds() -> None:
    op.create_table(
        "refunds",
        sa.Column("order_id", sa.String(length=24), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stamp", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_refunds_order_id")),
        sa.PrimaryKeyConstraint("order_id", "ref", name=op.f("pk_refunds")),
    )
