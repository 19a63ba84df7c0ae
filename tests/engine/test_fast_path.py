"""A plain publishing request takes a faster path than all others, with the same result."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.clients import TIMEOUT, InProcessEngine, Viewer, an_engine, asynchronous, signed_query, wait_until
from tests.engine.engine_process import engine_settings
from tracker.engine.channels import ChannelRegistry
from tracker.engine.fast_path import FastPath
from tracker.engine.publication import PUBLISHING

EVENTS = "/apps/3/events"


def published(number: int, *, path: str = EVENTS, headers: str = "", query: str = "") -> bytes:
    """Return a request that publishes an event to the channel soup."""
    body = json.dumps({"name": "n", "channel": "soup", "data": str(number)}).encode()
    head = (
        f"POST {path}?{query or urlencode(signed_query('POST', path, body))} HTTP/1.1\r\nHost: localhost\r\n{headers}"
    )
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


@dataclass
class Publisher:
    """A connection on which the test sends every byte itself."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def status(self) -> int:
        """Read the next response to its end and return its status."""
        async with asyncio.timeout(TIMEOUT):
            head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
            await self.reader.readexactly(length)
        return int(head.split()[1])

    async def is_closed(self) -> bool:
        with suppress(ConnectionError):
            return await asyncio.wait_for(self.reader.read(), TIMEOUT) == b""
        return True


@asynccontextmanager
async def a_publisher(engine: InProcessEngine) -> AsyncIterator[Publisher]:
    reader, writer = await asyncio.open_connection("127.0.0.1", engine.port)
    try:
        yield Publisher(reader, writer)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def a_listener(engine: InProcessEngine) -> Viewer:
    viewer = await engine.viewer()
    await viewer.send("pusher:subscribe", {"channel": "soup"})
    await viewer.receive()
    return viewer


@asynchronous
async def test_one_connection_publishes_again_and_again() -> None:
    async with an_engine() as engine, a_publisher(engine) as publisher:
        listener = await a_listener(engine)

        for number in range(20):
            publisher.writer.write(published(number))
            assert await publisher.status() == 200
            assert await listener.expect("n") == number


@pytest.mark.parametrize("cut", [1, 30, 200, -60, -1])
@asynchronous
async def test_a_request_that_comes_in_two_pieces_is_published_once(cut: int) -> None:
    async with an_engine() as engine, a_publisher(engine) as publisher:
        listener, request = await a_listener(engine), published(7)

        publisher.writer.write(request[:cut])
        await listener.expect_nothing()
        publisher.writer.write(request[cut:])

        assert await publisher.status() == 200
        assert await listener.expect("n") == 7
        await listener.expect_nothing()


@asynchronous
async def test_requests_sent_all_at_once_are_published_once_each_and_in_order() -> None:
    async with an_engine() as engine, a_publisher(engine) as publisher:
        listener = await a_listener(engine)

        publisher.writer.write(b"".join(published(number) for number in range(10)))

        assert [await publisher.status() for _ in range(10)] == [200] * 10
        assert [await listener.expect("n") for _ in range(10)] == list(range(10))
        await listener.expect_nothing()


