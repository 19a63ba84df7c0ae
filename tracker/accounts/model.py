"""The tables of restaurants, staff, platform accounts, applications, customers, their tokens and e-mails."""

from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.database import Base


class IfUnanswered(StrEnum):
    """Consequence for an order whose customer doesn't answer the restaurant's adjustment in time."""

    GO_AHEAD = "go_ahead"
    CANCEL = "cancel"


class Scope(StrEnum):
    """Permission that an access token gives."""

    LISTEN = "listen"
    """Subscribing to the channels private-o-{order_id} and receiving all their events."""
    STATUS = "status"
    """The status widget of one order on the pages of one origin: it shows the step of the order and nothing else."""


class Role(StrEnum):
    """Permissions of a staff member. Both roles may do all with orders; owners also manage staff and settings."""

    OWNER = "owner"
    STAFF = "staff"


USUAL_COLOUR = "#1f5f4a"
"""The colour of a restaurant that has chosen none: the green of our own pages."""
USUAL_WINDOW_MINUTES = 10
USUAL_ANSWER_MINUTES = 10
DEFAULT_REJECT_REASONS = (
    "We are too busy right now.",
    "We are closing soon.",
    "Something you ordered has run out.",
    "We can’t deliver to your address.",
)
"""The reasons for rejecting an order from which a restaurant chooses until it writes its own."""


class Restaurant(Base):
    """A restaurant, which is the tenant: each order belongs to one."""

    __tablename__ = "restaurants"

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    zone: Mapped[str] = mapped_column(String(64))
    """IANA name of the restaurant's time zone, such as Europe/Dublin."""
    currency: Mapped[str] = mapped_column(String(3))
    """ISO 4217 code, used where an order doesn't name its own."""
    locale: Mapped[str] = mapped_column(String(20))
    """BCP 47 tag, such as en-IE; it determines how times and amounts are written."""
    phone: Mapped[str | None] = mapped_column(String(40))
    colour: Mapped[str] = mapped_column(String(7), default=USUAL_COLOUR)
    """The restaurant's colour as #rrggbb; text on it is black or white, whichever is easier to read."""
    window_minutes: Mapped[int] = mapped_column(default=USUAL_WINDOW_MINUTES)
    """The minutes of the window in which a promise is shown: 18:40 with 10 becomes 18:40 to 18:50."""
    answer_minutes: Mapped[int] = mapped_column(default=USUAL_ANSWER_MINUTES)
    """The minutes that a customer has to answer an adjustment, and that each request for more time adds."""
    if_unanswered: Mapped[IfUnanswered] = mapped_column(default=IfUnanswered.CANCEL)
    reject_reasons: Mapped[list[str]] = mapped_column(JSON, default=lambda: list(DEFAULT_REJECT_REASONS))
    """The reasons from which the restaurant chooses when it rejects an order."""
    statuses: Mapped[dict[str, list[dict[str, str]]]] = mapped_column(JSON, default=dict)
    """The restaurant's own statuses for each fulfilment; see orders/progress.py. Empty means the default ones."""
    created_at: Mapped[datetime]

    @property
    def timezone(self) -> ZoneInfo:
        """The restaurant's time zone, for converting times."""
        return ZoneInfo(self.zone)


class StaffMember(Base):
    """A person's role at a restaurant. Staff members sign in like customers."""

    __tablename__ = "staff_members"

    restaurant_id: Mapped[str] = mapped_column(ForeignKey("restaurants.id"), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), primary_key=True, index=True)
    """The person. One person has one row of `customers`, one address and one sign-in, whether they order or work."""
    role: Mapped[Role]
    created_at: Mapped[datetime]

    restaurant: Mapped[Restaurant] = relationship(lazy="joined", innerjoin=True)


class RestaurantSecret(Base):
    """An API secret of a restaurant, stored as a hash. Two may be valid while one replaces the other."""

    __tablename__ = "restaurant_secrets"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    restaurant_id: Mapped[str] = mapped_column(ForeignKey("restaurants.id"), index=True)
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]


