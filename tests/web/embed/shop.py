"""A shop that shows the status of Ada's order on its own pages, and its requests."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.builders import a_customer, a_restaurant, an_own_order
from tracker.accounts.access_tokens import MAX_STATUS_LIFETIME, grant_access
from tracker.accounts.model import Application, Customer, Scope
from tracker.accounts.registration import register_application
from tracker.accounts.sign_in import start_session
from tracker.accounts.tokens import share_link_secret
from tracker.config import Settings
from tracker.database import Database
from tracker.orders.model import Order
from tracker.orders.operations import by_restaurant
from tracker.orders.operations.share_links import ShareLink, share_order

SHOP, OTHER_ORIGIN, FOREIGN_ORIGIN = "https://shop.example.com", "http://localhost:3000", "https://copied.example.com"
REGION = "/embed/v1/order-status/region"


@dataclass
class Embedded:
    """Ada's order, confirmed for 18:30, and the shop whose pages may show it."""

    database: Database
    settings: Settings
    now: datetime
    order_id: str = field(init=False)
    application_id: str = field(init=False)
    ada: str = field(init=False)

    def __post_init__(self) -> None:
        ada = a_customer()
        order = an_own_order(a_restaurant(), customer=ada, placed_at=self.now, table_name="Window 3")
        application = register_application("Shop", [SHOP, OTHER_ORIGIN], now=self.now)
        with self.database.transaction() as session:
            session.add_all([order, application])
            session.flush()
            by_restaurant.confirm_order(order, self.now + timedelta(minutes=30), actor_name="API", now=self.now)
            self.order_id, self.application_id, self.ada = order.id, application.id, ada.id

    @property
    def frame(self) -> str:
        """The address of the shop's frame."""
        return f"/embed/v1/order-status/{self.application_id}"

    def token(self, *, origin: str = SHOP, lifetime: timedelta = MAX_STATUS_LIFETIME) -> str:
        """Issue a token for the widget of Ada's order."""
        return self._grant(lifetime, scopes=(Scope.STATUS,), origin=origin)

    def listening_token(self) -> str:
        """Issue a token with which the shop can listen to all messages of the order, but not show a widget."""
        return self._grant(timedelta(hours=1))

    def session(self) -> str:
        """Start a session of Ada's and return its token."""
        with self.database.transaction() as session:
            return start_session(session, session.get_one(Customer, self.ada), remember=False, now=self.now)

    def _grant(self, lifetime: timedelta, **more: object) -> str:
        with self.database.transaction() as session:
            application = session.get_one(Application, self.application_id)
            customer = session.get_one(Customer, self.ada)
            access_token, token = grant_access(
                application, customer, lifetime=lifetime, now=self.now, order_id=self.order_id, **more
            )  # type: ignore[arg-type]  # the arguments of grant_access
            session.add(access_token)
        return token

    def share(self) -> tuple[str, str]:
        """Create a share link and return its id and its secret."""
        key = self.settings.secret_key.get_secret_value()
        with self.database.transaction() as session:
            link = share_order(session.get_one(Order, self.order_id), [], None, secret_key=key, now=self.now)
            session.add(link)
            return link.id, share_link_secret(key, link.id)

    def revoke_share(self, link_id: str) -> None:
        """Revoke the share link."""
        with self.database.transaction() as session:
            session.get_one(ShareLink, link_id).revoked_at = self.now

    def set_origins(self, *origins: str) -> None:
        """Replace the origins of the shop's application."""
        with self.database.transaction() as session:
            session.get_one(Application, self.application_id).origins = list(origins)


def ask(client: FlaskClient, token: str | None, origin: str | None = SHOP, **more: str) -> TestResponse:
    """Fetch the region as the frame's script does. Capitalised names in `more` are headers, the others are options."""
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    if origin is not None:
        headers["X-Embedded-In"] = origin
    headers |= {name.replace("_", "-"): text for name, text in more.items() if name[0].isupper()}
    options = {name: text for name, text in more.items() if name[0].islower()}
    return client.get(REGION, query_string=options, headers=headers)


def ancestors(response: TestResponse) -> str:
    """Return the frame-ancestors of the response's Content-Security-Policy."""
    policy = response.headers["Content-Security-Policy"]
    return next(part.strip() for part in policy.split(";") if "frame-ancestors" in part)
