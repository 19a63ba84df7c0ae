"""Run the two programs of a third party and collect the events that they receive."""

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.stories.evening.contract import Received, check

PATIENCE = 15.0


class Program:
    """A running program that writes each received event as a line of JSON. Events are read for each order in turn."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._waiting: dict[str | None, list[Received]] = {}
        self._arrived = threading.Condition()
        self.received: list[Received] = []
        """Every documented event that receive() has returned."""
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def write_line(self, line: str) -> None:
        """Write a line to the program's standard input."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def next(self, order: str | None = None) -> Received:
        """Wait for the next event of this order and return it. Fails if none arrives in time."""
        end = time.monotonic() + PATIENCE
        with self._arrived:
            while not self._waiting.get(order):
                assert self._arrived.wait(end - time.monotonic()), f"no event of {order} arrived"
            return self._waiting[order].pop(0)

    def receive(self, order: str, event: str) -> dict[str, Any]:
        """Return the properties of the next event of this order, which must be this event in its documented form."""
        name, properties = self.next(order)
        assert name == event, (name, properties)
        check(name, properties)
        self.received.append((name, properties))
        return properties

    @property
    def unread(self) -> list[Received]:
        """Return the received events that no test has read."""
        with self._arrived:
            return [event for events in self._waiting.values() for event in events]

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            event = json.loads(line)
            with self._arrived:
                self._waiting.setdefault(event["order"], []).append((event["event"], event["data"]))
                self._arrived.notify_all()


@contextmanager
def running(*command: str, **options: Any) -> Iterator[Program]:
    """Run a program until the end of the block. Its only argument is the options as JSON."""
    process = subprocess.Popen(
        [*command, json.dumps(options)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    program = Program(process)
    try:
        yield program
    finally:
        process.kill()
        process.wait(timeout=PATIENCE)
        program.reader.join(timeout=PATIENCE)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
