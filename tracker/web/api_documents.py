"""What the API says of itself: its OpenAPI and AsyncAPI documents, and a page to read."""

from flask import Blueprint, Response, current_app, jsonify

from tracker.web.openapi_document import document

blueprint = Blueprint("documents", __name__)


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The OpenAPI 3.1 document."""
    return jsonify(document(current_app))
