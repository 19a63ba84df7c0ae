"""WebSocket frames (RFC 6455) as a server sends them: unmasked, unfragmented, uncompressed.

A frame of a server does not depend on its receiver, so each message is framed once for all subscribers.
"""

from struct import pack

_TEXT, _CLOSE, _PONG = 0x81, 0x88, 0x8A  # the opcode with the FIN bit: the frame is the whole message
_MAX_REASON_LENGTH = 123


def text_frame(payload: bytes) -> bytes:
    """Return the frame of a text message; `payload` is UTF-8."""
    return _frame(_TEXT, payload)


def pong_frame(payload: bytes) -> bytes:
    """Return the frame that answers a WebSocket ping; `payload` must be that of the ping (RFC 6455, 5.5.3)."""
    return _frame(_PONG, payload)


def close_frame(code: int, reason: str = "") -> bytes:
    """Return the frame that closes a connection. A reason that is too long for a control frame is cut."""
    return _frame(_CLOSE, pack("!H", code) + reason.encode("ascii", "replace")[:_MAX_REASON_LENGTH])


def _frame(first: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return pack("!BB", first, size) + payload
    if size < 65_536:
        return pack("!BBH", first, 126, size) + payload
    return pack("!BBQ", first, 127, size) + payload
