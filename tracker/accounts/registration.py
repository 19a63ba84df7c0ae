"""Taking a restaurant in, its secrets, connecting it to a platform, and registering applications."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError
from babel.numbers import list_currencies
from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session, make_transient_to_detached

from tracker.accounts.model import (
    DEFAULT_REJECT_REASONS,
    USUAL_ANSWER_MINUTES,
    USUAL_COLOUR,
    USUAL_WINDOW_MINUTES,
    Application,
    IfUnanswered,
    PlatformAccount,
    Restaurant,
    RestaurantSecret,
)
from tracker.accounts.staff_queries import is_valid
from tracker.accounts.tokens import WebhookToken, hash_secret, new_secret
from tracker.compiled_statement import CompiledStatement
from tracker.database import advisory_lock
from tracker.ids import is_id, new_id
from tracker.setting_formats import is_colour, is_origin, normalise_origin

DEFAULT_OVERLAP = timedelta(hours=24)
"""How long a secret stays valid beside the one that takes its place, unless it is said otherwise."""

_PLATFORM_ACCOUNT = CompiledStatement(
    select(PlatformAccount.restaurant_id, PlatformAccount.verify_token_hash, Restaurant.currency)
    .join(PlatformAccount.restaurant)
    .where(PlatformAccount.id == bindparam("id"), PlatformAccount.platform == bindparam("platform"))
)


class InvalidRestaurant(Exception):
    """What was said of the restaurant can't be. The text says what is wrong, in a sentence."""


class InvalidApplication(Exception):
    """What was said of the application can't be. The text says what is wrong, in a sentence."""


def create_restaurant(
    *, name: str, zone: str, currency: str, locale: str, phone: str | None, colour: str, now: datetime
) -> Restaurant:
    """A new restaurant. Raises InvalidRestaurant for a zone, currency or locale that doesn't exist, and the like."""
    if not (0 < len(name.strip()) <= 200 and name.isprintable()):
        raise InvalidRestaurant("A restaurant has a name, of at most 200 letters.")
    if phone is not None and not (0 < len(phone) <= 40 and phone.isprintable()):
        raise InvalidRestaurant(f"{phone} is no phone number that could be shown; say it like +353 1 555 0142.")
    if not is_colour(colour):
        raise InvalidRestaurant(f"{colour} is no colour; say it like {USUAL_COLOUR}.")
    if zone not in available_timezones():
        raise InvalidRestaurant(f"{zone} is no time zone; say it like Europe/Dublin.")
    if currency not in list_currencies():
        raise InvalidRestaurant(f"{currency} is no currency; say it like EUR.")
    try:
        Locale.parse(locale, sep="-")
    except (UnknownLocaleError, ValueError):
        raise InvalidRestaurant(f"{locale} is no locale; say it like en-IE.") from None
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
        reject_reasons=list(DEFAULT_REJECT_REASONS),
        statuses={},
        created_at=now,
    )


def issue_secret(restaurant: Restaurant, *, now: datetime) -> tuple[RestaurantSecret, str]:
    """An API secret of the restaurant: what is kept of it, and the secret itself, to be shown this once."""
    secret = new_secret()
    return RestaurantSecret(hash=hash_secret(secret), restaurant_id=restaurant.id, created_at=now), secret


def rotate_restaurant_secret(
    session: Session, restaurant: Restaurant, *, now: datetime, overlap: timedelta = DEFAULT_OVERLAP
) -> str:
    """A new API secret of the restaurant, shown this once; the one in use ends after the overlap, or at once without.

    Of older ones that still overlapped none is left: at most two are ever valid.
    """
    advisory_lock(session, f"secrets of {restaurant.id}")
    valid = select(RestaurantSecret).where(RestaurantSecret.restaurant_id == restaurant.id, is_valid(now))
    newest_first = (RestaurantSecret.ends_at.is_not(None), RestaurantSecret.created_at.desc())
    for place, record in enumerate(session.scalars(valid.order_by(*newest_first)).all()):
        record.ends_at = now + overlap if place == 0 else now

    record, secret = issue_secret(restaurant, now=now)
    session.add(record)
    return secret


def create_platform_account(restaurant: Restaurant, platform: str, *, now: datetime) -> tuple[PlatformAccount, str]:
    """A webhook address for the restaurant's account at the platform of this name, and the token that the platform must
    send along."""
    token = new_secret()
    platform_account = PlatformAccount(
        id=new_id(now), restaurant=restaurant, platform=platform, verify_token_hash=hash_secret(token), created_at=now
    )
    return platform_account, token


def register_application(name: str, origins: list[str], *, now: datetime) -> Application:
    """An application with a new API key, for the pages of these origins. Raises InvalidApplication."""
    if not (0 < len(name.strip()) <= 200 and name.isprintable()):
        raise InvalidApplication("An application has a name, of at most 200 letters.")
    return Application(id=new_id(now), name=name, key=new_secret(), origins=_normalise_origins(origins), created_at=now)


def set_application_origins(application: Application, origins: list[str]) -> None:
    """From now on its pages are those of these origins, and of no others. Raises InvalidApplication."""
    application.origins = _normalise_origins(origins)


def webhook_account(
    connection: Connection, platform: str, account_id: str
) -> tuple[PlatformAccount | None, WebhookToken]:
    """The account at this platform with this id, and the token that its webhooks must carry.

    The account is None if there is none; then no token matches. The account and its restaurant hold only what the way
    in needs: they are to look at, not to change.
    """
    known = is_id(account_id)  # PostgreSQL takes no zero byte, not even in a question
    found = _PLATFORM_ACCOUNT.first(connection, {"id": account_id, "platform": platform}) if known else None
    if found is None:
        return None, WebhookToken("")
    restaurant_id, token_hash, currency = found
    restaurant = Restaurant(id=restaurant_id, currency=currency)
    account = PlatformAccount(id=account_id, restaurant_id=restaurant_id, restaurant=restaurant, platform=platform)
    for instance in (restaurant, account):
        make_transient_to_detached(instance)  # of a new one, what was not read would be None; of this, it is an error
    return account, WebhookToken(token_hash)


def all_restaurants(session: Session) -> Sequence[Restaurant]:
    """Every restaurant, by name."""
    return session.scalars(select(Restaurant).order_by(Restaurant.name, Restaurant.id)).all()


def all_platform_accounts(session: Session, restaurant: Restaurant) -> Sequence[PlatformAccount]:
    """The restaurant's accounts at platforms, the oldest first."""
    statement = select(PlatformAccount).where(PlatformAccount.restaurant_id == restaurant.id)
    return session.scalars(statement.order_by(PlatformAccount.created_at, PlatformAccount.id)).all()


def _normalise_origins(origins: list[str]) -> list[str]:
    """As browsers write them: else none of an application's pages would be of one of its origins."""
    for origin in origins:
        if not is_origin(origin):
            raise InvalidApplication(f"{origin} is no origin; say it like https://shop.example.com, without a path.")
    return list(dict.fromkeys(map(normalise_origin, origins)))
