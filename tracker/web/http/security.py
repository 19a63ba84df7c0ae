"""What every answer carries and every request must pass, whichever door it takes."""

import secrets
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, request

from tracker.config import Settings
from tracker.live.address import ChannelsAddress
from tracker.setting_formats import LOOPBACK_HOSTS, is_origin

MAX_FORM_BYTES = 64 * 1024
"""Bytes of a body, unless a view sets `request.max_content_length` itself."""
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
HEALTH_CHECKS = ("/up", "/ready")
CSRF_EXEMPT, FRAMEABLE = "csrf_exempt", "allow_framing"

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
PAGE_CSP = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self' {channels}; manifest-src 'self'; object-src 'none'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
POLICY_OF_A_PAGE_WITH_FRAMES = f"{PAGE_CSP}; frame-src 'self'"
"""Of a page that holds frames of our own site."""
POLICY_OF_A_STILL_FRAME = (
    "default-src 'none'; style-src 'nonce-{nonce}'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
"""Of a document without scripts that only our own pages may hold."""
FRAME_CSP = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self' {channels}; "
    "form-action 'none'; base-uri 'none'; frame-ancestors {ancestors}"
)
"""Of the one document that pages of other sites may hold: those which set_frame_ancestors() has named."""
DEFAULT_CSP = "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
SUBRESOURCE_TYPES = frozenset({"text/css", "text/javascript"})
"""What is only ever used by a page, and is no document: none that could be framed, opened, or asked for a camera."""
DOCUMENT_ONLY_HEADERS = ("X-Frame-Options", "Referrer-Policy", "Permissions-Policy", "Cross-Origin-Opener-Policy")
SUBRESOURCE_CSP = "default-src 'none'; frame-ancestors 'none'"
TWO_YEARS = 2 * 365 * 24 * 3600

View = TypeVar("View", bound=Callable[..., object])


def init(app: Flask) -> None:
    """Have every request checked and every answer marked; give templates csp_nonce() and channels_address()."""
    app.config.update(MAX_CONTENT_LENGTH=MAX_FORM_BYTES, MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES, MAX_FORM_PARTS=100)
    security = _Security(app.extensions["tracker"].settings)
    app.before_request(security.check_host)
    app.before_request(security.check_csrf)
    app.after_request(security.add_headers)
    app.add_template_global(csp_nonce)
    app.add_template_global(lambda: security.channels, "channels_address")


def csrf_exempt(view: View) -> View:
    """Let other sites' pages send unsafe requests to this view: it proves by itself who is asking, and reads no cookie.

    Goes below the route's decorator.
    """
    view.__dict__[CSRF_EXEMPT] = True
    return view


def allow_framing(view: View) -> View:
    """Let this view say, with set_frame_ancestors(), whose pages may hold its document in a frame; no other view is
    heard.

    Goes below the route's decorator.
    """
    view.__dict__[FRAMEABLE] = True
    return view


def set_frame_ancestors(origins: Iterable[str]) -> None:
    """The answer to this request may be held by pages of these origins (scheme://host[:port]); by none if there are
    none, or if the view may not be framed."""
    g.frame_ancestors = tuple(origin for origin in origins if is_origin(origin))


def csp_nonce() -> str:
    """What an inline script or style of this answer must name to be obeyed; another one for each request."""
    nonce: str = g.get("csp_nonce") or g.setdefault("csp_nonce", secrets.token_urlsafe(18))
    return nonce


def protect_secret_url(response: Response) -> Response:
    """For an answer whose address is itself a key: nobody learns it as a referrer, from a cache, or from a search."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


class _Security:
    """The checks and the marks. What follows from the settings alone is worked out once, not with every request."""

    def __init__(self, settings: Settings) -> None:
        self.channels = ChannelsAddress.from_settings(settings)
        self._origin = settings.origin
        self._hostnames = {urlsplit(settings.origin).hostname, *(LOOPBACK_HOSTS if settings.is_development else ())}
        headers = HEADERS | ({"Strict-Transport-Security": f"max-age={TWO_YEARS}"} if settings.uses_https else {})
        self._headers = {name.lower(): (name, value) for name, value in headers.items()}
        of_documents = {name.lower() for name in DOCUMENT_ONLY_HEADERS}
        self._subresource_headers = {name: header for name, header in self._headers.items() if name not in of_documents}
        self._page_csp = PAGE_CSP.format(nonce="{nonce}", channels=self.channels.origin)

    def check_host(self) -> None:
        """Else a name that somebody else points at us would be read as our own, in links and by browsers."""
        if _hostname_of(request.host) not in self._hostnames and request.path not in HEALTH_CHECKS:
            abort(400, "This site does not answer to that name.")

    def check_csrf(self) -> None:
        """A page of somebody else's must not act in the name of whoever looks at it."""
        if request.method in SAFE_METHODS or _is_csrf_exempt() or self._is_same_origin():
            return
        abort(403, "This was sent from another site. Please open our own page and try again there.")

    def _is_same_origin(self) -> bool:
        """What the browser says itself; else what an old browser says; programs that are no browser say nothing."""
        site = request.headers.get("Sec-Fetch-Site")
        if site:
            return site in ("same-origin", "none")
        origin = request.headers.get("Origin")
        return origin is None or origin in (self._origin, f"{request.scheme}://{request.host}")

    def add_headers(self, response: Response) -> Response:
        """Give the answer every header that its view has not set itself."""
        headers = response.headers
        if _is_csrf_exempt():
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        present = {name.lower() for name, _ in headers}  # to ask for each by itself costs an exception for each
        if ancestors := _frame_ancestors():
            present.add("x-frame-options")  # which knows no list, and would forbid what the policy allows
        for name, header in (self._subresource_headers if _is_subresource(response) else self._headers).items():
            if name not in present:
                headers.add(*header)
        if "content-security-policy" not in present:
            headers.add("Content-Security-Policy", self._csp(response, ancestors))
        return response

    def _csp(self, response: Response, ancestors: tuple[str, ...]) -> str:
        if ancestors:
            values = {"nonce": csp_nonce(), "channels": self.channels.origin, "ancestors": " ".join(ancestors)}
            return FRAME_CSP.format(**values)
        if _is_subresource(response):
            return SUBRESOURCE_CSP
        if response.status_code == 304 or response.mimetype != "text/html":
            return DEFAULT_CSP
        return self._page_csp.replace("{nonce}", csp_nonce())


def _is_subresource(response: Response) -> bool:
    return response.mimetype in SUBRESOURCE_TYPES


@lru_cache(maxsize=256)
def _hostname_of(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _is_csrf_exempt() -> bool:
    return _is_marked(CSRF_EXEMPT)


def _frame_ancestors() -> tuple[str, ...]:
    """Whose pages may hold this answer in a frame."""
    named: tuple[str, ...] = g.get("frame_ancestors", ())
    return named if named and _is_marked(FRAMEABLE) else ()


def _is_marked(mark: str) -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, mark, False)
