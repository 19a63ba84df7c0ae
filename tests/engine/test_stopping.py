"""Stopping and starting again: quickly, politely, and without a trace."""

import asyncio
import dataclasses
import signal
import socket
import time
from pathlib import Path

import aiohttp
import pytest

from tests.engine.running import RunningEngine, engine_settings, running_engine
from tests.engine.talking import Door, Viewer, a_raw_socket, an_engine, asynchronous
from tracker.engine import serve


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_engine_says_goodbye_ends_in_two_seconds_and_frees_its_port(
    how: signal.Signals, tmp_path: Path
) -> None:
    with running_engine(engine_settings(), log=tmp_path / "log") as engine:

        async def story() -> list[int | None]:
            async with aiohttp.ClientSession() as http:
                door = _door(engine, http)
                viewers = [await door.viewer() for _ in range(20)]
                engine.process.send_signal(how)
                return [await viewer.is_closed_with() for viewer in viewers]

        started = time.monotonic()
        codes = asyncio.run(story())
        status = engine.process.wait(timeout=5)

        assert (set(codes), status) == ({1001}, 0)
        assert time.monotonic() - started < 2
        _bind(engine.port)
    log = (tmp_path / "log").read_text()
    assert "Traceback" not in log
    assert "has stopped" in log


def test_a_client_that_never_agrees_to_go_does_not_hold_the_engine_up() -> None:
    with running_engine(engine_settings()) as engine:

        async def story() -> int:
            async with a_raw_socket(engine.port):
                return await asyncio.to_thread(engine.stop)

        started = time.monotonic()
        assert asyncio.run(story()) == 0
        assert time.monotonic() - started < 2


def test_a_killed_engine_comes_back_on_the_same_port_within_a_second_or_so() -> None:
    with running_engine(engine_settings()) as first:
        asyncio.run(_visit(first))
        first.kill()
        started = time.monotonic()

        with running_engine(dataclasses.replace(first.settings, port=first.port)) as second:
            asyncio.run(_visit(second))

            assert second.port == first.port
            assert time.monotonic() - started < 5


@asynchronous
async def test_while_it_stops_nobody_new_gets_in_and_those_inside_are_sent_away() -> None:
    async with an_engine(shutdown_grace=1) as engine:
        viewer = await engine.viewer()
        engine.task.cancel()

        assert await viewer.is_closed_with() == 1001
        await asyncio.wait({engine.task})

        with pytest.raises(aiohttp.ClientConnectorError):
            await engine.knock()


@asynchronous
async def test_a_taken_port_is_an_error_at_once() -> None:
    async with an_engine() as engine:
        with pytest.raises(OSError, match="in use"):
            await serve(engine_settings(port=engine.port))


async def _visit(engine: RunningEngine) -> None:
    async with aiohttp.ClientSession() as http:
        viewer: Viewer = await _door(engine, http).viewer()
        await viewer.subscribe("private-a")


def _door(engine: RunningEngine, http: aiohttp.ClientSession) -> Door:
    return Door(engine.settings, engine.port, http, asyncio.create_task(asyncio.sleep(0)))


def _bind(port: int) -> None:
    """Raises when anything still listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        probe.listen()
