"""What htmx needs from the server: how it is to behave, and answers to a region of a page that asks again."""

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
    # A region keeps what it knew; page and script say what went wrong. A form may say otherwise with hx-status.
    "noSwap": [204, 304, "3xx", "4xx", "5xx"],
    # Whether somebody has opened a <details> is theirs to say, not the next answer's.
    "morphIgnore": ["data-htmx-powered", "open"],
}


class FragmentCache:
    """Regions as they were rendered, by their ETags. Their number is bounded: the oldest goes first, for an ETag is of
    one minute and says nothing in the next."""

    def __init__(self, max_size: int = 200) -> None:
        self._max_size = max_size
        self._fragments: dict[str, Markup] = {}
        self._lock = threading.Lock()

    def get(self, etag: str, render: Callable[[], str]) -> Markup:
        """The region, rendered now unless that was done before."""
        fragment = self._fragments.get(etag)
        if fragment is None:
            fragment = Markup(render())  # noqa: S704  a template's own output
            with self._lock:
                self._fragments[etag] = fragment
                if len(self._fragments) > self._max_size:
                    del self._fragments[next(iter(self._fragments))]
        return fragment


def init(app: App) -> None:
    """Give templates the settings for <meta name="htmx-config">; have a place for regions."""
    app.jinja_env.globals["htmx_config"] = json.dumps(CONFIG)
    app.extensions["tracker fragments"] = FragmentCache()


def fragment_cache() -> FragmentCache:
    """Those of this application. Who may see one is to be asked before."""
    cache: FragmentCache = current_app.extensions["tracker fragments"]
    return cache


def etag_of(view_key: tuple[object, ...]) -> str:
    """The ETag of a region; `view_key` is whatever its rendering depends on."""
    return f'W/"{hashlib.sha256(repr(view_key).encode()).hexdigest()[:24]}"'


def matches_etag(etag: str) -> bool:
    """Whether the region is shown already."""
    return request.if_none_match.contains_weak(unquote_etag(etag)[0] or "")


def not_modified(etag: str) -> Response:
    """304: what is shown is right."""
    return _with_etag(Response(status=304), etag)


def fragment_response(etag: str, render: Callable[[], str]) -> Response:
    """The region, or 304 if it is shown already. The template gives the ETag to the region, as data-etag."""
    return not_modified(etag) if matches_etag(etag) else _with_etag(make_response(render()), etag)


def _with_etag(response: Response, etag: str) -> Response:
    """It says what time it is: the page counts minutes down, and a device's own clock may be wrong.

    The browser's cache has no part in it: what is personal isn't kept there, and static/js/page.js sends the ETag.
    """
    response.headers["ETag"] = etag
    response.date = clock.now()
    response.headers["Cache-Control"] = "private, no-store"
    return response
