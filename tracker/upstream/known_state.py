"""What we know when a notice comes in, asked in one question: of the notice, of its order, and of who ordered."""

from typing import NamedTuple

from sqlalchemy import BindParameter, Connection, bindparam, exists, select

from tracker.accounts.model import Customer, PlatformCustomer
from tracker.compiled_statement import CompiledStatement
from tracker.orders.model import Order
from tracker.upstream.notice import Notice, NoticeState
from tracker.upstream.platform_events import ParsedNotice


class KnownState(NamedTuple):
    """Everything is empty, or not so, as long as we have heard nothing."""

    state: NoticeState | None
    """What has become of this very notice, which came before."""
    order_id: str | None
    has_waiting_notices: bool
    """Notices about this order wait for it to be placed."""
    customer_id: str | None
    """The customer whom the platform knows by the number of who ordered."""
    has_email: bool | None
    """That customer can sign in."""


_PLATFORM_ACCOUNT: BindParameter[str] = bindparam("platform_account_id")
_PLATFORM_ORDER_ID: BindParameter[str | None] = bindparam("platform_order_id")
_BY_ORDER = (Notice.platform_account_id == _PLATFORM_ACCOUNT, Notice.platform_order_id == _PLATFORM_ORDER_ID)
_BY_PLATFORM_CUSTOMER = (
    PlatformCustomer.platform_account_id == _PLATFORM_ACCOUNT,
    PlatformCustomer.platform_id == bindparam("person"),
)
_KNOWN_STATE = CompiledStatement(
    select(
        select(Notice.state)
        .where(Notice.platform_account_id == _PLATFORM_ACCOUNT, Notice.source_id == bindparam("source_id"))
        .scalar_subquery(),
        select(Order.id)
        .where(Order.platform_account_id == _PLATFORM_ACCOUNT, Order.platform_order_id == _PLATFORM_ORDER_ID)
        .scalar_subquery(),
        exists().where(*_BY_ORDER, Notice.state == NoticeState.WAITING),
        select(PlatformCustomer.customer_id).where(*_BY_PLATFORM_CUSTOMER).scalar_subquery(),
        select(Customer.email.is_not(None))
        .join(PlatformCustomer, PlatformCustomer.customer_id == Customer.id)
        .where(*_BY_PLATFORM_CUSTOMER)
        .scalar_subquery(),
    )
)


def load_known_state(connection: Connection, platform_account_id: str, notice: ParsedNotice) -> KnownState:
    """What we know of all that the notice is about."""
    asked = {
        "platform_account_id": platform_account_id,
        "source_id": notice.source_id,
        "platform_order_id": notice.platform_order_id,
        "person": notice.person and notice.person.platform_id,
    }
    (row,) = _KNOWN_STATE.all(connection, asked)
    return KnownState(*row)
