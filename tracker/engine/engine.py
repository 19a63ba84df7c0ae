"""The running engine: its channels, its connections, and the monitor that finds dead connections."""

import asyncio

from tracker.engine.channels import ChannelRegistry
from tracker.engine.connection import Connection
from tracker.engine.conversation import Conversation
from tracker.engine.errors import Code, ProtocolError
from tracker.engine.fast_path import FastPath
from tracker.engine.settings import EngineSettings

_BATCH_SIZE = 500  # connections checked in one turn of the event loop: about a tenth of a millisecond


class Engine:
    """The state that the WebSocket endpoint and the REST API share. It belongs to one event loop."""

    def __init__(self, settings: EngineSettings) -> None:
        self.settings = settings
        self.channels = ChannelRegistry()
        self.conversation = Conversation(settings, self.channels)
        self.connections: set[Connection] = set()
        self.fast_paths: set[FastPath] = set()
        self.is_closing = False

    @property
    def is_full(self) -> bool:
        """Whether the limit of connections is reached. Further clients get an error message and are closed."""
        return len(self.connections) >= self.settings.max_connections

    @property
    def is_over_rejection_limit(self) -> bool:
        """Whether so many clients are being rejected that even an error message for each costs too much."""
        return len(self.connections) >= self.settings.max_connections + self.settings.max_rejected_connections

    def connect(self, transport: asyncio.Transport) -> Connection:
        """Return a connection for an accepted socket. It is unsubscribed from all channels when it ends."""
        return Connection(transport, self.settings, self.channels.remove_socket)

    def drop(self, connection: Connection) -> None:
        """Forget a connection that is closed, and unsubscribe it from all channels."""
        self.connections.discard(connection)
        self.channels.remove_socket(connection)

    async def monitor(self) -> None:
        """Ping silent clients, and end the connections of those that do not answer. This runs until it is cancelled."""
        interval = min(self.settings.activity_timeout, self.settings.pong_timeout) / 10
        while True:
            await asyncio.sleep(interval)
            await self._check_all()

    async def close_all(self) -> None:
        """Close every connection with 1001, and return when all are gone or the shutdown grace is over."""
        self.is_closing = True
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.settings.shutdown_grace
        for connection in tuple(self.connections):
            connection.close(Code.GOING_AWAY)
        for fast_path in tuple(self.fast_paths):
            fast_path.close()
        while self.connections and loop.time() < deadline:
            await asyncio.sleep(0.01)
        for connection in tuple(self.connections):
            connection.abort()

    async def _check_all(self) -> None:
        connections = tuple(self.connections)
        for start in range(0, len(connections), _BATCH_SIZE):
            now = asyncio.get_running_loop().time()
            for connection in connections[start : start + _BATCH_SIZE]:
                self._check_connection(connection, now)
            await asyncio.sleep(0)

    def _check_connection(self, connection: Connection, now: float) -> None:
        if connection.is_closing:
            return
        if connection.pinged_at is not None:
            if now - connection.pinged_at > self.settings.pong_timeout:
                connection.end(ProtocolError("No answer to a ping.", Code.NO_PONG))
        elif now - connection.received_at > self.settings.activity_timeout:
            connection.ping()
