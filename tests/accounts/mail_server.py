"""A mail server on this machine that records what it receives, and can be as difficult as real ones are."""

import base64
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class MailServer:
    """How the server behaves, and what it has received."""

    extensions: tuple[str, ...] = ()
    """The extensions that it announces, such as STARTTLS."""
    tls: ssl.SSLContext | None = None
    tls_from_start: bool = False
    response_to_recipient: str = "250 OK"
    response_to_data: str = "250 OK"
    before_responding_to_data: Callable[[], object] = lambda: None
    """Called when an e-mail has arrived and the sender waits for the response."""
    port: int = 0
    lines: list[str] = field(default_factory=list)
    """Every line that was received, unencrypted or after TLS."""
    unencrypted_lines: list[str] = field(default_factory=list)
    emails: list[EmailMessage] = field(default_factory=list)
    password: str = ""

    @contextmanager
    def running(self) -> Iterator["MailServer"]:
        """Listen on a free port of this machine."""
        with _Listener(("127.0.0.1", 0), _Conversation) as listener:
            listener.mail_server = self
            self.port = listener.server_address[1]
            thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            try:
                yield self
            finally:
                listener.shutdown()
                thread.join()


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    mail_server: MailServer


class _Conversation(socketserver.BaseRequestHandler):
    server: _Listener

    def handle(self) -> None:
        self.mail_server = self.server.mail_server
        self.encrypted = False
        try:
            if self.mail_server.tls_from_start:
                self._encrypt()
            self._serve()
        except (OSError, EOFError):
            pass  # the client has disconnected, which it may do at any time
        finally:
            self.request.close()  # the socket that TLS has wrapped, which the listener doesn't know

    def _encrypt(self) -> None:
        assert self.mail_server.tls is not None
        self.request = self.mail_server.tls.wrap_socket(self.request, server_side=True)
        self.encrypted = True
        self.buffer = b""

    def _serve(self) -> None:
        self.buffer = b""
        self._send("220 mail.example.com ready")
        while True:
            line = self._line()
            self.mail_server.lines.append(line)
            if not self.encrypted:
                self.mail_server.unencrypted_lines.append(line)
            command = line.split(" ")[0].upper()
            getattr(self, f"_{command.lower()}", self._accept)(line)
            if command == "QUIT":
                return

    def _ehlo(self, _: str) -> None:
        extensions = (
            "mail.example.com",
            *(extension for extension in self.mail_server.extensions if not self.encrypted or "TLS" not in extension),
        )
        for extension in extensions[:-1]:
            self._send(f"250-{extension}")
        self._send(f"250 {extensions[-1]}")

    def _starttls(self, _: str) -> None:
        self._send("220 Go ahead")
        self._encrypt()

    def _auth(self, line: str) -> None:
        _, _, credentials = line.split(" ")
        _, _, self.mail_server.password = base64.b64decode(credentials).decode().split("\0")
        self._send("235 Welcome")

    def _rcpt(self, _: str) -> None:
        self._send(self.mail_server.response_to_recipient)

    def _data(self, _: str) -> None:
        self._send("354 Go on")
        lines = []
        while (line := self._line()) != ".":
            lines.append(line.removeprefix(".") if line.startswith("..") else line)
        self.mail_server.before_responding_to_data()
        if self.mail_server.response_to_data.startswith("2"):
            text = "\r\n".join([*lines, ""]).encode()
            self.mail_server.emails.append(message_from_bytes(text, policy=policy.default))  # type: ignore[arg-type]
        self._send(self.mail_server.response_to_data)

    def _accept(self, _: str) -> None:
        self._send("250 OK")

    def _line(self) -> str:
        while b"\r\n" not in self.buffer:
            received = self.request.recv(65536)
            if not received:
                raise EOFError
            self.buffer += received
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line.decode(errors="replace")

    def _send(self, line: str) -> None:
        self.request.sendall(f"{line}\r\n".encode())
