"""Add adjustments and their answers, staff members, own orders, and the settings of restaurants for them."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_REASONS = (
    "We are too busy right now.",
    "We are closing soon.",
    "Something you ordered has run out.",
    "We can’t deliver to your address.",
)
_LIVE = sa.text("state IN ('placed', 'adjusted', 'confirmed')")
_OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    """Bring the tables from revision 0002 to this one, and keep their rows."""
    _restaurants()
    _staff_members()
    _orders()
    _adjustments()
    _placings()


def _enum(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=30)


def _restaurants() -> None:
    if_unanswered = _enum("go_ahead", "cancel", name="ifunanswered")
    op.add_column("restaurants", sa.Column("answer_minutes", sa.Integer(), nullable=False, server_default="10"))
    op.add_column("restaurants", sa.Column("if_unanswered", if_unanswered, nullable=False, server_default="cancel"))
    reasons = json.dumps(_REASONS)
    op.add_column("restaurants", sa.Column("reject_reasons", sa.JSON(), nullable=False, server_default=reasons))
    op.add_column("restaurants", sa.Column("statuses", sa.JSON(), nullable=False, server_default="{}"))


def _staff_members() -> None:
    op.create_table(
        "staff_members",
        sa.Column("restaurant_id", sa.String(length=24), nullable=False),
        sa.Column("customer_id", sa.String(length=24), nullable=False),
        sa.Column("role", _enum("owner", "staff", name="role"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["restaurant_id"], ["restaurants.id"], name=op.f("fk_staff_members_restaurant_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_staff_members_customer_id")),
        sa.PrimaryKeyConstraint("restaurant_id", "customer_id", name=op.f("pk_staff_members")),
    )
    op.create_index(op.f("ix_staff_members_customer_id"), "staff_members", ["customer_id"])


def _orders() -> None:
    op.add_column("orders", sa.Column("statuses", sa.JSON(), nullable=True))
    op.add_column("orders", sa.Column("customer_name", sa.String(length=200), nullable=True))
    op.add_column("orders", sa.Column("adjustment_count", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(
        "ix_orders_live", "orders", ["restaurant_id", "placed_at"], postgresql_where=_LIVE, sqlite_where=_LIVE
    )
    op.drop_index(op.f("ix_orders_restaurant_id"), table_name="orders")
    op.create_index(op.f("ix_orders_restaurant_id_ended_at"), "orders", ["restaurant_id", "ended_at"])
    op.add_column("order_lines", sa.Column("is_left_out", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("order_lines", sa.Column("options_left_out", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("order_events", sa.Column("who", sa.String(length=254), nullable=True))


def _adjustments() -> None:
    states = ("open", "accepted", "rejected", "lapsed", "replaced", "withdrawn")
    actors = ("platform", "restaurant", "customer", "clock")
    op.create_table(
        "adjustments",
        sa.Column("order_id", sa.String(length=24), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", _enum(*states, name="adjustmentstate"), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("difference", sa.BigInteger(), nullable=True),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("extensions", sa.Integer(), nullable=False),
        sa.Column("if_unanswered", _enum("go_ahead", "cancel", name="ifunanswered"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", _enum(*actors, name="actor"), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_adjustments_order_id")),
        sa.PrimaryKeyConstraint("order_id", "number", name=op.f("pk_adjustments")),
    )
    op.create_index("ix_adjustments_open", "adjustments", ["answer_by"], postgresql_where=_OPEN, sqlite_where=_OPEN)


def _placings() -> None:
    op.create_table(
        "placings",
        sa.Column("restaurant_id", sa.String(length=24), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=24), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["restaurant_id"], ["restaurants.id"], name=op.f("fk_placings_restaurant_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_placings_order_id")),
        sa.PrimaryKeyConstraint("restaurant_id", "key", name=op.f("pk_placings")),
    )
