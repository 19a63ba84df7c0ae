"""The script that site owners put into their pages: <order-status> is all that it adds to them.

It is served at an address of its own that never changes, and its hash is published, so that a page may insist on it.
"""

import base64
import hashlib

from flask import Response, current_app

from tracker.web.http.assets import Asset, Assets, asset_response

ADDRESS = "/embed/v1/order-status.js"
_FILE = "js/widget-element.js"
_AN_HOUR = "public, max-age=3600"


def loader_integrity() -> str:
    """sha384-… of the script as browsers get it, as the attribute integrity of a script's tag wants it."""
    digest = hashlib.sha384(_loader().best_encoding(frozenset())[1]).digest()
    return f"sha384-{base64.b64encode(digest).decode()}"


def loader() -> Response:
    """The script, for pages of whatever origin: a module is fetched by CORS, and only so can its hash be checked."""
    response = asset_response(_loader(), cache_control=_AN_HOUR)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _loader() -> Asset:
    assets: Assets = current_app.extensions["tracker assets"]
    found, _ = assets.find(_FILE)
    if found is None:
        raise LookupError(f"static/{_FILE} is missing.")
    return found
