"""Restaurants and how orders reach them, customers and how they prove who they are."""

from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.database import Base


class IfUnanswered(StrEnum):
    """What becomes of an order when its customer doesn't answer the restaurant's adjustment in time."""

    GO_AHEAD = "go_ahead"
    CANCEL = "cancel"


class Scope(StrEnum):
    """What an access token is good for."""

    LISTEN = "listen"
    """The channels private-o-{order_id}, with all that is said there."""
    STATUS = "status"
    """The status widget of one order on the pages of one origin: how far it is, and nothing else."""


class Role(StrEnum):
    """What a staff member may do: everything with orders; an owner also says who else may, and how it is done."""

    OWNER = "owner"
    STAFF = "staff"


USUAL_COLOUR = "#1f5f4a"
"""The colour of a restaurant that has named none: our own green."""
USUAL_WINDOW_MINUTES = 10
USUAL_ANSWER_MINUTES = 10
DEFAULT_REJECT_REASONS = (
    "We are too busy right now.",
    "We are closing soon.",
    "Something you ordered has run out.",
    "We can’t deliver to your address.",
)
"""Why a restaurant that has not said otherwise rejects an order."""


class Restaurant(Base):
    """The tenant: the kitchen whose orders these are."""

    __tablename__ = "restaurants"

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    zone: Mapped[str] = mapped_column(String(64))
    """IANA name of the zone in which the restaurant's clock hangs, such as Europe/Dublin."""
    currency: Mapped[str] = mapped_column(String(3))
    """ISO 4217 code, used where an order doesn't name its own."""
    locale: Mapped[str] = mapped_column(String(20))
    """BCP 47 tag, such as en-IE: how times and money are written."""
    phone: Mapped[str | None] = mapped_column(String(40))
    colour: Mapped[str] = mapped_column(String(7), default=USUAL_COLOUR)
    """The restaurant's colour as #rrggbb; text on it is black or white, whichever is easier to read."""
    window_minutes: Mapped[int] = mapped_column(default=USUAL_WINDOW_MINUTES)
    """How wide a promised time is shown: 18:40 with 10 becomes 18:40 to 18:50."""
    answer_minutes: Mapped[int] = mapped_column(default=USUAL_ANSWER_MINUTES)
    """How long a customer has to answer an adjustment, and how much longer with each time that they ask for more."""
    if_unanswered: Mapped[IfUnanswered] = mapped_column(default=IfUnanswered.CANCEL)
    reject_reasons: Mapped[list[str]] = mapped_column(JSON, default=lambda: list(DEFAULT_REJECT_REASONS))
    """The sentences that the restaurant chooses from when it rejects an order."""
    statuses: Mapped[dict[str, list[dict[str, str]]]] = mapped_column(JSON, default=dict)
    """Its own status names for each way of fulfilment; see orders/progress.py. Empty means the default ones."""
    created_at: Mapped[datetime]

    @property
    def timezone(self) -> ZoneInfo:
        """The zone as something to convert times with."""
        return ZoneInfo(self.zone)


class StaffMember(Base):
    """Somebody who works at a restaurant. They sign in like everybody; what they may do there is said here."""

    __tablename__ = "staff_members"

    restaurant_id: Mapped[str] = mapped_column(ForeignKey("restaurants.id"), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), primary_key=True, index=True)
    """Who it is: one person, one address, one sign-in, whether they order or work."""
    role: Mapped[Role]
    created_at: Mapped[datetime]

    restaurant: Mapped[Restaurant] = relationship(lazy="joined", innerjoin=True)


class RestaurantSecret(Base):
    """The restaurant's API secret, kept as a hash; two may be valid while one is being replaced."""

    __tablename__ = "restaurant_secrets"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    restaurant_id: Mapped[str] = mapped_column(ForeignKey("restaurants.id"), index=True)
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]


class PlatformAccount(Base):
    """A restaurant's account at a platform: one webhook address, one verify token."""

    __tablename__ = "platform_accounts"

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    restaurant_id: Mapped[str] = mapped_column(ForeignKey("restaurants.id"), index=True)
    platform: Mapped[str] = mapped_column(String(30))
    """The platform's name in the registry (tracker/upstream/platforms)."""
    verify_token_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]

    restaurant: Mapped[Restaurant] = relationship()


class Application(Base):
    """Who integrates: a site or an app that shows orders, known by its API key and its origins."""

    __tablename__ = "applications"

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    key: Mapped[str] = mapped_column(String(64), unique=True)
    """The public half, as the contract's `key`."""
    origins: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Exact origins (scheme://host[:port]) whose pages may call us."""
    created_at: Mapped[datetime]


class Customer(Base):
    """Who ordered. The address is how they sign in; without one nobody can."""

    __tablename__ = "customers"

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    """In lower case."""
    name: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]


class PlatformCustomer(Base):
    """Which of our customers somebody is whom a platform knows by a number of its own."""

    __tablename__ = "platform_customers"

    platform_account_id: Mapped[str] = mapped_column(ForeignKey("platform_accounts.id"), primary_key=True)
    platform_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)


class RestaurantCustomer(Base):
    """Which of our customers somebody is whom a restaurant's own shop knows by an id of its own."""

    __tablename__ = "restaurant_customers"

    restaurant_id: Mapped[str] = mapped_column(ForeignKey("restaurants.id"), primary_key=True)
    own_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)


class AccessToken(Base):
    """Lets an application act for one customer, for all their orders or for one. Kept as a hash."""

    __tablename__ = "access_tokens"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    id: Mapped[str] = mapped_column(String(24), unique=True)
    """What it is called where the token itself is not to be shown, to revoke it by."""
    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id"), index=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)
    order_id: Mapped[str | None] = mapped_column(String(24))
    """The one order it opens; without it, every order of the customer."""
    restaurant_id: Mapped[str | None] = mapped_column(ForeignKey("restaurants.id"), index=True)
    """The restaurant that asked for it, whose orders alone it opens; without it, an operator did, and it opens all."""
    scopes: Mapped[list[str]] = mapped_column(JSON, default=lambda: [Scope.LISTEN.value])
    origin: Mapped[str | None] = mapped_column(String(300))
    """The exact origin (scheme://host[:port]) of the pages on which its widget may stand."""
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class CustomerSession(Base):
    """One browser in which a customer is signed in. Signing out ends it here, not only in the cookie."""

    __tablename__ = "customer_sessions"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)
    restaurant_id: Mapped[str | None] = mapped_column(ForeignKey("restaurants.id"), index=True)
    """The restaurant whose shop said who this is: its orders are all that such a session opens. Without it, the
    customer has proven it here, and sees everything of theirs."""
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    customer: Mapped[Customer] = relationship(lazy="joined", innerjoin=True)


class SignInCode(Base):
    """A code and a link that were asked for, whether or not anybody is known by that address."""

    __tablename__ = "sign_in_codes"

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    email: Mapped[str] = mapped_column(String(254), index=True)
    client_hash: Mapped[str] = mapped_column(String(64), index=True)
    """Of the network address that asked: so that one machine can't ask for everybody's."""
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id"))
    code_hash: Mapped[str] = mapped_column(String(64))
    link_hash: Mapped[str] = mapped_column(String(64), unique=True)
    asked_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]

    customer: Mapped[Customer | None] = relationship()


class Mail(Base):
    """An email to be sent. Its text is wiped once it has gone, for it may hold a way in."""

    __tablename__ = "mails"

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    try_at: Mapped[datetime | None] = mapped_column(index=True)
    """When to try next; empty when it has gone or was given up."""
    useful_until: Mapped[datetime | None]
    """After this the email would only confuse: it is given up unsent."""
