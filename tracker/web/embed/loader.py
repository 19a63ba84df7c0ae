"""The script that site owners load in their pages, which only defines the element <order-status>.

Its address never changes, because it is in other sites' pages. Its hash is published, so that a page can require it.
"""

import base64
import hashlib

from flask import Response, current_app

from tracker.web.http.assets import Asset, Assets, asset_response

ADDRESS = "/embed/v1/order-status.js"
_FILE = "js/widget-element.js"
_AN_HOUR = "public, max-age=3600"


def loader_integrity() -> str:
    """Return the sha384-… hash of the script as it is served, for the attribute integrity of a script tag."""
    digest = hashlib.sha384(_loader().best_encoding(frozenset())[1]).digest()
    return f"sha384-{base64.b64encode(digest).decode()}"


def loader() -> Response:
    """Serve the script to pages of all origins. Modules are fetched with CORS, which the check of the hash requires."""
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
