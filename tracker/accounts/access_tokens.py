"""Access tokens, with which an application acts for a customer: granting, listing and revoking them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, false, or_, select, update
from sqlalchemy.orm import Session

from tracker.accounts.model import AccessToken, Application, Customer, Scope
from tracker.accounts.tokens import hash_secret, new_secret
from tracker.ids import is_id, new_id
from tracker.setting_formats import is_origin

MAX_STATUS_LIFETIME = timedelta(minutes=15)
"""The longest lifetime of a widget's token. It is short because the token is readable in another site's page."""
_RETENTION = timedelta(days=1)
"""How long an invalid token is stored."""


class NotGranted(Exception):
    """The token can't be granted. The text gives the reason as a sentence."""


def grant_access(
    application: Application,
    customer: Customer,
    *,
    lifetime: timedelta,
    now: datetime,
    order_id: str | None = None,
    restaurant_id: str | None = None,
    scopes: Collection[Scope] = (Scope.LISTEN,),
    origin: str | None = None,
) -> tuple[AccessToken, str]:
    """Return a new access token as its record, which is to be stored, and the token itself, which is not stored.

    `order_id` and `restaurant_id` limit the token to one order, or to the orders of the restaurant that asked for it.
    A token with the scope `status`, for the widget, must have an order and an origin of the application's, and lives
    for at most MAX_STATUS_LIFETIME. Raises NotGranted.
    """
    if Scope.STATUS in scopes:
        if len(set(scopes)) > 1:
            raise NotGranted("A token with the scope status can be read in its page, so it must be for that alone.")
        _check_status_token(application, order_id, origin, lifetime)
    elif origin is not None:
        raise NotGranted("An origin goes with the scope status only.")
    # A widget's token contains the id of its application: the frame's response must name the pages that may embed it
    # before the token itself has been checked.
    token = f"{application.id}.{new_secret()}" if Scope.STATUS in scopes else new_secret()
    record = AccessToken(
        hash=hash_secret(token),
        id=new_id(now),
        application_id=application.id,
        customer_id=customer.id,
        order_id=order_id,
        restaurant_id=restaurant_id,
        scopes=[scope.value for scope in Scope if scope in scopes],
        origin=origin,
        created_at=now,
        ends_at=now + lifetime,
    )
    return record, token


def application_by_key(session: Session, key: str) -> Application | None:
    """Return the application with this API key. Return None if there is none."""
    if not key.isprintable():
        return None  # PostgreSQL raises an error for a zero byte in a parameter
    return session.scalars(select(Application).where(Application.key == key)).one_or_none()


def access_tokens_of_restaurant(
    session: Session,
    restaurant_id: str,
    *,
    now: datetime,
    token_id: str | None = None,
    order_id: str | None = None,
    customer_id: str | None = None,
    application_id: str | None = None,
    before: str | None = None,
    limit: int | None = None,
) -> Sequence[AccessToken]:
    """Return the valid tokens that this restaurant has asked for, newest first.

    `token_id`, `order_id`, `customer_id` and `application_id` are filters; None does not filter. `before` is the id of
    the last token of the previous page.
    """
    if before is not None and not is_id(before):
        return ()  # PostgreSQL raises an error for a zero byte in a parameter
    conditions = _valid_token_conditions(restaurant_id, token_id, order_id, customer_id, application_id, now)
    valid = select(AccessToken).where(*conditions)
    if before is not None:
        valid = valid.where(AccessToken.id < before)
    # Ids begin with the time of their creation, so they sort by it.
    return session.scalars(valid.order_by(AccessToken.id.desc()).limit(limit)).all()


def revoke(tokens: Sequence[AccessToken], *, now: datetime) -> int:
    """Make these tokens invalid from now on. Return their number."""
    for token in tokens:
        token.revoked_at = now
    return len(tokens)


def revoke_access_tokens(
    session: Session,
    restaurant_id: str,
    *,
    now: datetime,
    order_id: str | None = None,
    customer_id: str | None = None,
    application_id: str | None = None,
) -> int:
    """Make the tokens that this restaurant has asked for invalid from now on. Return how many were valid.

    `order_id`, `customer_id` and `application_id` are filters; None does not filter. It is one statement however many
    tokens there are, because it may be an emergency.
    """
    valid = update(AccessToken).where(
        *_valid_token_conditions(restaurant_id, None, order_id, customer_id, application_id, now)
    )
    return len(session.scalars(valid.values(revoked_at=now).returning(AccessToken.id)).all())


def delete_old_access_tokens(session: Session, *, now: datetime) -> None:
    """Delete the tokens that have been invalid for a day. A widget needs a new one every few minutes."""
    long_ago = now - _RETENTION
    session.execute(delete(AccessToken).where(or_(AccessToken.ends_at < long_ago, AccessToken.revoked_at < long_ago)))


def _valid_token_conditions(
    restaurant_id: str,
    token_id: str | None,
    order_id: str | None,
    customer_id: str | None,
    application_id: str | None,
    now: datetime,
) -> list[ColumnElement[bool]]:
    """Return the conditions for the valid tokens that a restaurant has asked for. None does not filter."""
    if not all(is_id(value) for value in (token_id, order_id) if value is not None):
        return [false()]  # PostgreSQL raises an error for a zero byte in a parameter
    filters = (
        (AccessToken.id, token_id),
        (AccessToken.order_id, order_id),
        (AccessToken.customer_id, customer_id),
        (AccessToken.application_id, application_id),
    )
    is_valid = (AccessToken.restaurant_id == restaurant_id, AccessToken.revoked_at.is_(None), AccessToken.ends_at > now)
    return [*is_valid, *(column == wanted for column, wanted in filters if wanted is not None)]


def _check_status_token(
    application: Application, order_id: str | None, origin: str | None, lifetime: timedelta
) -> None:
    if order_id is None:
        raise NotGranted("A token with the scope status needs an order: say which.")
    if origin is None or not is_origin(origin):
        raise NotGranted("A token with the scope status is for pages of one origin, such as https://shop.example.com.")
    if origin not in application.origins:
        raise NotGranted(f"{origin} is no origin of this application’s.")
    if lifetime > MAX_STATUS_LIFETIME:
        minutes = MAX_STATUS_LIFETIME // timedelta(minutes=1)
        raise NotGranted(f"A token with the scope status lives for at most {minutes} minutes.")
