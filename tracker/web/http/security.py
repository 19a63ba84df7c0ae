"""What every answer carries and every request must pass, whichever door it takes."""

import secrets
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, request

from tracker.config import Settings
from tracker.live.address import ChannelsAddress
from tracker.setting_formats import THIS_MACHINE, is_origin

LARGEST_FORM = 64 * 1024
"""Bytes of a body, unless a view sets `request.max_content_length` itself."""
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
HEALTH_CHECKS = ("/up", "/ready")
OPEN, FRAMED = "open_to_other_sites", "may_be_framed"

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
POLICY_OF_A_PAGE_WITH_FRAMES = f"{POLICY_OF_A_PAGE}; frame-src 'self'"
"""Of a page that holds frames of our own site."""
POLICY_OF_A_STILL_FRAME = (
    "default-src 'none'; style-src 'nonce-{nonce}'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
"""Of a document without scripts that only our own pages may hold."""
POLICY_OF_A_FRAME = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self' {channels}; "
    "form-action 'none'; base-uri 'none'; frame-ancestors {ancestors}"
)
"""Of the one document that pages of other sites may hold: those which frame_only_on() has named."""
POLICY_OF_ANYTHING_ELSE = "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
PARTS_OF_A_PAGE = frozenset({"text/css", "text/javascript"})
"""What is only ever used by a page, and is no document: none that could be framed, opened, or asked for a camera."""
MEANT_FOR_DOCUMENTS = ("X-Frame-Options", "Referrer-Policy", "Permissions-Policy", "Cross-Origin-Opener-Policy")
POLICY_OF_A_PART = "default-src 'none'; frame-ancestors 'none'"
TWO_YEARS = 2 * 365 * 24 * 3600

View = TypeVar("View", bound=Callable[..., object])


def init(app: Flask) -> None:
    """Have every request checked and every answer marked; give templates csp_nonce() and channels_address()."""
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_FORM, MAX_FORM_MEMORY_SIZE=LARGEST_FORM, MAX_FORM_PARTS=100)
    guard = _Guard(app.extensions["tracker"].settings)
    app.before_request(guard.refuse_other_names)
    app.before_request(guard.refuse_other_sites)
    app.after_request(guard.mark)
    app.add_template_global(csp_nonce)
    app.add_template_global(lambda: guard.channels, "channels_address")


def open_to_other_sites(view: View) -> View:
    """Let other sites' pages send unsafe requests to this view: it proves by itself who is asking, and reads no cookie.

    Goes below the route's decorator.
    """
    view.__dict__[OPEN] = True
    return view


def may_be_framed(view: View) -> View:
    """Let this view say, with frame_only_on(), whose pages may hold its document in a frame; no other view is heard.

    Goes below the route's decorator.
    """
    view.__dict__[FRAMED] = True
    return view


def frame_only_on(origins: Iterable[str]) -> None:
    """The answer to this request may be held by pages of these origins (scheme://host[:port]); by none if there are
    none, or if the view may not be framed."""
    g.frame_ancestors = tuple(origin for origin in origins if is_origin(origin))


def csp_nonce() -> str:
    """What an inline script or style of this answer must name to be obeyed; another one for each request."""
    nonce: str = g.get("csp_nonce") or g.setdefault("csp_nonce", secrets.token_urlsafe(18))
    return nonce


def keep_address_secret(response: Response) -> Response:
    """For an answer whose address is itself a key: nobody learns it as a referrer, from a cache, or from a search."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


class _Guard:
    """The checks and the marks. What follows from the settings alone is worked out once, not with every request."""

    def __init__(self, settings: Settings) -> None:
        self.channels = ChannelsAddress.from_settings(settings)
        self._origin = settings.origin
        self._names = {urlsplit(settings.origin).hostname, *(THIS_MACHINE if settings.is_development else ())}
        headers = HEADERS | ({"Strict-Transport-Security": f"max-age={TWO_YEARS}"} if settings.uses_https else {})
        self._headers = {name.lower(): (name, value) for name, value in headers.items()}
        of_documents = {name.lower() for name in MEANT_FOR_DOCUMENTS}
        self._of_a_part = {name: header for name, header in self._headers.items() if name not in of_documents}
        self._policy_of_a_page = POLICY_OF_A_PAGE.format(nonce="{nonce}", channels=self.channels.origin)

    def refuse_other_names(self) -> None:
        """Else a name that somebody else points at us would be read as our own, in links and by browsers."""
        if _name_in(request.host) not in self._names and request.path not in HEALTH_CHECKS:
            abort(400, "This site does not answer to that name.")

    def refuse_other_sites(self) -> None:
        """A page of somebody else's must not act in the name of whoever looks at it."""
        if request.method in SAFE_METHODS or _is_open() or self._comes_from_us():
            return
        abort(403, "This was sent from another site. Please open our own page and try again there.")

    def _comes_from_us(self) -> bool:
        """What the browser says itself; else what an old browser says; programs that are no browser say nothing."""
        site = request.headers.get("Sec-Fetch-Site")
        if site:
            return site in ("same-origin", "none")
        origin = request.headers.get("Origin")
        return origin is None or origin in (self._origin, f"{request.scheme}://{request.host}")

    def mark(self, response: Response) -> Response:
        """Give the answer every header that its view has not set itself."""
        headers = response.headers
        if _is_open():
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        there = {name.lower() for name, _ in headers}  # to ask for each by itself costs an exception for each
        if ancestors := _frame_ancestors():
            there.add("x-frame-options")  # which knows no list, and would forbid what the policy allows
        for name, header in (self._of_a_part if _is_a_part(response) else self._headers).items():
            if name not in there:
                headers.add(*header)
        if "content-security-policy" not in there:
            headers.add("Content-Security-Policy", self._policy(response, ancestors))
        return response

    def _policy(self, response: Response, ancestors: tuple[str, ...]) -> str:
        if ancestors:
            said = {"nonce": csp_nonce(), "channels": self.channels.origin, "ancestors": " ".join(ancestors)}
            return POLICY_OF_A_FRAME.format(**said)
        if _is_a_part(response):
            return POLICY_OF_A_PART
        if response.status_code == 304 or response.mimetype != "text/html":
            return POLICY_OF_ANYTHING_ELSE
        return self._policy_of_a_page.replace("{nonce}", csp_nonce())


def _is_a_part(response: Response) -> bool:
    return response.mimetype in PARTS_OF_A_PAGE


@lru_cache(maxsize=256)
def _name_in(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _is_open() -> bool:
    return _is_marked(OPEN)


def _frame_ancestors() -> tuple[str, ...]:
    """Whose pages may hold this answer in a frame."""
    named: tuple[str, ...] = g.get("frame_ancestors", ())
    return named if named and _is_marked(FRAMED) else ()


def _is_marked(mark: str) -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, mark, False)
