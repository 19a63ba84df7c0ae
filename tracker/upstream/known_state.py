"""What we know when a notice comes in, asked in one question: of the notice, of its order, and of who ordered."""

from typing import NamedTuple

from sqlalchemy import BindParameter, bindparam, exists, select
from sqlalchemy import Connection as Transaction

from tracker.accounts.model import Customer, PlatformCustomer
from tracker.compiled_statement import Prepared
from tracker.orders.model import Order
from tracker.upstream.notice import Notice, NoticeState
from tracker.upstream.platform_events import Understood


class Known(NamedTuple):
    """Everything is empty, or not so, as long as we have heard nothing."""

    state: NoticeState | None
    """What has become of this very notice, which came before."""
    order_id: str | None
    is_awaited: bool
    """Notices about this order wait for it to be placed."""
    customer_id: str | None
    """The customer whom the platform knows by the number of who ordered."""
    has_address: bool | None
    """That customer can sign in."""


_CONNECTION: BindParameter[str] = bindparam("connection_id")
_NUMBER: BindParameter[str | None] = bindparam("platform_order_id")
_OF_THE_ORDER = (Notice.connection_id == _CONNECTION, Notice.platform_order_id == _NUMBER)
_WHO_ORDERED = (
    PlatformCustomer.connection_id == _CONNECTION,
    PlatformCustomer.platform_id == bindparam("person"),
)
_KNOWN = Prepared(
    select(
        select(Notice.state)
        .where(Notice.connection_id == _CONNECTION, Notice.source_id == bindparam("source_id"))
        .scalar_subquery(),
        select(Order.id)
        .where(Order.connection_id == _CONNECTION, Order.platform_order_id == _NUMBER)
        .scalar_subquery(),
        exists().where(*_OF_THE_ORDER, Notice.state == NoticeState.WAITING),
        select(PlatformCustomer.customer_id).where(*_WHO_ORDERED).scalar_subquery(),
        select(Customer.email.is_not(None))
        .join(PlatformCustomer, PlatformCustomer.customer_id == Customer.id)
        .where(*_WHO_ORDERED)
        .scalar_subquery(),
    )
)


def what_is_known(transaction: Transaction, connection_id: str, notice: Understood) -> Known:
    """What we know of all that the notice is about."""
    asked = {
        "connection_id": connection_id,
        "source_id": notice.source_id,
        "platform_order_id": notice.platform_order_id,
        "person": notice.person and notice.person.platform_id,
    }
    (row,) = _KNOWN.all(transaction, asked)
    return Known(*row)
