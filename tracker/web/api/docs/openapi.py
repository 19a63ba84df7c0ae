"""The OpenAPI 3.1 document, made from the routes of the application and what their views say of themselves."""

import inspect
import re
from collections.abc import Iterator
from typing import Any, cast

from flask import Flask
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema
from werkzeug.routing import Rule

from tracker.web.api.docs.operation import DESCRIBED, Operation
from tracker.web.api.docs.pusher_auth import EXTRA_PATHS
from tracker.web.api.schemas.fields import ID
from tracker.web.http.problems import MEDIA_TYPE, PROBLEM_TYPES, problem_type_of_status

Json = dict[str, Any]
_ModelMode = tuple[Any, JsonSchemaMode]

_SCHEMA = "#/components/schemas/{model}"
_ID = {"type": "string", "pattern": ID}
_INFO = {
    "title": "Tracker",
    "version": "1",
    "summary": "What a restaurant does with its orders.",
    "description": "Times are ISO 8601; amounts are in major units, as text. Fields get added to answers, so read only "
    "those that you know. 422: the request is not as this document says. 409: it is, and the order, the restaurant or "
    "the clock doesn’t allow it; `detail` says why in a sentence that a customer may read.",
}
_SECRET_SECURITY: list[dict[str, list[str]]] = [{"secret": []}]
_SECURITY = [*_SECRET_SECURITY, {"session": []}]


def document(app: Flask) -> Json:
    """The whole document."""
    views = list(_views(app))
    modes, schemas = _schemas([described for _, _, described, _ in views])
    paths: Json = {}
    for rule, method, described, text in views:
        path = re.sub(r"<(\w+)>", r"{\1}", rule.rule)
        paths.setdefault(path, {})[method.lower()] = _operation(rule, method, described, text, modes)
    return {
        "openapi": "3.1.1",
        "info": _INFO,
        "servers": [{"url": "/"}],
        "security": _SECURITY,
        "paths": paths | EXTRA_PATHS,
        "components": {
            "schemas": schemas | {"Problem": _PROBLEM},
            "responses": {problem_type_of_status(code).slug: _problem(code) for code in _CODES},
            "securitySchemes": {
                "secret": {"type": "http", "scheme": "bearer", "description": "The restaurant’s secret."},
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": app.config["SESSION_COOKIE_NAME"],
                    "description": "Of a browser in which somebody of the restaurant’s staff is signed in.",
                },
            },
        },
    }


_RESPONSES = {200: "Success.", 201: "Created.", 204: "Deleted."}
_CODES = (400, 401, 403, 404, 405, 409, 413, 415, 422, 500)
_PROBLEM: Json = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {
            "type": "string",
            "enum": [kind.type for kind in PROBLEM_TYPES],
            "description": "What programs compare.",
        },
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for people."},
        "at": {"type": "string", "format": "date-time", "description": "When happened what stands in the way."},
        "why": {"type": "string", "description": "Of /api/v1/pusher/auth: the reason, for programs."},
        "errors": {
            "type": "array",
            "description": "Of 422: each field that is not as documented.",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}


def _views(app: Flask) -> Iterator[tuple[Rule, str, Operation, str]]:
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        described: Operation | None = view.__dict__.get(DESCRIBED)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}) if described else ():
            yield rule, method, cast("Operation", described), inspect.getdoc(view) or ""


def _schemas(described: list[Operation]) -> tuple[dict[_ModelMode, Json], Json]:
    """What each model is called in the document, and all their schemas."""
    models: set[tuple[type[BaseModel], JsonSchemaMode]] = set()
    for each in described:
        models |= {(each.body, "validation")} if each.body else set()
        models |= {(model, "serialization") for model in each.responses.values() if model}
    in_order = sorted(models, key=lambda one: (one[0].__name__, one[1]))
    references, definitions = models_json_schema(in_order, ref_template=_SCHEMA)
    return dict(references), cast("Json", _without_titles(definitions["$defs"]))


def _without_titles(schema: Any) -> Any:
    """Pydantic's titles are the fields' names once more."""
    if isinstance(schema, list):
        return [_without_titles(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {name: _without_titles(each) for name, each in schema.items() if name != "title" or isinstance(each, dict)}


def _operation(rule: Rule, method: str, described: Operation, text: str, models: dict[_ModelMode, Json]) -> Json:
    # The framework's doors into the house come before the view, so what they say belongs to every operation.
    codes = {400, 405, 500, *described.errors}
    codes |= {401} if rule.arguments or described.secret_only else set()
    codes |= {404} if rule.arguments else set()
    codes |= {403} if method != "GET" else set()
    codes |= {409, 413, 415, 422} if described.body else set()
    codes |= {422} if described.query else set()
    document: Json = {
        "operationId": rule.endpoint.rsplit(".", 1)[-1],
        "summary": described.summary,
        "description": " ".join(text.split()),
        "parameters": [*_parameters(rule, described, models)],
        "responses": {
            str(status): _response(status, models[model, "serialization"] if model else None)
            for status, model in sorted(described.responses.items())
        }
        | {
            str(code): {"$ref": f"#/components/responses/{problem_type_of_status(code).slug}"} for code in sorted(codes)
        },
    }
    if described.secret_only:
        document["security"] = _SECRET_SECURITY
    elif not rule.arguments:
        document["security"] = []
    if described.body:
        needs_one = any(field.is_required() for field in described.body.model_fields.values())
        schema = models[described.body, "validation"]
        document["requestBody"] = {"required": needs_one, "content": {"application/json": {"schema": schema}}}
    return document


def _response(status: int, schema: Json | None) -> Json:
    document: Json = {"description": _RESPONSES[status]}
    return document | ({"content": {"application/json": {"schema": schema}}} if schema else {})


def _parameters(rule: Rule, described: Operation, models: dict[_ModelMode, Json]) -> Iterator[Json]:
    for name in re.findall(r"<(\w+)>", rule.rule):
        yield {"name": name, "in": "path", "required": True, "schema": _ID}
    for name, pattern in described.headers.items():
        schema = {"type": "string", "pattern": pattern, "maxLength": 200}
        yield {"name": name, "in": "header", "required": True, "schema": schema}
    if described.query:
        schema = _without_titles(described.query.model_json_schema(ref_template=_SCHEMA))
        for name, field in schema["properties"].items():
            yield {"name": name, "in": "query", "schema": field, "description": field.pop("description", "")}


def _problem(code: int) -> Json:
    kinds = [kind for kind in PROBLEM_TYPES if kind.status == code]
    meanings = " ".join(f"`{kind.type}`: {kind.meaning}" for kind in kinds)
    headers = {"WWW-Authenticate": {"schema": {"type": "string"}}} if code == 401 else {}
    headers |= {"Allow": {"schema": {"type": "string"}}} if code == 405 else {}
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": meanings, "content": content} | ({"headers": headers} if headers else {})
