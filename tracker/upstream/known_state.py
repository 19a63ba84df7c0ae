"""Load what we already know of a notice, of its order and of its customer, in one query."""

from typing import NamedTuple

from sqlalchemy import BindParameter, Connection, bindparam, exists, select

from tracker.accounts.model import Customer, PlatformCustomer
from tracker.compiled_statement import CompiledStatement
from tracker.orders.model import Order
from tracker.upstream.notice import Notice, NoticeState
from tracker.upstream.platform_events import ParsedNotice


class KnownState(NamedTuple):
    """The stored state that concerns an arriving notice. Fields are None or False if nothing is known."""

    state: NoticeState | None
    """The state of this notice, if it was stored before."""
    order_id: str | None
    has_waiting_notices: bool
    """Whether stored notices wait for this order to be placed."""
    customer_id: str | None
    """Our customer for the platform's id of the person who ordered."""
    has_email: bool | None
    """Whether that customer has an e-mail address, and so can sign in."""


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
    """Return what we know of the notice, its order and its customer."""
    parameters = {
        "platform_account_id": platform_account_id,
        "source_id": notice.source_id,
        "platform_order_id": notice.platform_order_id,
        "person": notice.person and notice.person.platform_id,
    }
    (row,) = _KNOWN_STATE.all(connection, parameters)
    return KnownState(*row)
