"""Queries by which tests look up the effect of what they sent."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.orders.model import Order


def order_by_platform_id(session: Session, platform_account_id: str, platform_order_id: str) -> Order | None:
    """Return the order with this number at the platform, or None if this platform account has no such order."""
    return session.scalar(
        select(Order).where(
            Order.platform_account_id == platform_account_id, Order.platform_order_id == platform_order_id
        )
    )
