"""The WebSocket endpoint, `/app/{key}`: whether a client is accepted, and the loop that reads its messages."""

from aiohttp import WSMessage, WSMsgType, web

from tracker.engine.connection import Connection
from tracker.engine.engine import Engine
from tracker.engine.errors import Code, ProtocolError
from tracker.engine.frames import pong_frame
from tracker.engine.messages import error_frame

ENGINE = web.AppKey("engine", Engine)

_SUPPORTED_VERSIONS = (5, 6, 7)  # protocol 5 made data a string of JSON; the engine's messages are equal since then


async def handle_app(request: web.Request) -> web.StreamResponse:
    """Serve one WebSocket client until its connection ends. Other requests get status 426."""
    if not wants_websocket(request):
        return web.Response(status=426, headers={"Upgrade": "websocket"}, text="This address serves WebSocket only.\n")
    return await _serve(request, _check_request(request))


async def handle_unknown_path(request: web.Request) -> web.StreamResponse:
    """Answer a request to an unknown path: with an error of the protocol on a WebSocket, otherwise with status 404."""
    if not wants_websocket(request):
        return web.Response(status=404, text="There is nothing at this path.\n")
    return await _serve(request, ProtocolError("There is nothing at this path.", Code.NO_SUCH_PATH))


def wants_websocket(request: web.Request) -> bool:
    """Return whether the request asks for an upgrade to WebSocket."""
    return request.headers.get("Upgrade", "").strip().lower() == "websocket"


async def _serve(request: web.Request, refusal: ProtocolError | None) -> web.StreamResponse:
    engine = request.app[ENGINE]
    if engine.is_closing or engine.is_over_rejection_limit:
        return web.Response(status=503, headers={"Retry-After": "2"}, text="No more connections at the moment.\n")
    socket = web.WebSocketResponse(
        autoclose=False,
        autoping=False,
        compress=False,
        max_msg_size=engine.settings.max_frame_bytes,
        timeout=engine.settings.close_grace,
    )
    await socket.prepare(request)
    if request.transport is not None:
        await _run_connection(engine, socket, engine.connect(request.transport), refusal)
    return socket


async def _run_connection(
    engine: Engine, socket: web.WebSocketResponse, connection: Connection, refusal: ProtocolError | None
) -> None:
    engine.connections.add(connection)
    try:
        if refusal is None:
            connection.welcome()
        else:
            connection.end(refusal)
        async for message in socket:
            _handle_message(engine, connection, message)
    finally:
        engine.drop(connection)
        connection.finish_closing()


def _handle_message(engine: Engine, connection: Connection, message: WSMessage) -> None:
    """Handle one message of any type.

    Messages after the end of the connection are dropped, but read, because the client's close frame comes after them.
    """
    if connection.is_closing:
        return
    if not connection.mark_received():
        connection.end(ProtocolError("Too many messages.", Code.OVER_CAPACITY))
    elif message.type is WSMsgType.TEXT:
        try:
            engine.conversation.handle(connection, message.data)
        except ProtocolError as refusal:
            connection.send(error_frame(refusal))
    elif message.type is WSMsgType.PING:
        connection.send(pong_frame(message.data))
    elif message.type is WSMsgType.BINARY:
        connection.end(ProtocolError("Only text messages are supported.", Code.UNSUPPORTED_DATA))


def _check_request(request: web.Request) -> ProtocolError | None:
    engine = request.app[ENGINE]
    if request.match_info["key"] != engine.settings.key:
        return ProtocolError("No app has this key.", Code.NO_SUCH_APP)
    if not _is_allowed_origin(request.headers.get("Origin"), engine.settings.allowed_origins):
        return ProtocolError("This origin is not allowed.", Code.UNAUTHORISED)
    if engine.is_full:
        return ProtocolError("No more connections at the moment.", Code.OVER_CAPACITY)
    return _check_version(request.query.get("protocol"))


def _is_allowed_origin(origin: str | None, allowed: tuple[str, ...]) -> bool:
    return not allowed or origin is None or origin.lower() in (allowed_origin.lower() for allowed_origin in allowed)


def _check_version(version: str | None) -> ProtocolError | None:
    if not version:
        return ProtocolError("No protocol version was given.", Code.NO_VERSION)
    if not (version.isascii() and version.isdigit()):
        return ProtocolError("The protocol version must be a number.", Code.BAD_VERSION)
    if version not in {str(supported) for supported in _SUPPORTED_VERSIONS}:
        return ProtocolError("This protocol version is not supported.", Code.UNSUPPORTED_VERSION)
    return None
