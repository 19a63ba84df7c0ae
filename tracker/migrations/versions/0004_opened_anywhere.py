"""Add what opens an order elsewhere: access tokens for restaurants, sign-in tickets of their shops, and share links."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables from revision 0003 to this one, and keep their rows."""
    op.add_column("orders", sa.Column("has_onlookers", sa.Boolean(), nullable=False, server_default=sa.false()))
    _access_tokens()
    with op.batch_alter_table("customer_sessions") as table:
        table.add_column(sa.Column("restaurant_id", sa.String(length=24), nullable=True))
        table.create_foreign_key(op.f("fk_customer_sessions_restaurant_id"), "restaurants", ["restaurant_id"], ["id"])
        table.create_index(op.f("ix_customer_sessions_restaurant_id"), ["restaurant_id"])
    _restaurant_customers()
    _hand_overs()
    _share_links()


def _access_tokens() -> None:
    with op.batch_alter_table("access_tokens") as table:
        table.add_column(sa.Column("id", sa.String(length=24), nullable=True))
        table.add_column(sa.Column("restaurant_id", sa.String(length=24), nullable=True))
        table.add_column(sa.Column("scopes", sa.JSON(), nullable=False, server_default='["listen"]'))
        table.add_column(sa.Column("origin", sa.String(length=300), nullable=True))
        table.create_foreign_key(op.f("fk_access_tokens_restaurant_id"), "restaurants", ["restaurant_id"], ["id"])
    tokens = sa.table("access_tokens", sa.column("hash"), sa.column("id"))
    for its_hash in op.get_bind().execute(sa.select(tokens.c.hash)).scalars().all():
        op.execute(sa.update(tokens).where(tokens.c.hash == its_hash).values(id=secrets.token_hex(12)))
    with op.batch_alter_table("access_tokens") as table:
        table.alter_column("id", existing_type=sa.String(length=24), nullable=False)
        table.create_unique_constraint(op.f("uq_access_tokens_id"), ["id"])
        table.create_index(op.f("ix_access_tokens_restaurant_id"), ["restaurant_id"])


def _restaurant_customers() -> None:
    op.create_table(
        "restaurant_customers",
        sa.Column("restaurant_id", sa.String(length=24), nullable=False),
        sa.Column("own_id", sa.String(length=100), nullable=False),
        sa.Column("customer_id", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(
            ["restaurant_id"], ["restaurants.id"], name=op.f("fk_restaurant_customers_restaurant_id")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_restaurant_customers_customer_id")),
        sa.PrimaryKeyConstraint("restaurant_id", "own_id", name=op.f("pk_restaurant_customers")),
    )
    op.create_index(op.f("ix_restaurant_customers_customer_id"), "restaurant_customers", ["customer_id"])


def _hand_overs() -> None:
    op.create_table(
        "hand_overs",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("application_id", sa.String(length=24), nullable=False),
        sa.Column("restaurant_id", sa.String(length=24), nullable=False),
        sa.Column("customer_id", sa.String(length=24), nullable=False),
        sa.Column("order_id", sa.String(length=24), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_hand_overs_application_id")),
        sa.ForeignKeyConstraint(["restaurant_id"], ["restaurants.id"], name=op.f("fk_hand_overs_restaurant_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_hand_overs_customer_id")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_hand_overs")),
    )
    op.create_index(op.f("ix_hand_overs_restaurant_id"), "hand_overs", ["restaurant_id"])
    op.create_index(op.f("ix_hand_overs_customer_id"), "hand_overs", ["customer_id"])


def _share_links() -> None:
    op.create_table(
        "share_links",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=24), nullable=False),
        sa.Column("made_for", sa.String(length=80), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_share_links_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_links")),
        sa.UniqueConstraint("hash", name=op.f("uq_share_links_hash")),
    )
    op.create_index(op.f("ix_share_links_order_id"), "share_links", ["order_id"])
