"""What the OpenAPI document says of the one operation that is older than it: the real-time contract's own door."""

from typing import Any

_TEXT = {"type": "string", "pattern": "^[!-~]{1,1024}$"}
_PARAMETERS: dict[str, tuple[dict[str, Any], str]] = {
    "channel_name": (
        {"type": "string", "pattern": "^[A-Za-z0-9_=@,.;-]{1,164}$"},
        "`private-o-{order_id}`, `private-s-{order_id}` or `presence-r-{restaurant_id}`.",
    ),
    "socket_id": ({"type": "string", "pattern": "^[0-9]{1,20}[.][0-9]{1,20}$"}, "What the channels service calls it."),
    "access_token": (
        _TEXT,
        "For a `private-o-` channel (scope `listen`) or a `private-s-` one (`status`); without `secret`.",
    ),
    "secret": (_TEXT, "Of the restaurant, for its `presence-r-` channel; without `access_token`."),
}
_REQUIRED = ("channel_name", "socket_id")
_KEY = {
    "name": "key",
    "in": "query",
    "required": True,
    "description": "The application’s API key.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,64}$"},
}
_SIGNED = {
    "type": "object",
    "required": ["auth"],
    "properties": {
        "auth": {"type": "string", "description": "The signature for the channels service."},
        "channel_data": {"type": "string", "description": "On a presence channel: who listens, as signed."},
    },
    "additionalProperties": False,
}
_RESPONSES: dict[str, Any] = {
    "200": {"description": "They may listen.", "content": {"application/json": {"schema": _SIGNED}}},
    **{
        str(code): {"$ref": f"#/components/responses/{slug}"}
        for code, slug in {
            400: "not-understood",
            403: "not-allowed",
            405: "wrong-method",
            413: "too-large",
            500: "internal-error",
        }.items()
    },
}
_DESCRIPTION: dict[str, Any] = {
    "summary": "Sign for who may listen to a channel",
    "description": "What pusher-js calls its authEndpoint, and pysher auth_endpoint. It reads no cookie; pages of an "
    "application’s origins may ask from their own site. An answer of 403 says in `why` what doesn’t fit.",
    "security": [],
}

EXTRA_PATHS: dict[str, Any] = {
    "/api/v1/pusher/auth": {
        "get": {
            **_DESCRIPTION,
            "operationId": "ask_to_listen",
            "parameters": [
                _KEY,
                *(
                    {"name": name, "in": "query", "required": name in _REQUIRED, "description": words, "schema": schema}
                    for name, (schema, words) in _PARAMETERS.items()
                ),
                {
                    "name": "callback",
                    "in": "query",
                    "description": "JSONP: the function to call; the answer is a script then.",
                    "schema": {"type": "string", "pattern": r"^[A-Za-z_$][A-Za-z0-9_$]{0,40}$"},
                },
            ],
            "responses": _RESPONSES,
        },
        "post": {
            **_DESCRIPTION,
            "operationId": "authorise",
            "parameters": [_KEY],
            "requestBody": {
                "required": True,
                "content": {
                    "application/x-www-form-urlencoded": {
                        "schema": {
                            "type": "object",
                            "required": [*_REQUIRED],
                            "properties": {
                                name: schema | {"description": words} for name, (schema, words) in _PARAMETERS.items()
                            },
                        }
                    }
                },
            },
            "responses": _RESPONSES,
        },
    }
}
