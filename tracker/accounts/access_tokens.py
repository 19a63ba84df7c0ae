"""Access tokens: letting an application act for a customer, finding what was let, and taking it back."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, false, or_, select, update
from sqlalchemy.orm import Session

from tracker.accounts.model import AccessToken, Application, Customer, Scope
from tracker.accounts.tokens import hash_secret, new_secret
from tracker.ids import is_id, new_id
from tracker.setting_formats import is_origin

MAX_STATUS_LIFETIME = timedelta(minutes=15)
"""How long a widget's token may live: it lies open in a page of somebody else's."""
_RETENTION = timedelta(days=1)


class NotGranted(Exception):
    """Such a token can't be. The text says what is wrong, in a sentence."""


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
    """Let the application act for the customer: what is kept of the token, and the token itself, shown this once.

    `restaurant_id`: the restaurant that asks, whose orders alone it opens. A token for the widget is of one order and
    of one origin of the application's, and lives for minutes. Raises NotGranted.
    """
    if Scope.STATUS in scopes:
        if len(set(scopes)) > 1:
            raise NotGranted("A token with the scope status lies open in a page: it is for that alone.")
        _check_status_token(application, order_id, origin, lifetime)
    elif origin is not None:
        raise NotGranted("An origin goes with the scope status only.")
    # A widget's names its application, for the frame must say which pages may hold it before it is shown a token.
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
    """The application with this API key."""
    if not key.isprintable():
        return None  # PostgreSQL takes no zero byte, not even in a question
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
    """What this restaurant has asked for and is still valid, newest first; of it the one with this id, those of this
    order, of this customer, or of this application. `before` is the id of the last one of the page before."""
    if before is not None and not is_id(before):
        return ()  # PostgreSQL takes no zero byte, not even in a question
    conditions = _valid_token_conditions(restaurant_id, token_id, order_id, customer_id, application_id, now)
    valid = select(AccessToken).where(*conditions)
    if before is not None:
        valid = valid.where(AccessToken.id < before)
    # Their ids begin with the second of their making.
    return session.scalars(valid.order_by(AccessToken.id.desc()).limit(limit)).all()


def revoke(tokens: Sequence[AccessToken], *, now: datetime) -> int:
    """From now on they open nothing; how many they were."""
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
    """From now on what this restaurant has asked for, or of it what is of this order, customer or application, opens
    nothing; how many they were. However many, they are gone at once: who needs this may be in a hurry."""
    valid = update(AccessToken).where(
        *_valid_token_conditions(restaurant_id, None, order_id, customer_id, application_id, now)
    )
    return len(session.scalars(valid.values(revoked_at=now).returning(AccessToken.id)).all())


def delete_old_access_tokens(session: Session, *, now: datetime) -> None:
    """Delete those that have been of no use to anybody for a day: a widget has another one every few minutes."""
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
    """What a statement asks of a restaurant's valid tokens; None: whichever."""
    if not all(is_id(value) for value in (token_id, order_id) if value is not None):
        return [false()]  # PostgreSQL takes no zero byte, not even in a question
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
        raise NotGranted("A token with the scope status is of one order: say which.")
    if origin is None or not is_origin(origin):
        raise NotGranted("A token with the scope status is of one origin: say it like https://shop.example.com.")
    if origin not in application.origins:
        raise NotGranted(f"{origin} is no origin of this application’s.")
    if lifetime > MAX_STATUS_LIFETIME:
        minutes = MAX_STATUS_LIFETIME // timedelta(minutes=1)
        raise NotGranted(f"A token with the scope status lives for at most {minutes} minutes.")
