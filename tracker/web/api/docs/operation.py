"""The decorator that describes a view of the API for the OpenAPI document, and the responses of such views."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from flask import Response
from pydantic import BaseModel

View = TypeVar("View", bound=Callable[..., object])
DESCRIBED = "described_for_the_api"


@dataclass(frozen=True, slots=True)
class Operation:
    """The description of one view of the API."""

    summary: str
    responses: Mapping[int, type[BaseModel] | None]
    """The model of the body for each status of success; None means that there is no body."""
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """The request headers that are required, each with the pattern of its value."""
    errors: tuple[int, ...] = ()
    """Statuses of problems beside those that openapi.py derives from the route and the other fields."""
    secret_only: bool = False
    """Whether only a restaurant's secret is accepted, which also identifies the restaurant."""


def operation(
    summary: str,
    *,
    responses: Mapping[int, type[BaseModel] | None],
    body: type[BaseModel] | None = None,
    query: type[BaseModel] | None = None,
    headers: Mapping[str, str] | None = None,
    errors: tuple[int, ...] = (),
    secret_only: bool = False,
) -> Callable[[View], View]:
    """Describe a view of the API. Put it below the route's decorator. The view's docstring is the description."""

    def describe(view: View) -> View:
        view.__dict__[DESCRIBED] = Operation(summary, responses, body, query, headers or {}, errors, secret_only)
        return view

    return describe


def json_response(model: BaseModel, status: int = 200) -> Response:
    """Return the model as a JSON response."""
    return Response(model.model_dump_json(), status, mimetype="application/json")


def no_content() -> Response:
    """Return an empty response with status 204."""
    return Response(status=204)
