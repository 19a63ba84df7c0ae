"""Registering restaurants, their secrets, their accounts at platforms, and applications."""

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
"""How long a secret stays valid beside the one that replaces it, by default."""

_PLATFORM_ACCOUNT = CompiledStatement(
    select(PlatformAccount.restaurant_id, PlatformAccount.verify_token_hash, Restaurant.currency)
    .join(PlatformAccount.restaurant)
    .where(PlatformAccount.id == bindparam("id"), PlatformAccount.platform == bindparam("platform"))
)


class InvalidRestaurant(Exception):
    """A property of the restaurant is invalid. The text names it in a sentence."""


class InvalidApplication(Exception):
    """A property of the application is invalid. The text names it in a sentence."""


def create_restaurant(
    *, name: str, zone: str, currency: str, locale: str, phone: str | None, colour: str, now: datetime
) -> Restaurant:
    """Return a new restaurant with the default settings. Raises InvalidRestaurant if one of its properties is invalid.

    `zone` is an IANA name, `currency` an ISO 4217 code, `locale` a BCP 47 tag and `colour` has the form #rrggbb.
    """
    if not (0 < len(name.strip()) <= 200 and name.isprintable()):
        raise InvalidRestaurant("A restaurant needs a name of at most 200 characters.")
    if phone is not None and not (0 < len(phone) <= 40 and phone.isprintable()):
        raise InvalidRestaurant(f"{phone} is not a phone number; write it like +353 1 555 0142.")
    if not is_colour(colour):
        raise InvalidRestaurant(f"{colour} is not a colour; write it like {USUAL_COLOUR}.")
    if zone not in available_timezones():
        raise InvalidRestaurant(f"{zone} is not a time zone; write it like Europe/Dublin.")
    if currency not in list_currencies():
        raise InvalidRestaurant(f"{currency} is not a currency; write it like EUR.")
    try:
        Locale.parse(locale, sep="-")
    except (UnknownLocaleError, ValueError):
        raise InvalidRestaurant(f"{locale} is not a locale; write it like en-IE.") from None
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
    """Return a new API secret of the restaurant as its record, which is to be stored, and the secret itself."""
    secret = new_secret()
    return RestaurantSecret(hash=hash_secret(secret), restaurant_id=restaurant.id, created_at=now), secret


def rotate_restaurant_secret(
    session: Session, restaurant: Restaurant, *, now: datetime, overlap: timedelta = DEFAULT_OVERLAP
) -> str:
    """Store and return a new API secret of the restaurant. The current secret becomes invalid after `overlap`.

    Older secrets that are still valid become invalid at once, so that at most two are ever valid.
    """
    advisory_lock(session, f"secrets of {restaurant.id}")
    valid = select(RestaurantSecret).where(RestaurantSecret.restaurant_id == restaurant.id, is_valid(now))
    newest_first = (RestaurantSecret.ends_at.is_not(None), RestaurantSecret.created_at.desc())
    for index, record in enumerate(session.scalars(valid.order_by(*newest_first)).all()):
        record.ends_at = now + overlap if index == 0 else now

    record, secret = issue_secret(restaurant, now=now)
    session.add(record)
    return secret


def create_platform_account(restaurant: Restaurant, platform: str, *, now: datetime) -> tuple[PlatformAccount, str]:
    """Return a new account of the restaurant at the platform of this name, and its verify token.

    The platform must send the token with each webhook; only its hash is stored.
    """
    token = new_secret()
    platform_account = PlatformAccount(
        id=new_id(now), restaurant=restaurant, platform=platform, verify_token_hash=hash_secret(token), created_at=now
    )
    return platform_account, token


def register_application(name: str, origins: list[str], *, now: datetime) -> Application:
    """Return a new application with an API key, for pages of these origins. Raises InvalidApplication."""
    if not (0 < len(name.strip()) <= 200 and name.isprintable()):
        raise InvalidApplication("An application needs a name of at most 200 characters.")
    return Application(id=new_id(now), name=name, key=new_secret(), origins=_normalise_origins(origins), created_at=now)


def set_application_origins(application: Application, origins: list[str]) -> None:
    """Replace the origins of the application's pages. Raises InvalidApplication for a malformed origin."""
    application.origins = _normalise_origins(origins)


def webhook_account(
    connection: Connection, platform: str, account_id: str
) -> tuple[PlatformAccount | None, WebhookToken]:
    """Return the account with this id at this platform, and the token that its webhooks must carry.

    If there is none, the account is None and no token matches. The account and its restaurant have only the attributes
    that processing a notice needs, and belong to no session: they can't be changed.
    """
    is_well_formed = is_id(account_id)  # PostgreSQL raises an error for a zero byte in a parameter
    row = _PLATFORM_ACCOUNT.first(connection, {"id": account_id, "platform": platform}) if is_well_formed else None
    if row is None:
        return None, WebhookToken("")
    restaurant_id, token_hash, currency = row
    restaurant = Restaurant(id=restaurant_id, currency=currency)
    account = PlatformAccount(id=account_id, restaurant_id=restaurant_id, restaurant=restaurant, platform=platform)
    for instance in (restaurant, account):
        make_transient_to_detached(instance)  # so that reading an attribute that was not loaded raises
    return account, WebhookToken(token_hash)


def all_restaurants(session: Session) -> Sequence[Restaurant]:
    """Return all restaurants, sorted by name."""
    return session.scalars(select(Restaurant).order_by(Restaurant.name, Restaurant.id)).all()


def all_platform_accounts(session: Session, restaurant: Restaurant) -> Sequence[PlatformAccount]:
    """Return the restaurant's accounts at platforms, oldest first."""
    statement = select(PlatformAccount).where(PlatformAccount.restaurant_id == restaurant.id)
    return session.scalars(statement.order_by(PlatformAccount.created_at, PlatformAccount.id)).all()


def _normalise_origins(origins: list[str]) -> list[str]:
    """Return the origins without duplicates, in the form that browsers send and with which they are compared.

    Raises InvalidApplication for a malformed origin.
    """
    for origin in origins:
        if not is_origin(origin):
            raise InvalidApplication(f"{origin} is no origin; say it like https://shop.example.com, without a path.")
    return list(dict.fromkeys(map(normalise_origin, origins)))
