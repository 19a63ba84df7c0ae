"""The page of the API's documentation, built only from the two documents so that it agrees with them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

_EXAMPLE_IDS = {"restaurant_id": "$RESTAURANT", "order_id": "$ORDER", "token_id": "$TOKEN"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a request body, a response, a message or a query."""

    name: str
    form: str
    text: str
    is_required: bool


@dataclass(frozen=True, slots=True)
class Model:
    """A named object and its fields."""

    name: str
    text: str
    fields: list[Field]


@dataclass(frozen=True, slots=True)
class OperationView:
    """One operation as the page shows it."""

    id: str
    method: str
    path: str
    summary: str
    text: str
    parameters: list[Field]
    body: str
    """The name of the body's object; empty if there is no body."""
    responses: list[tuple[str, str]]
    """Each status of success, with the name of the response's object."""
    problems: list[str]
    """The statuses of the problems that the operation can return."""
    curl: str


class ApiPage:
    """The contents of the page."""

    def __init__(self, openapi: Json, asyncapi: Json, origin: str) -> None:
        self._openapi = openapi
        self._origin = origin
        self.info = {name: text.replace("`", "") for name, text in openapi["info"].items()}
        self.operations = list(self._operations())
        schemas = openapi["components"]["schemas"].items()
        self.models = [_model(name, schema) for name, schema in schemas if "properties" in schema]
        self.words = [(name, schema) for name, schema in schemas if "enum" in schema]
        self.channels = [
            (channel["address"], channel["description"], [*_messages(channel)])
            for channel in asyncapi["channels"].values()
        ]
        self.live: Json = asyncapi["info"]

    def _operations(self) -> Iterator[OperationView]:
        for path, methods in self._openapi["paths"].items():
            for method, document in methods.items():
                body = document.get("requestBody", {}).get("content", {})
                yield OperationView(
                    id=document["operationId"],
                    method=method.upper(),
                    path=path,
                    summary=document["summary"],
                    text=document["description"].replace("`", ""),
                    parameters=[_parameter(each) for each in document.get("parameters", ()) if each["in"] != "path"],
                    body=", ".join(_form(each["schema"]) for each in body.values()),
                    responses=[
                        (status, _response(response))
                        for status, response in document["responses"].items()
                        if status < "3"
                    ],
                    problems=[status for status in document["responses"] if status >= "4"],
                    curl=self._curl(path, method, document, body),
                )

    def _curl(self, path: str, method: str, document: Json, body: Json) -> str:
        address = self._origin + path.format_map(_EXAMPLE_IDS)
        lines = [f'curl -X {method.upper()} "{address}"' if method != "get" else f'curl "{address}"']
        if document.get("security") != []:
            lines.append('-H "Authorization: Bearer $SECRET"')
        lines += [f'-H "{each["name"]}: $KEY"' for each in document["parameters"] if each["in"] == "header"]
        example = self._example(body.get("application/json", {}).get("schema", {}))
        if example is not None:
            lines.append('-H "Content-Type: application/json"')
            lines.append(f"-d '{json.dumps(example, ensure_ascii=False)}'")
        return " \\\n  ".join(lines)

    def _example(self, schema: Json) -> Any:
        name = schema.get("$ref", "").rpartition("/")[2]
        examples = self._openapi["components"]["schemas"].get(name, {}).get("examples")
        return examples[0] if examples else None


def _messages(channel: Json) -> Iterator[Model]:
    for name, message in channel["messages"].items():
        yield _model(name, message["payload"] | {"description": message["summary"]})


def _model(name: str, schema: Json) -> Model:
    required = schema.get("required", ())
    fields = [
        Field(field_name, _form(field), field.get("description", "").replace("`", ""), field_name in required)
        for field_name, field in schema["properties"].items()
    ]
    return Model(name, schema.get("description", "").replace("`", ""), fields)


def _parameter(document: Json) -> Field:
    return Field(
        document["name"], _form(document["schema"]), document.get("description", ""), document.get("required", False)
    )


def _response(document: Json) -> str:
    return ", ".join(_form(content["schema"]) for content in document.get("content", {}).values())


def _form(schema: Json) -> str:
    """Return the form of a field in a few words, such as "list of text"."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(dict.fromkeys(_form(each) for each in choices))
    if "enum" in schema or "const" in schema:
        return ", ".join(str(each) for each in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"list of {_form(schema['items'])}"
    kind = schema.get("type", "anything")
    if kind in ("integer", "number"):
        return _number(schema)
    return _text(schema) if kind == "string" else "true or false" if kind == "boolean" else str(kind)


def _number(schema: Json) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    limits = f", {least} to {most}" if most is not None else f", from {least}" if least is not None else ""
    return ("whole number" if schema["type"] == "integer" else "number") + limits


def _text(schema: Json) -> str:
    formats = {"date-time": "time (ISO 8601)", "email": "e-mail address"}
    kind = formats.get(schema.get("format", ""), "text")
    return f"{kind} like {schema['pattern']}" if "pattern" in schema else kind + _length(schema)


def _length(schema: Json) -> str:
    return f", at most {schema['maxLength']} characters" if "maxLength" in schema else ""
