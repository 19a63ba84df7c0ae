"""The two programs of a third party, while they run, and what they have received so far."""

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.stories.evening.contract import Heard, check

PATIENCE = 15.0


class Program:
    """A program that says in lines of JSON what it receives, for each order by itself and in the order of arrival."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._waiting: dict[str | None, list[Heard]] = {}
        self._news = threading.Condition()
        self.heard: list[Heard] = []
        """Every event of the document that was asked for, as it was received."""
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def tell(self, line: str) -> None:
        """Write a line to its standard input."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def next(self, order: str | None = None) -> Heard:
        """What was received next of this order, waited for."""
        end = time.monotonic() + PATIENCE
        with self._news:
            while not self._waiting.get(order):
                assert self._news.wait(end - time.monotonic()), f"nothing came of {order}"
            return self._waiting[order].pop(0)

    def receives(self, order: str, event: str) -> dict[str, Any]:
        """The properties of the next event of this order, which must be this one, and as documented."""
        name, properties = self.next(order)
        assert name == event, (name, properties)
        check(name, properties)
        self.heard.append((name, properties))
        return properties

    @property
    def left_over(self) -> list[Heard]:
        """What was received and nobody has asked for."""
        with self._news:
            return [heard for waiting in self._waiting.values() for heard in waiting]

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            said = json.loads(line)
            with self._news:
                self._waiting.setdefault(said["order"], []).append((said["event"], said["data"]))
                self._news.notify_all()


@contextmanager
def running(*command: str, **about: Any) -> Iterator[Program]:
    """A program, until the end of the block."""
    process = subprocess.Popen([*command, json.dumps(about)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
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
