"""Server side of htmx: its configuration, and responses to requests for live regions."""

import hashlib
import json
import threading
from collections.abc import Callable

from flask import Response, current_app, make_response, request
from flask.sansio.app import App
from markupsafe import Markup
from werkzeug.http import unquote_etag

from tracker import clock

CONFIG = {
    "includeIndicatorCSS": False,
    "history": False,
    "defaultTimeout": 8000,
    # A region keeps its content after an error; page and script report it. Forms can override this with hx-status.
    "noSwap": [204, 304, "3xx", "4xx", "5xx"],
    # The visitor decides whether a <details> is open, so a response must not change it.
    "morphIgnore": ["data-htmx-powered", "open"],
}


class FragmentCache:
    """FIFO cache of rendered regions, keyed by ETag.

    It is bounded because an ETag changes every minute, so older entries soon become useless.
    """

    def __init__(self, max_size: int = 200) -> None:
        self._max_size = max_size
        self._fragments: dict[str, Markup] = {}
        self._lock = threading.Lock()

    def get(self, etag: str, render: Callable[[], str]) -> Markup:
        """Return the cached region; render and cache it if it is missing."""
        fragment = self._fragments.get(etag)
        if fragment is None:
            fragment = Markup(render())  # noqa: S704  a template's own output
            with self._lock:
                self._fragments[etag] = fragment
                if len(self._fragments) > self._max_size:
                    del self._fragments[next(iter(self._fragments))]
        return fragment


def init(app: App) -> None:
    """Give templates the content of <meta name="htmx-config">, and create the cache of regions."""
    app.jinja_env.globals["htmx_config"] = json.dumps(CONFIG)
    app.extensions["tracker fragments"] = FragmentCache()


def fragment_cache() -> FragmentCache:
    """Return the application's cache of regions. Check permission before reading from it: it doesn't."""
    cache: FragmentCache = current_app.extensions["tracker fragments"]
    return cache


def etag_of(view_key: tuple[object, ...]) -> str:
    """Return the weak ETag of a region. `view_key` contains everything that its rendering depends on."""
    return f'W/"{hashlib.sha256(repr(view_key).encode()).hexdigest()[:24]}"'


def matches_etag(etag: str) -> bool:
    """Return whether the browser already shows the region, by If-None-Match."""
    return request.if_none_match.contains_weak(unquote_etag(etag)[0] or "")


def not_modified(etag: str) -> Response:
    """Return 304, because the browser already shows the current region."""
    return _with_etag(Response(status=304), etag)


def fragment_response(etag: str, render: Callable[[], str]) -> Response:
    """Return the region, or 304 if the browser already shows it. The template puts the ETag into data-etag."""
    return not_modified(etag) if matches_etag(etag) else _with_etag(make_response(render()), etag)


def _with_etag(response: Response, etag: str) -> Response:
    """Add ETag, Date and Cache-Control.

    The page counts minutes by the Date header, because the device's own clock may be wrong. The browser must not cache
    personal content; static/js/page.js sends the ETag itself.
    """
    response.headers["ETag"] = etag
    response.date = clock.now()
    response.headers["Cache-Control"] = "private, no-store"
    return response
