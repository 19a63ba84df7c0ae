"""The OpenAPI paths of /api/v1/pusher/auth, whose form the Pusher protocol and Open Dining's contract determine."""

from typing import Any

_TEXT = {"type": "string", "pattern": "^[!-~]{1,1024}$"}
_PARAMETERS: dict[str, tuple[dict[str, Any], str]] = {
    "channel_name": (
        {"type": "string", "pattern": "^[A-Za-z0-9_=@,.;-]{1,164}$"},
        "`private-o-{order_id}`, `private-s-{order_id}` or `presence-r-{restaurant_id}`.",
    ),
    "socket_id": (
        {"type": "string", "pattern": "^[0-9]{1,20}[.][0-9]{1,20}$"},
        "The id that the Channels service gave to the connection.",
    ),
    "access_token": (
        _TEXT,
        "For a `private-o-` channel (scope `listen`) or a `private-s-` channel (scope `status`). Not with `secret`.",
    ),
    "secret": (_TEXT, "The restaurant’s secret, for its `presence-r-` channel. Not with `access_token`."),
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
        "auth": {"type": "string", "description": "The signature for the Channels service."},
        "channel_data": {
            "type": "string",
            "description": "Only for a presence channel: the signed data of the member.",
        },
    },
    "additionalProperties": False,
}
_RESPONSES: dict[str, Any] = {
    "200": {"description": "The subscription is authorised.", "content": {"application/json": {"schema": _SIGNED}}},
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
    "summary": "Authorise a subscription to a channel",
    "description": "The authEndpoint of pusher-js, and the auth_endpoint of pysher. It reads no cookie. Pages of the "
    "application’s origins may call it from another site (CORS). With 403, `why` is a code for the reason.",
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
                    {"name": name, "in": "query", "required": name in _REQUIRED, "description": text, "schema": schema}
                    for name, (schema, text) in _PARAMETERS.items()
                ),
                {
                    "name": "callback",
                    "in": "query",
                    "description": "JSONP: the function to call; the response is then a script.",
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
                                name: schema | {"description": text} for name, (schema, text) in _PARAMETERS.items()
                            },
                        }
                    }
                },
            },
            "responses": _RESPONSES,
        },
    }
}
