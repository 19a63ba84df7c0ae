"""What every answer carries and every request must pass, whichever door it takes."""

import secrets
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, request

from tracker.live.address import ChannelsAddress
from tracker.web.parts import parts

LARGEST_FORM = 64 * 1024
"""Bytes of a body, unless a view sets `request.max_content_length` itself."""
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
HEALTH_CHECKS = ("/up", "/ready")
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
OPEN = "open_to_other_sites"

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""What an answer gets unless its view has set it otherwise."""
POLICY_OF_A_PAGE = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self' {channels}; manifest-src 'self'; object-src 'none'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
POLICY_OF_ANYTHING_ELSE = "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
TWO_YEARS = 2 * 365 * 24 * 3600

View = TypeVar("View", bound=Callable[..., object])


def init(app: Flask) -> None:
    """Have every request checked and every answer marked; give templates csp_nonce() and channels_address()."""
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_FORM, MAX_FORM_MEMORY_SIZE=LARGEST_FORM, MAX_FORM_PARTS=100)
    app.before_request(_refuse_other_names)
    app.before_request(_refuse_other_sites)
    app.after_request(_mark)
    app.add_template_global(csp_nonce)
    app.add_template_global(channels_address)


def open_to_other_sites(view: View) -> View:
    """Let other sites' pages send unsafe requests to this view: it proves by itself who is asking, and reads no cookie.

    Goes below the route's decorator.
    """
    view.__dict__[OPEN] = True
    return view


def csp_nonce() -> str:
    """What an inline script or style of this answer must name to be obeyed; another one for each request."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(18)
    nonce: str = g.csp_nonce
    return nonce


def channels_address() -> ChannelsAddress:
    """Where this site's pages find the Channels service."""
    return ChannelsAddress.from_settings(parts().settings)


def keep_address_secret(response: Response) -> Response:
    """For an answer whose address is itself a key: nobody learns it as a referrer, from a cache, or from a search."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _refuse_other_names() -> None:
    """Else a name that somebody else points at us would be read as our own, in links and by browsers."""
    settings = parts().settings
    names = (urlsplit(settings.origin).hostname, *(THIS_MACHINE if settings.is_development else ()))
    if request.path not in HEALTH_CHECKS and _name_asked_for() not in names:
        abort(400, "This site does not answer to that name.")


def _name_asked_for() -> str | None:
    try:
        return urlsplit(f"//{request.host}").hostname
    except ValueError:
        return None


def _refuse_other_sites() -> None:
    """A page of somebody else's must not act in the name of whoever looks at it."""
    if request.method in SAFE_METHODS or _is_open() or _comes_from_us():
        return
    abort(403, "This was sent from another site. Please open our own page and try again there.")


def _is_open() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, OPEN, False)


def _comes_from_us() -> bool:
    """What the browser says itself; else what an old browser says; programs that are no browser say nothing."""
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or origin in (parts().settings.origin, f"{request.scheme}://{request.host}")


def _mark(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if _is_open():
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if parts().settings.uses_https:
        response.headers["Strict-Transport-Security"] = f"max-age={TWO_YEARS}"
    response.headers.setdefault("Content-Security-Policy", _policy(response))
    return response


def _policy(response: Response) -> str:
    if response.mimetype != "text/html":
        return POLICY_OF_ANYTHING_ELSE
    return POLICY_OF_A_PAGE.format(nonce=csp_nonce(), channels=channels_address().origin)
