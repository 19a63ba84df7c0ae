"""Who is looking. The session is a row of ours and the cookie only its signed token: what ends here has ended in every
copy of the cookie.
"""

from dataclasses import dataclass, field
from typing import ClassVar, NoReturn
from urllib.parse import urlsplit

from flask import Flask, Response, abort, redirect, request, url_for
from flask import session as cookie
from flask_login import LoginManager, current_user, login_user, logout_user

from tracker import clock
from tracker.accounts import reading, signing_in
from tracker.accounts.model import Customer
from tracker.config import Settings
from tracker.web.parts import parts


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The customer who is looking, and by which session: the proof that finders of their things take."""

    customer: Customer
    session_hash: str
    token: str = field(repr=False)

    is_authenticated: ClassVar = True
    is_active: ClassVar = True
    is_anonymous: ClassVar = False

    def get_id(self) -> str:
        """What Flask-Login keeps in the cookie."""
        return self.token


class _Logins(LoginManager):  # type: ignore[misc]  # Flask-Login is published without types
    """Flask-Login without its second cookie: how long somebody stays signed in is said by our row alone."""

    def _update_remember_cookie(self, response: Response) -> Response:
        return response  # Flask-Login's own looks at the session even for a picture, which no cache may then keep


def init(app: Flask) -> None:
    """Let the application know who is looking; give templates signed_in_or_none()."""
    settings: Settings = app.extensions["tracker"].settings
    app.config.update(
        SESSION_COOKIE_NAME=_cookie_name(settings),
        SESSION_COOKIE_SECURE=settings.uses_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=signing_in.KEPT_SESSION_LIFE,
    )
    logins = _Logins(app, add_context_processor=False)
    logins.session_protection = None  # a phone changes its address with every mast
    logins.user_loader(_signed_in_by)
    logins.unauthorized_handler(_ask_to_sign_in_first)
    app.add_template_global(signed_in_or_none)


def signed_in() -> SignedIn:
    """Who is looking. Nobody: the request ends here, at the sign-in page, or with 401 where no page was asked for."""
    return signed_in_or_none() or _ask_to_sign_in_first()


def signed_in_or_none() -> SignedIn | None:
    """Who is looking, if somebody is signed in."""
    found = current_user._get_current_object()
    return found if isinstance(found, SignedIn) else None


def let_in(token: str, *, keep: bool) -> None:
    """A new session in place of whatever this browser had: nothing that was in it before can be used after."""
    see_off()
    cookie.permanent = keep
    login_user(_signed_in_by(token))
    cookie.pop("_id")  # a hash of address and browser, which only Flask-Login's session protection would read


def see_off() -> None:
    """End the session of whoever is looking, here and in this browser."""
    ending = signed_in_or_none()
    if ending:
        now = clock.now()
        with parts().database.writing() as session:
            row = reading.session_by_token(session, ending.token, now=now)
            if row:
                signing_in.end_session(row, now=now)
    logout_user()
    cookie.clear()


def _signed_in_by(token: str) -> SignedIn | None:
    with parts().database.reading() as session:
        row = reading.session_by_token(session, token, now=clock.now())
    return SignedIn(row.customer, row.hash, token) if row else None


def _ask_to_sign_in_first() -> NoReturn:
    """For a page, the way to the sign-in page and back; for a script, 401."""
    accepted = request.accept_mimetypes
    takes_a_page = accepted.accept_html or not accepted
    mode = request.headers.get("Sec-Fetch-Mode", "navigate")
    if mode != "navigate" or "HX-Request" in request.headers or not takes_a_page:
        abort(401, "Please sign in to see this.")
    came_by_get = request.method in ("GET", "HEAD")
    next_path = request.full_path.removesuffix("?") if came_by_get else None
    abort(redirect(url_for("session.sign_in", next=next_path), 303))


def _cookie_name(settings: Settings) -> str:
    """On https a name that browsers take only from this very host, over TLS. Else one that no other port here has."""
    return "__Host-tracker" if settings.uses_https else f"tracker_{urlsplit(settings.origin).port or 80}"