@pytest.mark.parametrize(
    ("first", "status"),
    [
        (published(1, path="/apps/4/events"), 404),
        (published(1, query="auth_key=x"), 401),
        (published(1, headers="Content-Length: 3\r\n"), 400),
        (published(1, headers="Transfer-Encoding: chunked\r\n"), 400),
        (b"GET /up HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
    ],
)
@asynchronous
async def test_a_request_that_is_not_plain_is_answered_as_before_and_publishes_nothing(
    first: bytes, status: int
) -> None:
    async with an_engine() as engine, a_publisher(engine) as publisher:
        listener = await a_listener(engine)
        publisher.writer.write(published(0))
        assert (await publisher.status(), await listener.expect("n")) == (200, 0)

        publisher.writer.write(first)

        assert await publisher.status() == status
        await listener.expect_nothing()


@pytest.mark.parametrize("headers", ["Expect: 100-continue\r\n", "Connection: close\r\n", "X-Escaped: \xe9\r\n"])
@asynchronous
async def test_a_request_with_something_unusual_in_its_head_is_published_as_well(headers: str) -> None:
    async with an_engine() as engine, a_publisher(engine) as publisher:
        listener = await a_listener(engine)

        publisher.writer.write(published(3, headers=headers))

        assert await listener.expect("n") == 3


@asynchronous
async def test_an_escaped_parameter_means_what_it_means_unescaped() -> None:
    async with an_engine() as engine, a_publisher(engine) as publisher:
        listener, body = await a_listener(engine), published(5).partition(b"\r\n\r\n")[2]
        query = urlencode(signed_query("POST", EVENTS, body, extra="a b%c"))

        publisher.writer.write(published(5, query=query))

        assert await publisher.status() == 200
        assert await listener.expect("n") == 5


@asynchronous
async def test_a_body_that_never_comes_whole_is_not_waited_for_long() -> None:
    async with an_engine(body_timeout=0.1) as engine, a_publisher(engine) as publisher:
        publisher.writer.write(published(5)[:-1])

        assert await publisher.status() == 408


@asynchronous
async def test_the_engine_does_not_wait_for_the_body_of_a_request_without_the_secret() -> None:
    async with an_engine() as engine, a_publisher(engine) as publisher:
        publisher.writer.write(published(5, query="auth_key=x")[:-1])

        assert await publisher.status() == 401


@asynchronous
async def test_a_publisher_who_falls_silent_is_let_go_and_one_who_does_not_is_kept() -> None:
    async with an_engine(http_idle_timeout=1.0) as engine, a_publisher(engine) as silent, a_publisher(engine) as busy:
        for one in (silent, busy):
            one.writer.write(published(0))
            assert await one.status() == 200

        async with asyncio.timeout(TIMEOUT):
            while not silent.reader.at_eof():
                busy.writer.write(published(1))
                assert await busy.status() == 200

        busy.writer.write(published(2))
        assert await busy.status() == 200
        assert await busy.is_closed()


@asynchronous
async def test_an_event_that_fails_unexpectedly_is_answered_and_logged_and_not_sent_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with an_engine() as engine, a_publisher(engine) as publisher:
        listener, (publish, largest) = await a_listener(engine), PUBLISHING["events"]

        def publish_and_fail(channels: ChannelRegistry, body: bytes) -> None:
            publish(channels, body)
            raise ZeroDivisionError

        with monkeypatch.context() as fault:
            fault.setitem(PUBLISHING, "events", (publish_and_fail, largest))
            publisher.writer.write(published(1))
            status = await publisher.status()
        publisher.writer.write(published(2))

        assert (status, await publisher.status()) == (500, 200)
        assert [await listener.expect("n"), await listener.expect("n")] == [1, 2]
        assert [record.getMessage() for record in caplog.records if record.exc_info] == ["Publishing an event failed."]


@asynchronous
async def test_an_engine_that_stops_does_not_wait_for_publishers() -> None:
    async with an_engine() as engine, a_publisher(engine) as publisher, a_publisher(engine) as never_spoke:
        publisher.writer.write(published(0))
        assert await publisher.status() == 200

        engine.task.cancel()

        assert await publisher.is_closed()
        assert await never_spoke.is_closed()
        await wait_until(engine.task.done)


class HandedOver(asyncio.Protocol):
    """Stands in for aiohttp's protocol and keeps the bytes that it is given."""

    def __init__(self) -> None:
        self.came = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        pass

    def data_received(self, data: bytes) -> None:
        self.came += data


class FakeTransport(asyncio.Transport):
    """A transport without a network."""

    def __init__(self) -> None:
        super().__init__()
        self.protocol: asyncio.BaseProtocol | None = None
        self.written: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def get_write_buffer_size(self) -> int:
        return 0

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol


@pytest.mark.parametrize("headers", ["", "Connection: keep-alive\r\n", "connection:Keep-Alive\r\n"])
def test_a_plain_request_is_answered_at_once_without_aiohttp(headers: str) -> None:
    transport, other = FakeTransport(), HandedOver()

    async def story() -> None:
        front = FastPath(engine_settings(), ChannelRegistry(), set(), lambda: other)
        front.connection_made(transport)
        front.data_received(published(1, headers=headers))

    asyncio.run(story())

    assert [response.split(b"\r\n")[0] for response in transport.written] == [b"HTTP/1.1 200 OK"]
    assert other.came == b""


@given(noise=st.binary(max_size=200), at=st.integers(0, 400), cuts=st.lists(st.integers(1, 60), max_size=6))
@settings(deadline=None)
def test_what_the_fast_path_does_not_understand_is_passed_on_without_losing_a_byte(
    noise: bytes, at: int, cuts: list[int]
) -> None:
    request, other = published(5, path="/apps/4/events"), HandedOver()
    received = request[:at] + noise + request[at:]

    async def story() -> None:
        front, transport = FastPath(engine_settings(), ChannelRegistry(), set(), lambda: other), FakeTransport()
        front.connection_made(transport)
        left = received
        for cut in [*cuts, len(received)]:
            (transport.protocol or front).data_received(left[:cut])  # type: ignore[attr-defined]  # both have it
            left = left[cut:]

    asyncio.run(story())

    assert other.came == received
