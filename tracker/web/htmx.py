"""What htmx needs from the server: how it is to behave, and answers to a region of a page that asks again."""

import hashlib
import json

from flask import Response, request
from flask.sansio.app import App

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


def known_already(looks_like: tuple[object, ...]) -> tuple[Response | None, str]:
    """304 if the region shows this already, and the ETag for the answer if it doesn't.

    `looks_like` is whatever the rendering depends on. The browser's cache has no part in it: what is personal isn't
    kept there, and static/js/live.js sends the ETag by itself.
    """
    etag = hashlib.sha256(repr(looks_like).encode()).hexdigest()[:24]
    if not request.if_none_match.contains_weak(etag):
        return None, etag
    return marked(Response(status=304), etag), etag


def marked(response: Response, etag: str) -> Response:
    """The answer to a region, with what it needs to ask whether anything has changed since."""
    response.set_etag(etag, weak=True)
    response.headers["Cache-Control"] = "private, no-store"
    return response
