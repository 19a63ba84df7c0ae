"""Authentication of customers in browsers, by Flask-Login.

A session is a row in the database, and the cookie contains only its signed token: a session that is ended in the
database has ended in every copy of the cookie.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import ClassVar, NoReturn
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, redirect, request, url_for
from flask import session as cookie
from flask.sessions import SecureCookieSessionInterface
from flask_login import LoginManager, current_user, login_user, logout_user
from itsdangerous import URLSafeTimedSerializer

from tracker import clock
from tracker.accounts import queries
from tracker.accounts.sign_in import REMEMBERED_SESSION_LIFETIME, end_session
from tracker.accounts.tokens import hash_secret
from tracker.config import Settings
from tracker.web.http.services import services


@dataclass(frozen=True, slots=True)
class SignedInCustomer:
    """The signed-in customer with their session, which finders take as proof."""

    customer_id: str
    actor_name: str
    """E-mail address of the customer, or their name if they have no address."""
    only_restaurant_id: str | None
    """The only restaurant whose orders this session may see, if its shop signed the customer in. None: all orders."""
    session_hash: str
    token: str = field(repr=False)

    is_authenticated: ClassVar = True
    is_active: ClassVar = True
    is_anonymous: ClassVar = False

    def get_id(self) -> str:
        """Return what Flask-Login stores in the cookie."""
        return self.token


class _LoginManager(LoginManager):  # type: ignore[misc]  # Flask-Login is published without types
    """Flask-Login without its second cookie. Only the session's row decides how long a customer stays signed in."""

    def _update_remember_cookie(self, response: Response) -> Response:
        return response  # Flask-Login's own version reads the session even for a picture, which then can't be cached

    def _session_protection_failed(self) -> bool:
        return False  # a phone's IP address changes often; Flask-Login's own version hashes it with every request


class _SessionInterface(SecureCookieSessionInterface):
    """Flask's signed cookie. The serializer is created once instead of with every request."""

    @cache  # noqa: B019  there is one instance for each application, which lives as long as the process
    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        return super().get_signing_serializer(app)


def init(app: Flask) -> None:
    """Set up sessions and Flask-Login, and give templates current_customer()."""
    settings: Settings = app.extensions["tracker"].settings
    app.config.update(
        SESSION_COOKIE_NAME=_cookie_name(settings),
        SESSION_COOKIE_SECURE=settings.uses_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=REMEMBERED_SESSION_LIFETIME,
    )
    app.session_interface = _SessionInterface()
    logins = _LoginManager(app, add_context_processor=False)
    logins.user_loader(_load_customer)
    logins.unauthorized_handler(redirect_to_sign_in)
    app.add_template_global(current_customer)


def require_customer() -> SignedInCustomer:
    """Return the signed-in customer. If there is none, end the request as redirect_to_sign_in() does."""
    return current_customer() or redirect_to_sign_in()


def current_customer() -> SignedInCustomer | None:
    """Return the signed-in customer, or None if nobody is signed in."""
    found = current_user._get_current_object()
    return found if isinstance(found, SignedInCustomer) else None


def current_session_hash() -> str:
    """Return the hash of the session token in the cookie, unverified; finders verify it.

    If the cookie has no token, end the request as redirect_to_sign_in() does.
    """
    token = cookie.get("_user_id")
    return hash_secret(token) if token else redirect_to_sign_in()


def set_current_user(customer_id: str, actor_name: str, only_restaurant_id: str | None) -> None:
    """Set the signed-in customer from what a finder returned for current_session_hash(), to save a second query."""
    g._login_user = SignedInCustomer(
        customer_id, actor_name, only_restaurant_id, current_session_hash(), cookie["_user_id"]
    )


def sign_in_customer(token: str, *, remember: bool) -> None:
    """Start using this session in the browser. End its previous one and clear the cookie, against session fixation."""
    sign_out_customer()
    cookie.permanent = remember
    login_user(_load_customer(token))
    cookie.pop("_id")  # hash of IP address and browser, which only Flask-Login's session protection would read


def sign_out_customer() -> None:
    """End the current session in the database, if there is one, and clear the browser's cookie."""
    visitor = current_customer()
    if visitor:
        now = clock.now()
        with services().database.transaction() as session:
            row = queries.session_by_token(session, visitor.token, now=now)
            if row:
                end_session(row, now=now)
    logout_user()
    cookie.clear()


def _load_customer(token: str) -> SignedInCustomer | None:
    session_hash = hash_secret(token)
    with services().database.autocommit_connection() as connection:
        found = queries.visitor_by_session(connection, session_hash, now=clock.now())
    return SignedInCustomer(found[0], found[1], found[2], session_hash, token) if found else None


def redirect_to_sign_in(return_path: str | None = None) -> NoReturn:
    """End the request: a page navigation is redirected to the sign-in page, any other request gets 401.

    After signing in the customer returns to the requested page, or to `return_path` after a POST.
    """
    accepted = request.accept_mimetypes
    accepts_html = accepted.accept_html or not accepted
    mode = request.headers.get("Sec-Fetch-Mode", "navigate")
    if mode != "navigate" or "HX-Request" in request.headers or not accepts_html:
        abort(401, "Please sign in to see this.")
    is_get = request.method in ("GET", "HEAD")
    next_path = request.full_path.removesuffix("?") if is_get else return_path
    abort(redirect(url_for("session.sign_in", next=next_path), 303))


def _cookie_name(settings: Settings) -> str:
    """Return the cookie's name: with the __Host- prefix on https, which binds it to this host, otherwise with the port.

    The port keeps two development servers on one machine from overwriting each other's cookies.
    """
    return "__Host-tracker" if settings.uses_https else f"tracker_{urlsplit(settings.origin).port or 80}"
