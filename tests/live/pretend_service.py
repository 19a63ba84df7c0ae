"""A Channels service over real HTTP that responds as a test wants, and records its requests."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class PretendService:
    """The responses of the service, and the requests that it has received."""

    port: int = 0
    status: int = 200
    body: str = "{}"
    closes_after_each: bool = False
    """Whether the connection is closed after each response, without announcing it."""
    batches: list[list[dict[str, Any]]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    connections: set[int] = field(default_factory=set)
    """The ports of the clients."""
    stall: threading.Event = field(default_factory=threading.Event)
    """While this event is cleared, responses wait for it."""


@contextmanager
def a_pretend_service(**options: Any) -> Iterator[PretendService]:
    """Run such a service on a free port of 127.0.0.1."""
    service = PretendService(**options)
    service.stall.set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            service.batches.append(body["batch"])
            service.paths.append(self.path.partition("?")[0])
            service.connections.add(self.client_address[1])
            service.stall.wait(timeout=30)
            response = service.body.encode()
            self.send_response(service.status)
            self.send_header("Content-Length", str(len(response)))
            self.end_headers()
            self.wfile.write(response)
            self.close_connection = service.closes_after_each

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that disconnects is no error
    service.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield service
    finally:
        service.stall.set()
        server.shutdown()
        thread.join()
        server.server_close()
