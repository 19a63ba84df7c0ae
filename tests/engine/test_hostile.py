"""Broken and hostile clients get an error or are closed, and no other client notices."""

import asyncio
import json
import logging
from contextlib import suppress

import pytest

from tests.engine.clients import a_raw_socket, an_engine, asynchronous
from tests.engine.engine_process import KEY

TEXT, CONTINUED, BINARY, PING = 0x81, 0x01, 0x82, 0x89


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "{",
        "[" * 5_000,
        "null",
        "[]",
        '"pusher:ping"',
        "{}",
        '{"event":null}',
        '{"event":["pusher:ping"]}',
        '{"event":"pusher:ping","channel":7}',
        '{"event":"pusher:subscribe"}',
        '{"event":"pusher:subscribe","data":"private-a"}',
        '{"event":"pusher:subscribe","data":{"channel":["a"]}}',
        '{"event":"pusher:unsubscribe","data":null}',
        '{"event":"pusher:signin","data":{}}',
        '{"event":"news","channel":"a","data":"1"}',
        '{"event":"pusher_internal:member_added","channel":"presence-a","data":"{}"}',
        '{"event":"\\ud800"}',
        '{"event":' + "9" * 5_000 + "}",
    ],
)
@asynchronous
async def test_a_message_that_makes_no_sense_is_answered_with_an_error_and_the_connection_stays(text: str) -> None:
    async with an_engine() as engine:
        viewer = await engine.viewer()

        await viewer.socket.send_str(text)

        assert (await viewer.expect("pusher:error"))["message"]
        await viewer.expect_nothing()


@pytest.mark.parametrize(
    ("first", "payload", "code"),
    [
        (TEXT, b'{"event":"\xff"}', 1007),
        (TEXT, b" " * 33_000, 1009),
        (0xF1, b"{}", 1002),
        (0x83, b"{}", 1002),
        (BINARY, b"{}", 1003),
    ],
)
@asynchronous
async def test_a_broken_frame_closes_its_own_socket_with_the_reason(
    first: int, payload: bytes, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with an_engine() as engine, a_raw_socket(engine.port) as raw:
        other = await engine.viewer()

        raw.send(first, payload)

        assert await raw.close_code() == code
        await other.expect_nothing()
        assert not [record for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR]


@asynchronous
async def test_a_message_in_a_thousand_pieces_is_still_too_large() -> None:
    async with an_engine(max_frame_bytes=1_000) as engine, a_raw_socket(engine.port) as raw:
        raw.send(CONTINUED, b" " * 100)
        for _ in range(20):
            raw.send(0x00, b" " * 100)

        assert await raw.close_code() == 1009


@asynchronous
async def test_a_ping_of_the_websocket_itself_is_answered_with_its_own_payload() -> None:
    async with an_engine() as engine, a_raw_socket(engine.port) as raw:
        raw.send(PING, b"abc")

        response = b"\x8a\x03abc"
        async with asyncio.timeout(5):
            assert (await raw.reader.readuntil(response)).endswith(response)


@asynchronous
async def test_a_client_that_never_stops_talking_is_closed_and_may_come_back_later() -> None:
    async with an_engine(frame_burst=20, frames_per_second=1) as engine:
        talker, other = await engine.viewer(), await engine.viewer()

        for _ in range(25):
            await talker.send("pusher:ping")

        assert await talker.close_code() == 4100
        await other.expect_nothing()


@asynchronous
async def test_what_is_not_http_is_dropped_without_a_traceback_or_its_text_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with an_engine() as engine:
        for noise in (
            b"\x16\x03\x01\x02\x00",
            b"GET /?auth_signature=hush HTTP/9.9\r\n\r\n",
            b"\r\n" * 9,
            b"x" * 99_999,
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", engine.port)
            writer.write(noise)
            writer.write_eof()
            with suppress(ConnectionError):
                await asyncio.wait_for(reader.read(), 5)
            writer.close()

        await (await engine.viewer()).expect_nothing()
    assert not [record for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR]
    assert "hush" not in caplog.text


@asynchronous
async def test_a_connection_without_a_request_is_dropped() -> None:
    async with an_engine(http_idle_timeout=0.1) as engine:
        for half in (b"", b"GET /up HTTP/1.1\r\nHost: a\r\n"):
            reader, writer = await asyncio.open_connection("127.0.0.1", engine.port)
            writer.write(half)

            assert await asyncio.wait_for(reader.read(), 5) == b""
            writer.close()


@asynchronous
async def test_secrets_and_contents_stay_out_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with an_engine(client_events=True) as engine:
        viewer = await engine.viewer()
        await viewer.subscribe("presence-kitchen", {"user_id": "ann-of-the-grill"})
        await engine.trigger("presence-kitchen", "news", '"two pizzas"')
        await viewer.send("pusher:subscribe", {"channel": "private-x", "auth": "forged-auth"})
        await viewer.send("client-x", "whispered", channel="presence-kitchen")
        async with engine.http.get(engine.url("/apps/3/channels?auth_signature=stolen")) as response:
            assert response.status == 401
        async with engine.http.get(engine.url(f"/app/{KEY}?token=stolen")) as response:
            assert response.status == 426

    ours = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith(("tracker", "aiohttp")))
    assert "listens" in ours
    for word in ("pizzas", "ann-of", "forged", "whispered", "stolen", "auth_signature", "kitchen"):
        assert word not in ours


@asynchronous
async def test_an_unexpected_failure_is_answered_without_details(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("innards")

    async with an_engine() as engine:
        monkeypatch.setattr("tracker.engine.channels.ChannelRegistry.occupied", fail)

        sentence = await engine.request("GET", "/apps/3/channels", status=500)

        assert "innards" not in sentence
        assert [record for record in caplog.records if record.exc_info]


@asynchronous
async def test_hundreds_who_come_back_at_once_are_all_served() -> None:
    async with an_engine() as engine:
        viewers = await asyncio.gather(*(engine.viewer() for _ in range(300)))
        await asyncio.gather(*(viewer.subscribe(f"private-{n % 100}") for n, viewer in enumerate(viewers)))

        await asyncio.gather(*(engine.trigger(f"private-{n}", "news", str(n)) for n in range(100)))

        received = await asyncio.gather(*(viewer.expect("news") for viewer in viewers))
        assert received == [n % 100 for n in range(300)]


@asynchronous
async def test_json_of_every_wrong_shape_is_survived() -> None:
    shapes = [None, 1, -0.5, "", "x", [], [[]], {}, {"channel": {}}, {"channel": None, "auth": []}]
    async with an_engine(client_events=True) as engine:
        viewer = await engine.viewer()
        for event in ("pusher:subscribe", "pusher:unsubscribe", "client-x"):
            for shape in shapes:
                await viewer.socket.send_str(json.dumps({"event": event, "data": shape}))
                assert (await viewer.receive())["event"] in ("pusher:error", "pusher:subscription_error")
        await viewer.expect_nothing()
