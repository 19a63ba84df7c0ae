"""What an operation of the API says of itself, next to its code: the OpenAPI document is made of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from flask import Response
from pydantic import BaseModel

View = TypeVar("View", bound=Callable[..., object])
DESCRIBED = "described_for_the_api"


@dataclass(frozen=True, slots=True)
class Operation:
    """What a program must know to use one view."""

    summary: str
    responses: Mapping[int, type[BaseModel] | None]
    """None: the status says it all."""
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Request headers that it needs, each with the pattern of its value."""
    errors: tuple[int, ...] = ()
    """Statuses of problems beside those that follow from the rest."""
    secret_only: bool = False
    """Whether it is for programs with a restaurant's secret only, which says for which restaurant."""


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
    """Describe a view of the API. Goes below the route's decorator; the view's docstring says the rest."""

    def describe(view: View) -> View:
        view.__dict__[DESCRIBED] = Operation(summary, responses, body, query, headers or {}, errors, secret_only)
        return view

    return describe


def json_response(shown: BaseModel, status: int = 200) -> Response:
    """The answer as JSON."""
    return Response(shown.model_dump_json(), status, mimetype="application/json")


def no_content() -> Response:
    """The answer 204: it is done."""
    return Response(status=204)
