"""Strict validation of bodies and query strings, with a sentence for each field that is not as documented."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from tracker.upstream.json_reader import parse_json_object
from tracker.upstream.platform_events import InvalidPayload
from tracker.web.http.problems import ProblemError

LARGEST_BODY = 256 * 1024
MAX_SENTENCES = 20

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
_SENTENCES = {
    "missing": "is missing",
    "extra_forbidden": "is not a known field",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "enum": "must be one of {expected}",
    "literal_error": "must be one of {expected}",
}


class RequestModel(BaseModel):
    """Base of the models of bodies and query strings: values are not converted, and unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


S = TypeVar("S", bound=BaseModel)


def with_example(**example: Any) -> ConfigDict:
    """Return a model's configuration with an example, which the documentation shows and a test sends."""
    return ConfigDict(json_schema_extra={"examples": [example]})


def read_body(model: type[S]) -> S:
    """Return the validated body of the request; a missing body counts as an object without fields.

    Raise BadRequest, RequestEntityTooLarge, UnsupportedMediaType or ProblemError (422). The body is read completely
    before the database is used, so that a slow sender holds no transaction open.
    """
    request.max_content_length = LARGEST_BODY
    raw = request.get_data(cache=False)
    if not raw:
        return validate(model, {})
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("Send the body as application/json.")
    try:
        fields = parse_json_object(raw).fields
    except InvalidPayload as error:
        raise BadRequest(str(error)) from None
    except RecursionError:
        raise BadRequest("The body is nested too deeply.") from None
    return validate(model, fields)


def read_query(model: type[S]) -> S:
    """Return the validated query string of the request. Raise ProblemError (422)."""
    return validate(model, request.args.to_dict())


def validate(model: type[S], fields: Mapping[str, Any]) -> S:
    """Return the fields as a model. Raise ProblemError (422) with a sentence for each field that is not valid."""
    path = next(_unstorable_paths(fields, ()), None)
    if path is not None:
        raise _validation_problem([(_path(path), "contains a character that can’t be stored")])
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)[:MAX_SENTENCES]
        raise _validation_problem([_sentence(dict(problem)) for problem in problems]) from None


def _validation_problem(problems: list[tuple[str, str]]) -> ProblemError:
    named = [{"field": path, "detail": f"{path} {sentence}."} for path, sentence in problems]
    return ProblemError(422, named[0]["detail"], errors=named)


def _sentence(problem: dict[str, Any]) -> tuple[str, str]:
    context = problem.get("ctx", {})
    if "error" in context:  # raised by a validator of ours
        sentence = str(context["error"])
    else:
        sentence = _SENTENCES.get(problem["type"], "is not in the documented form").format(**context)
    return _path(problem["loc"]), sentence.rstrip(".")


def _unstorable_paths(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """Yield the paths of texts and field names with a character that no database stores: NUL or a lone surrogate."""
    if isinstance(value, str) and _UNSTORABLE.search(value):
        yield path
    entries = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for name, entry in entries:
        if isinstance(name, str) and _UNSTORABLE.search(name):
            yield (*path, name)
        yield from _unstorable_paths(entry, (*path, name))


def _path(location: tuple[str | int, ...]) -> str:
    """Return a path such as lines[0].options[1].price, with … in place of any name that is not a plain one."""
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += ("." if path else "") + (part if _PLAIN_NAME.fullmatch(part) else "…")
    return path or "The body"
