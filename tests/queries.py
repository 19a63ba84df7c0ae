"""What tests look up in a database to see what has become of what they told."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.orders.model import Order


def order_by_platform_id(session: Session, platform_account_id: str, platform_order_id: str) -> Order | None:
    """The order that the platform of this platform account knows by this number."""
    return session.scalar(
        select(Order).where(
            Order.platform_account_id == platform_account_id, Order.platform_order_id == platform_order_id
        )
    )
