"""The running engine: its channels, its connections, and the one clock that finds those that have died."""

import asyncio

from tracker.engine.channels import ChannelRegistry
from tracker.engine.connection import Connection
from tracker.engine.conversation import Conversation
from tracker.engine.errors import Code, ProtocolError
from tracker.engine.fast_path import FastPath
from tracker.engine.settings import EngineSettings

_BATCH_SIZE = 500  # connections looked at before others get their turn: about a tenth of a millisecond


class Engine:
    """What all doors share. Lives in one event loop."""

    def __init__(self, settings: EngineSettings) -> None:
        self.settings = settings
        self.channels = ChannelRegistry()
        self.conversation = Conversation(settings, self.channels)
        self.connections: set[Connection] = set()
        self.fast_paths: set[FastPath] = set()
        self.is_closing = False

    @property
    def is_full(self) -> bool:
        """No further client is served; those who come are told so."""
        return len(self.connections) >= self.settings.max_connections

    @property
    def is_over_rejection_limit(self) -> bool:
        """So many come that even telling them costs too much."""
        return len(self.connections) >= self.settings.max_connections + self.settings.max_rejected_connections

    def connect(self, transport: asyncio.Transport) -> Connection:
        """A connection for an accepted socket; it listens to nothing any more from the moment it ends."""
        return Connection(transport, self.settings, self.channels.remove_socket)

    def drop(self, connection: Connection) -> None:
        """The connection is gone."""
        self.connections.discard(connection)
        self.channels.remove_socket(connection)

    async def monitor(self) -> None:
        """Ask silent clients whether they are there, and end those that do not answer; runs until cancelled."""
        interval = min(self.settings.activity_timeout, self.settings.pong_timeout) / 10
        while True:
            await asyncio.sleep(interval)
            await self._check_all()

    async def close_all(self) -> None:
        """Send every client away with 1001, and return when they are gone or the grace is over."""
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
