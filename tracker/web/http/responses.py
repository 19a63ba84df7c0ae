"""Responses that no cache may store."""

from flask import Response, make_response


def private(body: str | Response, code: int | None = None) -> Response:
    """Return a response that no cache may store, with this status code if one is given."""
    response = make_response(body)
    response.status_code = code or response.status_code
    response.headers["Cache-Control"] = "private, no-store"
    return response
