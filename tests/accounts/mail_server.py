"""A mail server on this machine that keeps what it is sent, and can be as difficult as real ones are."""

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
    """What the server is like, and what it has been told."""

    offers: tuple[str, ...] = ()
    """Extensions that it names, such as STARTTLS."""
    tls: ssl.SSLContext | None = None
    tls_from_start: bool = False
    answer_to_recipient: str = "250 OK"
    answer_to_data: str = "250 OK"
    before_answering_data: Callable[[], object] = lambda: None
    """Called when an email has come in and the sender waits for the answer."""
    port: int = 0
    heard: list[str] = field(default_factory=list)
    """Every line that came in, in the clear or after TLS."""
    in_the_clear: list[str] = field(default_factory=list)
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
        self.ours = self.server.mail_server
        self.encrypted = False
        try:
            if self.ours.tls_from_start:
                self._encrypt()
            self._talk()
        except (OSError, EOFError):
            pass  # whoever called has hung up, which is theirs to do
        finally:
            self.request.close()  # the one that TLS has wrapped, which the listener doesn't know of

    def _encrypt(self) -> None:
        assert self.ours.tls is not None
        self.request = self.ours.tls.wrap_socket(self.request, server_side=True)
        self.encrypted = True
        self.buffer = b""

    def _talk(self) -> None:
        self.buffer = b""
        self._say("220 mail.example.com ready")
        while True:
            line = self._line()
            self.ours.heard.append(line)
            if not self.encrypted:
                self.ours.in_the_clear.append(line)
            word = line.split(" ")[0].upper()
            getattr(self, f"_{word.lower()}", self._anything)(line)
            if word == "QUIT":
                return

    def _ehlo(self, _: str) -> None:
        offers = (
            "mail.example.com",
            *(offer for offer in self.ours.offers if not self.encrypted or "TLS" not in offer),
        )
        for offer in offers[:-1]:
            self._say(f"250-{offer}")
        self._say(f"250 {offers[-1]}")

    def _starttls(self, _: str) -> None:
        self._say("220 Go ahead")
        self._encrypt()

    def _auth(self, line: str) -> None:
        _, _, said = line.split(" ")
        _, _, self.ours.password = base64.b64decode(said).decode().split("\0")
        self._say("235 Welcome")

    def _rcpt(self, _: str) -> None:
        self._say(self.ours.answer_to_recipient)

    def _data(self, _: str) -> None:
        self._say("354 Go on")
        lines = []
        while (line := self._line()) != ".":
            lines.append(line.removeprefix(".") if line.startswith("..") else line)
        self.ours.before_answering_data()
        if self.ours.answer_to_data.startswith("2"):
            text = "\r\n".join([*lines, ""]).encode()
            self.ours.emails.append(message_from_bytes(text, policy=policy.default))  # type: ignore[arg-type]
        self._say(self.ours.answer_to_data)

    def _anything(self, _: str) -> None:
        self._say("250 OK")

    def _line(self) -> str:
        while b"\r\n" not in self.buffer:
            more = self.request.recv(65536)
            if not more:
                raise EOFError
            self.buffer += more
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line.decode(errors="replace")

    def _say(self, line: str) -> None:
        self.request.sendall(f"{line}\r\n".encode())
