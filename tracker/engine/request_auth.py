"""Check that a REST request was signed with the secret, recently, and that it is unchanged since."""

import asyncio
from collections.abc import Mapping

from aiohttp import web

from tracker.engine.errors import RequestError
from tracker.engine.settings import EngineSettings
from tracker.engine.signatures import body_md5, constant_time_equal, sign, string_to_sign

VALID_FOR = 600  # seconds for which a signature is valid, before and after its timestamp, as clocks differ


def check_signature(settings: EngineSettings, method: str, path: str, query: Mapping[str, str], *, now: float) -> None:
    """Raise `RequestError` (401) unless key, version, time and signature are right. `now` is Unix time."""
    if not constant_time_equal(query.get("auth_key", ""), settings.key):
        raise RequestError(401, "auth_key is not the key of this app.")
    if query.get("auth_version") != "1.0":
        raise RequestError(401, "auth_version must be 1.0.")
    given = query.get("auth_signature", "")
    if not constant_time_equal(given, sign(settings.secret, string_to_sign(method, path, query))):
        raise RequestError(401, "auth_signature is not the signature of this request.")
    timestamp = query.get("auth_timestamp", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 15):
        raise RequestError(401, "auth_timestamp must be in whole seconds.")
    if abs(now - int(timestamp)) > VALID_FOR:
        raise RequestError(401, f"auth_timestamp must be within {VALID_FOR} seconds of this server's time.")


def check_body(query: Mapping[str, str], body: bytes) -> None:
    """Raise `RequestError` (401) unless the body is the one whose digest was signed."""
    if (body or "body_md5" in query) and not constant_time_equal(query.get("body_md5", ""), body_md5(body)):
        raise RequestError(401, "body_md5 is not the digest of this body.")


async def signed_body(request: web.Request, settings: EngineSettings, *, largest: int, now: float) -> bytes:
    """Return the body, of at most `largest` bytes, of a correctly signed request.

    The body is read only after the signature of the query is checked. Raises `RequestError` (400, 401, 408, 413).
    """
    query = request.query
    if len({name.lower() for name in query}) != len(query):
        raise RequestError(400, "A parameter is given twice.")
    check_signature(settings, request.method, request.path, query, now=now)
    body = await _read(request, settings, largest)
    check_body(query, body)
    return body


async def _read(request: web.Request, settings: EngineSettings, largest: int) -> bytes:
    too_large = RequestError(413, f"The body must not be larger than {largest} bytes.")
    if (request.content_length or 0) > largest:
        raise too_large
    try:
        async with asyncio.timeout(settings.body_timeout):
            body = await request.read()
    except TimeoutError:
        raise RequestError(408, "The body did not arrive in time.") from None
    except web.HTTPRequestEntityTooLarge:
        raise too_large from None
    if len(body) > largest:
        raise too_large
    return body
