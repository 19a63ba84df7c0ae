"""Viewers that read too slowly and viewers that have gone: neither may cost the others anything."""

import asyncio
import time

import pytest

from tests.engine.clients import RawSocket, a_raw_socket, an_engine, asynchronous, wait_until


async def a_deaf_one(raw: RawSocket) -> None:
    """Subscribe by hand, and then stop reading."""
    raw.send(0x81, b'{"event":"pusher:subscribe","data":{"channel":"busy"}}')
    async with asyncio.timeout(5):
        await raw.reader.readuntil(b"subscription_succeeded")
    raw.writer.transport.pause_reading()  # type: ignore[attr-defined]


SMALL = {"send_buffer_bytes": 65_536, "max_pending_bytes": 20_000}


@asynchronous
async def test_a_reader_too_slow_is_closed_and_the_others_hear_everything_at_once() -> None:
    async with an_engine(**SMALL) as engine, a_raw_socket(engine.port) as deaf:
        await a_deaf_one(deaf)
        listener = await engine.viewer()
        await listener.send("pusher:subscribe", {"channel": "busy"})
        await listener.receive()

        published = 0
        while (await engine.counts())["connections"] == 2 and published < 2_000:
            started = time.monotonic()
            await engine.trigger("busy", "n", str(published) + " " * 10_000)
            assert await listener.expect("n") == published
            assert time.monotonic() - started < 10
            published += 1

        assert published < 2_000
        assert (await engine.counts()) == {"connections": 1, "channels": 1}


@asynchronous
async def test_a_slow_reader_that_catches_up_in_time_is_told_to_come_back_later() -> None:
    async with an_engine(**SMALL, close_grace=5) as engine, a_raw_socket(engine.port) as deaf:
        await a_deaf_one(deaf)
        while (await engine.trigger("busy", "n", " " * 10_000, info="subscription_count"))["channels"]["busy"][
            "subscription_count"
        ]:
            pass

        deaf.writer.transport.resume_reading()  # type: ignore[attr-defined]

        assert await deaf.close_code() == 4100


@asynchronous
async def test_many_small_messages_are_too_many_as_well() -> None:
    async with (
        an_engine(max_pending_frames=50, max_pending_bytes=100_000_000) as engine,
        a_raw_socket(engine.port) as deaf,
    ):
        await a_deaf_one(deaf)

        batch = {"batch": [{"channel": "busy", "name": "n", "data": " " * 5_000}] * 10}
        published = 0
        while (await engine.counts())["channels"] and published < 5_000:
            await engine.request("POST", "/apps/3/batch_events", batch)
            published += 10

        assert published < 5_000


@asynchronous
async def test_a_reader_that_is_slow_but_keeps_up_is_left_alone() -> None:
    async with an_engine(**SMALL) as engine:
        listener = await engine.viewer()
        await listener.send("pusher:subscribe", {"channel": "busy"})
        await listener.receive()

        for number in range(200):
            await engine.trigger("busy", "n", str(number) + " " * 10_000)
            assert await listener.expect("n") == number


@asynchronous
async def test_a_viewer_that_is_being_closed_is_gone_for_the_others_at_once() -> None:
    async with an_engine(close_grace=30) as engine, a_raw_socket(engine.port) as stubborn:
        await a_deaf_one(stubborn)
        assert await engine.counts() == {"connections": 1, "channels": 1}

        stubborn.send(0x82, b"not text")

        async with asyncio.timeout(5):
            while await engine.counts() != {"connections": 1, "channels": 0}:
                await asyncio.sleep(0.01)


QUICK = {"activity_timeout": 0.2, "pong_timeout": 0.2}


@asynchronous
async def test_a_silent_viewer_is_pinged_and_one_that_answers_stays() -> None:
    async with an_engine(**QUICK) as engine:
        viewer = await engine.viewer()

        for _ in range(3):
            await viewer.expect("pusher:ping")
            await viewer.send("pusher:pong")

        await viewer.expect_nothing()


@asynchronous
async def test_a_viewer_that_does_not_answer_is_closed_and_gone_for_the_others() -> None:
    async with an_engine(**QUICK) as engine:
        silent = await engine.viewer()
        await silent.subscribe("presence-kitchen", {"user_id": "silent"})

        await silent.expect("pusher:ping")
        error = await silent.expect("pusher:error")

        assert error["code"] == await silent.close_code() == 4201
        assert await engine.request("GET", "/apps/3/channels/presence-kitchen/users") == {"users": []}


@asynchronous
async def test_a_viewer_whose_machine_fell_asleep_is_removed_without_its_agreement() -> None:
    async with an_engine(**QUICK, close_grace=0.2) as engine, a_raw_socket(engine.port) as asleep:
        await a_deaf_one(asleep)
        assert await engine.counts() == {"connections": 1, "channels": 1}

        async with asyncio.timeout(5):
            while await engine.counts() != {"connections": 0, "channels": 0}:
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("sign_of_life", ['{"event":"pusher:ping"}', '{"event":"pusher:pong"}', "nonsense"])
@asynchronous
async def test_a_viewer_that_sends_anything_is_not_pinged(sign_of_life: str) -> None:
    async with an_engine(activity_timeout=0.5, pong_timeout=0.5) as engine:
        viewer, started = await engine.viewer(), time.monotonic()
        received: list[str] = []

        async def listen() -> None:
            received.extend([str(message.data) async for message in viewer.socket])

        listening = asyncio.create_task(listen())
        while time.monotonic() - started < 1:
            await viewer.socket.send_str(sign_of_life)
            await asyncio.sleep(0.02)
        assert not viewer.socket.closed
        assert not [message for message in received if "pusher:ping" in message]
        await viewer.close()
        await wait_until(listening.done)