class PlatformAccount(Base):
    """A restaurant's account at a platform. It has one webhook address and one verify token."""

    __tablename__ = "platform_accounts"

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    restaurant_id: Mapped[str] = mapped_column(ForeignKey("restaurants.id"), index=True)
    platform: Mapped[str] = mapped_column(String(30))
    """The platform's name in the registry (tracker/upstream/platforms)."""
    verify_token_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]

    restaurant: Mapped[Restaurant] = relationship()


class Application(Base):
    """A site or an app that shows orders, known by its API key and its origins."""

    __tablename__ = "applications"

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    key: Mapped[str] = mapped_column(String(64), unique=True)
    """The API key, which is public; Open Dining's contract calls it `key`."""
    origins: Mapped[list[str]] = mapped_column(JSON, default=list)
    """The exact origins (scheme://host[:port]) whose pages may call the API and embed the widget."""
    created_at: Mapped[datetime]


class Customer(Base):
    """A person who orders or works at a restaurant. They sign in by their address; without one they can't."""

    __tablename__ = "customers"

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    """The normalised address (email_addresses.normalise_email)."""
    name: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]


class PlatformCustomer(Base):
    """The customer whom a platform identifies by a number of its own."""

    __tablename__ = "platform_customers"

    platform_account_id: Mapped[str] = mapped_column(ForeignKey("platform_accounts.id"), primary_key=True)
    platform_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)


class RestaurantCustomer(Base):
    """The customer whom a restaurant's own shop identifies by an id of its own."""

    __tablename__ = "restaurant_customers"

    restaurant_id: Mapped[str] = mapped_column(ForeignKey("restaurants.id"), primary_key=True)
    own_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)


class AccessToken(Base):
    """A token with which an application acts for a customer, for all orders or for one. It is stored as a hash."""

    __tablename__ = "access_tokens"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    id: Mapped[str] = mapped_column(String(24), unique=True)
    """The id by which the token is listed and revoked without showing the token itself."""
    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id"), index=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)
    order_id: Mapped[str | None] = mapped_column(String(24))
    """The only order that the token opens; None means every order of the customer."""
    restaurant_id: Mapped[str | None] = mapped_column(ForeignKey("restaurants.id"), index=True)
    """The restaurant that asked for the token, which opens only its orders; None if an operator granted it."""
    scopes: Mapped[list[str]] = mapped_column(JSON, default=lambda: [Scope.LISTEN.value])
    origin: Mapped[str | None] = mapped_column(String(300))
    """The exact origin (scheme://host[:port]) of the pages that may embed the token's widget."""
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class CustomerSession(Base):
    """The session of a browser in which a customer is signed in. Signing out ends it here, not only in the cookie."""

    __tablename__ = "customer_sessions"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)
    restaurant_id: Mapped[str | None] = mapped_column(ForeignKey("restaurants.id"), index=True)
    """The restaurant whose shop has vouched for the customer; the session opens only the orders at that restaurant.
    None if the customer has signed in here; then the session opens all their orders."""
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    customer: Mapped[Customer] = relationship(lazy="joined", innerjoin=True)


class SignInCode(Base):
    """A code and a link for signing in, which were requested for an address, whether or not a customer has it."""

    __tablename__ = "sign_in_codes"

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    email: Mapped[str] = mapped_column(String(254), index=True)
    client_hash: Mapped[str] = mapped_column(String(64), index=True)
    """A keyed hash of the network address that requested it, to limit the requests of one machine."""
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id"))
    code_hash: Mapped[str] = mapped_column(String(64))
    link_hash: Mapped[str] = mapped_column(String(64), unique=True)
    asked_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]

    customer: Mapped[Customer | None] = relationship()


class Mail(Base):
    """An e-mail to be sent. Its text is deleted after sending, because it may contain a link that signs somebody in."""

    __tablename__ = "mails"

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    try_at: Mapped[datetime | None] = mapped_column(index=True)
    """The time of the next attempt; None after the e-mail was sent or given up."""
    useful_until: Mapped[datetime | None]
    """The time after which the e-mail is of no use and is given up without being sent."""
