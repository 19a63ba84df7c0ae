"""Who is looking. The session is a row of ours and the cookie only its signed token: what ends here has ended in every
copy of the cookie.
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
from tracker.accounts import queries as reading
from tracker.accounts import sign_in as signing_in
from tracker.accounts.tokens import hash_secret
from tracker.config import Settings
from tracker.web.http.services import services


@dataclass(frozen=True, slots=True)
class SignedInCustomer:
    """The customer who is looking, and by which session: the proof that finders of their things take."""

    customer_id: str
    actor_name: str
    """Their address, or else their name."""
    only_restaurant_id: str | None
    """The one restaurant whose orders they see, for its shop alone said who they are; without it, all of theirs."""
    session_hash: str
    token: str = field(repr=False)

    is_authenticated: ClassVar = True
    is_active: ClassVar = True
    is_anonymous: ClassVar = False

    def get_id(self) -> str:
        """What Flask-Login keeps in the cookie."""
        return self.token


class _LoginManager(LoginManager):  # type: ignore[misc]  # Flask-Login is published without types
    """Flask-Login without its second cookie: how long somebody stays signed in is said by our row alone."""

    def _update_remember_cookie(self, response: Response) -> Response:
        return response  # Flask-Login's own looks at the session even for a picture, which no cache may then keep

    def _session_protection_failed(self) -> bool:
        return False  # a phone changes its address with every mast; Flask-Login's own hashes it with every request


class _SessionInterface(SecureCookieSessionInterface):
    """Flask's signed cookie. What signs it is made once, not with every request."""

    @cache  # noqa: B019  there is one for each application, which lives as long as the process
    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        return super().get_signing_serializer(app)


def init(app: Flask) -> None:
    """Let the application know who is looking; give templates current_customer()."""
    settings: Settings = app.extensions["tracker"].settings
    app.config.update(
        SESSION_COOKIE_NAME=_cookie_name(settings),
        SESSION_COOKIE_SECURE=settings.uses_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=signing_in.REMEMBERED_SESSION_LIFETIME,
    )
    app.session_interface = _SessionInterface()
    logins = _LoginManager(app, add_context_processor=False)
    logins.user_loader(_load_customer)
    logins.unauthorized_handler(redirect_to_sign_in)
    app.add_template_global(current_customer)


def require_customer() -> SignedInCustomer:
    """Who is looking. Nobody: the request ends here, at the sign-in page, or with 401 where no page was asked for."""
    return current_customer() or redirect_to_sign_in()


def current_customer() -> SignedInCustomer | None:
    """Who is looking, if somebody is signed in."""
    found = current_user._get_current_object()
    return found if isinstance(found, SignedInCustomer) else None


def current_session_hash() -> str:
    """The hash of the session that this browser says it has, for a finder to judge. None: as with
    require_customer()."""
    token = cookie.get("_user_id")
    return hash_secret(token) if token else redirect_to_sign_in()


def set_current_user(customer_id: str, actor_name: str, only_restaurant_id: str | None) -> None:
    """A finder has found this customer by current_session_hash(): nobody needs to ask again who is looking."""
    g._login_user = SignedInCustomer(
        customer_id, actor_name, only_restaurant_id, current_session_hash(), cookie["_user_id"]
    )


def sign_in_customer(token: str, *, remember: bool) -> None:
    """A new session in place of whatever this browser had: nothing that was in it before can be used after."""
    sign_out_customer()
    cookie.permanent = remember
    login_user(_load_customer(token))
    cookie.pop("_id")  # a hash of address and browser, which only Flask-Login's session protection would read


def sign_out_customer() -> None:
    """End the session of whoever is looking, here and in this browser."""
    ending = current_customer()
    if ending:
        now = clock.now()
        with services().database.transaction() as session:
            row = reading.session_by_token(session, ending.token, now=now)
            if row:
                signing_in.end_session(row, now=now)
    logout_user()
    cookie.clear()


def _load_customer(token: str) -> SignedInCustomer | None:
    session_hash = hash_secret(token)
    with services().database.autocommit_connection() as connection:
        found = reading.visitor_by_session(connection, session_hash, now=clock.now())
    return SignedInCustomer(found[0], found[1], found[2], session_hash, token) if found else None


def redirect_to_sign_in(return_path: str | None = None) -> NoReturn:
    """For a page, the way to the sign-in page and back, or to `return_path`; for a script, 401."""
    accepted = request.accept_mimetypes
    accepts_html = accepted.accept_html or not accepted
    mode = request.headers.get("Sec-Fetch-Mode", "navigate")
    if mode != "navigate" or "HX-Request" in request.headers or not accepts_html:
        abort(401, "Please sign in to see this.")
    is_get = request.method in ("GET", "HEAD")
    next_path = request.full_path.removesuffix("?") if is_get else return_path
    abort(redirect(url_for("session.sign_in", next=next_path), 303))


def _cookie_name(settings: Settings) -> str:
    """On https a name that browsers take only from this very host, over TLS. Else one that no other port here has."""
    return "__Host-tracker" if settings.uses_https else f"tracker_{urlsplit(settings.origin).port or 80}"
