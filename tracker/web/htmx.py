"""What htmx needs from the server: how it is to behave, and answers to a region of a page that asks again."""

import hashlib
import json
from typing import Any

from flask import Response, make_response, render_template, request
from flask.sansio.app import App
from werkzeug.http import unquote_etag

from tracker import clock

CONFIG = {
    "includeIndicatorCSS": False,
    "history": False,
    "defaultTimeout": 8000,
    # A region keeps what it knew; page and script say what went wrong.
    "noSwap": [204, 304, "3xx", "4xx", "5xx"],
    # Whether somebody has opened a <details> is theirs to say, not the next answer's.
    "morphIgnore": ["data-htmx-powered", "open"],
}


def init(app: App) -> None:
    """Give templates the settings for <meta name="htmx-config">."""
    app.jinja_env.globals["htmx_config"] = json.dumps(CONFIG)


def etag_of(looks_like: tuple[object, ...]) -> str:
    """The ETag of a region; `looks_like` is whatever its rendering depends on."""
    return f'W/"{hashlib.sha256(repr(looks_like).encode()).hexdigest()[:24]}"'


def answer(etag: str, template: str, **context: Any) -> Response:
    """The region, or 304 if it is shown already. The template gives the ETag to the region, as data-etag.

    It says what time it is: the page counts minutes down, and a device's own clock may be wrong.
    The browser's cache has no part in it: what is personal isn't kept there, and static/js/page.js sends the ETag.
    """
    is_known = request.if_none_match.contains_weak(unquote_etag(etag)[0] or "")
    response = Response(status=304) if is_known else make_response(render_template(template, etag=etag, **context))
    response.headers["ETag"] = etag
    response.date = clock.now()
    response.headers["Cache-Control"] = "private, no-store"
    return response
