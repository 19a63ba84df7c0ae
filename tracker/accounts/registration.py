"""Taking a restaurant in, its secrets, connecting it to a platform, and registering applications."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError
from babel.numbers import list_currencies
from sqlalchemy import Connection as Transaction
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, make_transient_to_detached

from tracker.accounts.model import (
    USUAL_ANSWER_MINUTES,
    USUAL_COLOUR,
    USUAL_REASONS,
    USUAL_WINDOW_MINUTES,
    Application,
    Connection,
    IfUnanswered,
    Restaurant,
    RestaurantSecret,
)
from tracker.accounts.staff_queries import is_valid
from tracker.accounts.tokens import WebhookToken, hash_of, new_secret
from tracker.compiled_statement import Prepared
from tracker.database import in_turn
from tracker.ids import is_id, new_id
from tracker.setting_formats import as_browsers_write_it, is_colour, is_origin

USUAL_OVERLAP = timedelta(hours=24)
"""How long a secret stays valid beside the one that takes its place, unless it is said otherwise."""

_CONNECTION = Prepared(
    select(Connection.restaurant_id, Connection.verify_token_hash, Restaurant.currency)
    .join(Connection.restaurant)
    .where(Connection.id == bindparam("id"), Connection.platform == bindparam("platform"))
)


class NotARestaurant(Exception):
    """What was said of the restaurant can't be. The text says what is wrong, in a sentence."""


class NotAnApplication(Exception):
    """What was said of the application can't be. The text says what is wrong, in a sentence."""


def open_restaurant(
    *, name: str, zone: str, currency: str, locale: str, phone: str | None, colour: str, now: datetime
) -> Restaurant:
    """A new restaurant. Raises NotARestaurant for a zone, currency or locale that doesn't exist, and the like."""
    if not (0 < len(name.strip()) <= 200 and name.isprintable()):
        raise NotARestaurant("A restaurant has a name, of at most 200 letters.")
    if phone is not None and not (0 < len(phone) <= 40 and phone.isprintable()):
        raise NotARestaurant(f"{phone} is no phone number that could be shown; say it like +353 1 555 0142.")
    if not is_colour(colour):
        raise NotARestaurant(f"{colour} is no colour; say it like {USUAL_COLOUR}.")
    if zone not in available_timezones():
        raise NotARestaurant(f"{zone} is no time zone; say it like Europe/Dublin.")
    if currency not in list_currencies():
        raise NotARestaurant(f"{currency} is no currency; say it like EUR.")
    try:
        Locale.parse(locale, sep="-")
    except (UnknownLocaleError, ValueError):
        raise NotARestaurant(f"{locale} is no locale; say it like en-IE.") from None
    return Restaurant(
        id=new_id(now),
        name=name,
        zone=zone,
        currency=currency,
        locale=locale,
        phone=phone,
        colour=colour,
        window_minutes=USUAL_WINDOW_MINUTES,
        answer_minutes=USUAL_ANSWER_MINUTES,
        if_unanswered=IfUnanswered.CANCEL,
        reject_reasons=list(USUAL_REASONS),
        statuses={},
        created_at=now,
    )


def issue_secret(restaurant: Restaurant, *, now: datetime) -> tuple[RestaurantSecret, str]:
    """An API secret of the restaurant: what is kept of it, and the secret itself, to be shown this once."""
    secret = new_secret()
    return RestaurantSecret(hash=hash_of(secret), restaurant_id=restaurant.id, created_at=now), secret


def rotate_secret(
    session: Session, restaurant: Restaurant, *, now: datetime, overlap: timedelta = USUAL_OVERLAP
) -> str:
    """A new API secret of the restaurant, shown this once; the one in use ends after the overlap, or at once without.

    Of older ones that still overlapped none is left: at most two are ever valid.
    """
    in_turn(session, f"secrets of {restaurant.id}")
    valid = select(RestaurantSecret).where(RestaurantSecret.restaurant_id == restaurant.id, is_valid(now))
    newest_first = (RestaurantSecret.ends_at.is_not(None), RestaurantSecret.created_at.desc())
    for place, kept in enumerate(session.scalars(valid.order_by(*newest_first)).all()):
        kept.ends_at = now + overlap if place == 0 else now

    kept, secret = issue_secret(restaurant, now=now)
    session.add(kept)
    return secret


def connect(restaurant: Restaurant, platform: str, *, now: datetime) -> tuple[Connection, str]:
    """A webhook address for the restaurant's account at the platform of this name, and the token that the platform must
    send along."""
    token = new_secret()
    connection = Connection(
        id=new_id(now), restaurant=restaurant, platform=platform, verify_token_hash=hash_of(token), created_at=now
    )
    return connection, token


def register_application(name: str, origins: list[str], *, now: datetime) -> Application:
    """An application with a new API key, for the pages of these origins. Raises NotAnApplication."""
    if not (0 < len(name.strip()) <= 200 and name.isprintable()):
        raise NotAnApplication("An application has a name, of at most 200 letters.")
    return Application(id=new_id(now), name=name, key=new_secret(), origins=_written(origins), created_at=now)


def move_application(application: Application, origins: list[str]) -> None:
    """From now on its pages are those of these origins, and of no others. Raises NotAnApplication."""
    application.origins = _written(origins)


def webhook_account(transaction: Transaction, platform: str, account_id: str) -> tuple[Connection | None, WebhookToken]:
    """The account at this platform with this id, and the token that its webhooks must carry.

    The account is None if there is none; then no token matches. The account and its restaurant hold only what the way
    in needs: they are to look at, not to change.
    """
    known = is_id(account_id)  # PostgreSQL takes no zero byte, not even in a question
    found = _CONNECTION.first(transaction, {"id": account_id, "platform": platform}) if known else None
    if found is None:
        return None, WebhookToken("")
    restaurant_id, token_hash, currency = found
    restaurant = Restaurant(id=restaurant_id, currency=currency)
    account = Connection(id=account_id, restaurant_id=restaurant_id, restaurant=restaurant, platform=platform)
    for looked_at in (restaurant, account):
        make_transient_to_detached(looked_at)  # of a new one, what was not read would be None; of this, it is an error
    return account, WebhookToken(token_hash)


def all_restaurants(session: Session) -> Sequence[Restaurant]:
    """Every restaurant, by name."""
    return session.scalars(select(Restaurant).order_by(Restaurant.name, Restaurant.id)).all()


def all_connections(session: Session, restaurant: Restaurant) -> Sequence[Connection]:
    """The restaurant's accounts at platforms, the oldest first."""
    mine = select(Connection).where(Connection.restaurant_id == restaurant.id)
    return session.scalars(mine.order_by(Connection.created_at, Connection.id)).all()


def _written(origins: list[str]) -> list[str]:
    """As browsers write them: else none of an application's pages would be of one of its origins."""
    for origin in origins:
        if not is_origin(origin):
            raise NotAnApplication(f"{origin} is no origin; say it like https://shop.example.com, without a path.")
    return list(dict.fromkeys(map(as_browsers_write_it, origins)))
