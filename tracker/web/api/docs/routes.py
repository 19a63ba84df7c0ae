"""The routes of the API's documentation: the OpenAPI and AsyncAPI documents, a page to read them, and problem types."""

from functools import cache
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from tracker.live.address import ChannelsAddress
from tracker.web.api.docs import asyncapi
from tracker.web.api.docs import openapi as openapi_document
from tracker.web.api.docs.page import ApiPage
from tracker.web.http.problems import PROBLEM_TYPES
from tracker.web.http.services import services

blueprint = Blueprint("docs", __name__)
problems = Blueprint("problems", __name__)


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """Serve the OpenAPI 3.1 document."""
    return jsonify(_openapi_of(_app()))


@blueprint.get("/asyncapi.json")
def channels() -> Response:
    """Serve the AsyncAPI 3.0 document."""
    return jsonify(_asyncapi())


@blueprint.get("/docs")
def docs() -> str:
    """Show both documents and every type of problem as a page."""
    page = ApiPage(_openapi_of(_app()), _asyncapi(), services().settings.origin)
    return render_template("api/docs.html", page=page, kinds=PROBLEM_TYPES)


@problems.get("/problems/<slug>")
def problem(slug: str) -> ResponseReturnValue:
    """Redirect the URI of a problem's type (RFC 9457) to its place on the page."""
    if slug not in {kind.slug for kind in PROBLEM_TYPES}:
        raise NotFound
    return redirect(url_for("api.docs.docs", _anchor=slug), 303)


@cache
def _openapi_of(app: Flask) -> dict[str, Any]:
    """Return the document, which is generated once because it does not change while the application runs."""
    return openapi_document.document(app)


def _asyncapi() -> dict[str, Any]:
    return asyncapi.document(ChannelsAddress.from_settings(services().settings))


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined, no-any-return]  # the only access that Werkzeug offers
