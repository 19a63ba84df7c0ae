"""Security headers of all responses, and the host and CSRF checks of all requests."""

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
"""Largest request body in bytes, unless a view sets `request.max_content_length` itself."""
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
"""Default response headers; a view can set other values."""
PAGE_CSP = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self' {channels}; manifest-src 'self'; object-src 'none'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
PAGE_WITH_FRAMES_CSP = f"{PAGE_CSP}; frame-src 'self'"
"""Policy of a page that contains frames of our own site."""
STATIC_FRAME_CSP = (
    "default-src 'none'; style-src 'nonce-{nonce}'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
"""Policy of a document without scripts that only our own pages may frame."""
FRAME_CSP = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self' {channels}; "
    "form-action 'none'; base-uri 'none'; frame-ancestors {ancestors}"
)
"""Policy of the widget, which pages of other sites may frame if set_frame_ancestors() has listed their origin."""
DEFAULT_CSP = "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
SUBRESOURCE_TYPES = frozenset({"text/css", "text/javascript"})
"""Types that only pages load. They are no documents, so headers about frames, referrers or permissions are useless."""
DOCUMENT_ONLY_HEADERS = ("X-Frame-Options", "Referrer-Policy", "Permissions-Policy", "Cross-Origin-Opener-Policy")
SUBRESOURCE_CSP = "default-src 'none'; frame-ancestors 'none'"
TWO_YEARS = 2 * 365 * 24 * 3600

View = TypeVar("View", bound=Callable[..., object])


def init(app: Flask) -> None:
    """Check every request, add headers to every response; give templates csp_nonce() and channels_address()."""
    app.config.update(MAX_CONTENT_LENGTH=MAX_FORM_BYTES, MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES, MAX_FORM_PARTS=100)
    security = _Security(app.extensions["tracker"].settings)
    app.before_request(security.check_host)
    app.before_request(security.check_csrf)
    app.after_request(security.add_headers)
    app.add_template_global(csp_nonce)
    app.add_template_global(lambda: security.channels, "channels_address")


def csrf_exempt(view: View) -> View:
    """Allow pages of other sites to send unsafe requests to this view, which authenticates callers without cookies.

    Place it below the route's decorator.
    """
    view.__dict__[CSRF_EXEMPT] = True
    return view


def allow_framing(view: View) -> View:
    """Allow this view to call set_frame_ancestors(), which has no effect in other views.

    Place it below the route's decorator.
    """
    view.__dict__[FRAMEABLE] = True
    return view


def set_frame_ancestors(origins: Iterable[str]) -> None:
    """Allow pages of these origins (scheme://host[:port]) to frame the response to this request.

    Invalid origins are ignored. Without a valid origin, or in a view without @allow_framing, nobody may frame it.
    """
    g.frame_ancestors = tuple(origin for origin in origins if is_origin(origin))


def csp_nonce() -> str:
    """Return the nonce that inline scripts and styles of this response must have. It is different for each request."""
    nonce: str = g.get("csp_nonce") or g.setdefault("csp_nonce", secrets.token_urlsafe(18))
    return nonce


def protect_secret_url(response: Response) -> Response:
    """Keep a response's URL, which is itself a secret, out of referrers, caches and search engines."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


class _Security:
    """Request checks and response headers. Whatever depends on settings alone is computed once at the start."""

    def __init__(self, settings: Settings) -> None:
        self.channels = ChannelsAddress.from_settings(settings)
        self._origin = settings.origin
        self._hostnames = {urlsplit(settings.origin).hostname, *(LOOPBACK_HOSTS if settings.is_development else ())}
        headers = HEADERS | ({"Strict-Transport-Security": f"max-age={TWO_YEARS}"} if settings.uses_https else {})
        self._headers = {name.lower(): (name, value) for name, value in headers.items()}
        document_only = {name.lower() for name in DOCUMENT_ONLY_HEADERS}
        self._subresource_headers = {
            name: header for name, header in self._headers.items() if name not in document_only
        }
        self._page_csp = PAGE_CSP.format(nonce="{nonce}", channels=self.channels.origin)

    def check_host(self) -> None:
        """Abort with 400 if the Host header names another site: links and browsers would take that name for ours."""
        if _hostname_of(request.host) not in self._hostnames and request.path not in HEALTH_CHECKS:
            abort(400, "This site is not available under that host name.")

    def check_csrf(self) -> None:
        """Abort with 403 if a page of another site sent an unsafe request (CSRF)."""
        if request.method in SAFE_METHODS or _is_csrf_exempt() or self._is_same_origin():
            return
        abort(403, "This was sent from another site. Please open our own page and try again there.")

    def _is_same_origin(self) -> bool:
        """Check Sec-Fetch-Site, or Origin for older browsers. Programs that are no browsers send neither and pass."""
        site = request.headers.get("Sec-Fetch-Site")
        if site:
            return site in ("same-origin", "none")
        origin = request.headers.get("Origin")
        return origin is None or origin in (self._origin, f"{request.scheme}://{request.host}")

    def add_headers(self, response: Response) -> Response:
        """Add every header that the view has not set itself."""
        headers = response.headers
        if _is_csrf_exempt():
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        present = {name.lower() for name, _ in headers}  # looking up each missing header costs an exception
        if ancestors := _frame_ancestors():
            present.add("x-frame-options")  # it can't list origins, and would forbid what the policy allows
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
    """Return the origins whose pages may frame this response."""
    origins: tuple[str, ...] = g.get("frame_ancestors", ())
    return origins if origins and _is_marked(FRAMEABLE) else ()


def _is_marked(mark: str) -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, mark, False)
