"""WebSocket frames (RFC 6455) as a server sends them: unmasked, unfragmented, uncompressed.

A server's frame holds nothing of its receiver, so one message is framed once for all who hear it.
"""

from struct import pack

_TEXT, _CLOSE, _PONG = 0x81, 0x88, 0x8A  # opcode and the bit that says "this is the whole of it"
_MAX_REASON_LENGTH = 123


def text_frame(payload: bytes) -> bytes:
    """A text message; `payload` is UTF-8."""
    return _frame(_TEXT, payload)


def pong_frame(payload: bytes) -> bytes:
    """The answer to a WebSocket ping, which must carry the ping's own payload back."""
    return _frame(_PONG, payload)


def close_frame(code: int, reason: str = "") -> bytes:
    """The wish to close; a reason longer than a control frame can hold is cut."""
    return _frame(_CLOSE, pack("!H", code) + reason.encode("ascii", "replace")[:_MAX_REASON_LENGTH])


def _frame(first: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return pack("!BB", first, size) + payload
    if size < 65_536:
        return pack("!BBH", first, 126, size) + payload
    return pack("!BBQ", first, 127, size) + payload
