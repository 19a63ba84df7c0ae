"""Stopping and starting again: fast, with a proper close, and without anything left behind."""

import asyncio
import dataclasses
import signal
import socket
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from tests.engine.clients import InProcessEngine, Viewer, a_raw_socket, an_engine, asynchronous, wait_until
from tests.engine.engine_process import RunningEngine, engine_settings, running_engine
from tracker.engine import serve

TRIES = 5


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_engine_closes_its_sockets_ends_in_two_seconds_and_frees_its_port(
    how: signal.Signals, tmp_path: Path
) -> None:
    with running_engine(engine_settings(), log=tmp_path / "log") as engine:

        async def story() -> list[int | None]:
            async with aiohttp.ClientSession() as http:
                door = _as_in_process(engine, http)
                viewers = [await door.viewer() for _ in range(20)]
                engine.process.send_signal(how)
                return [await viewer.close_code() for viewer in viewers]

        started = time.monotonic()
        codes = asyncio.run(story())
        status = engine.process.wait(timeout=5)

        assert (set(codes), status) == ({1001}, 0)
        assert time.monotonic() - started < 4  # seconds; with waiting it would take five and more
        _bind(engine.port)
    log = (tmp_path / "log").read_text()
    assert "Traceback" not in log
    assert "has stopped" in log


def test_a_client_that_never_answers_a_close_does_not_delay_the_end() -> None:
    with running_engine(engine_settings()) as engine:

        async def story() -> int:
            async with a_raw_socket(engine.port):
                return await asyncio.to_thread(engine.stop)

        started = time.monotonic()
        assert asyncio.run(story()) == 0
        assert time.monotonic() - started < 4  # seconds; with waiting it would take five and more


@pytest.mark.parametrize("end", [RunningEngine.stop, RunningEngine.kill])
def test_an_engine_full_of_viewers_is_back_within_a_second_however_it_ended(
    end: Callable[[RunningEngine], object],
) -> None:
    durations = []
    while len(durations) < TRIES and min(durations, default=2.0) >= 1:
        with running_engine(engine_settings(close_grace=2)) as first:
            durations.append(asyncio.run(_seconds_until_it_is_back(first, end)))

    assert min(durations) < 1


@asynchronous
async def test_an_engine_that_stops_waits_for_viewers_to_answer_the_close() -> None:
    async with an_engine(shutdown_grace=5) as engine, a_raw_socket(engine.port) as raw:
        engine.task.cancel()
        assert await raw.close_code() == 1001
        assert not engine.task.done()

        raw.send(0x88, (1001).to_bytes(2))

        await wait_until(engine.task.done)


@asynchronous
async def test_while_it_stops_nobody_new_gets_in_and_those_inside_are_sent_away() -> None:
    async with an_engine(shutdown_grace=1) as engine:
        viewer = await engine.viewer()
        engine.task.cancel()

        assert await viewer.close_code() == 1001
        await asyncio.wait({engine.task})

        with pytest.raises(aiohttp.ClientConnectorError):
            await engine.open_websocket()


@asynchronous
async def test_a_taken_port_is_an_error_at_once() -> None:
    async with an_engine() as engine:
        with pytest.raises(OSError, match="in use"):
            await serve(engine_settings(port=engine.port))


async def _seconds_until_it_is_back(first: RunningEngine, end: Callable[[RunningEngine], object]) -> float:
    """Return the seconds from ending an engine full of viewers until a viewer is subscribed to the next one.

    The time in which the next engine was ready to run, but waited for a processor, does not count.
    """
    async with AsyncExitStack() as stack:
        sockets = (stack.enter_async_context(a_raw_socket(first.port)) for _ in range(300))
        await asyncio.gather(*sockets)
        started = time.monotonic()
        await asyncio.to_thread(end, first)
        with running_engine(dataclasses.replace(first.settings, port=first.port)) as second:
            await _subscribe(second)
            return time.monotonic() - started - second.seconds_waiting_for_cpu()


async def _subscribe(engine: RunningEngine) -> None:
    async with aiohttp.ClientSession() as http:
        viewer: Viewer = await _as_in_process(engine, http).viewer()
        await viewer.subscribe("private-a")


def _as_in_process(engine: RunningEngine, http: aiohttp.ClientSession) -> InProcessEngine:
    return InProcessEngine(engine.settings, engine.port, http, asyncio.create_task(asyncio.sleep(0)))


def _bind(port: int) -> None:
    """Assert that nothing listens on the port any more."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        probe.listen()
