"""The embedded engine with 1, 1,000 and 10,000 open sockets, beside soketi and beside a bare aiohttp server."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from statistics import quantiles
from typing import Any

from tests.benchmarks.engine_clients import Crowd
from tests.benchmarks.engine_programs import Running, bare_server, our_engine, soketi, soketi_program
from tests.benchmarks.table import Row, Size, at_most, below, benchmark
from tracker.config import ROOT

OURS, BARE, SOKETI = "our engine", "bare aiohttp", "soketi"
GOALS: dict[str, dict[int, float | None]] = {SOKETI: {50: 0.8, 99: 1.0}, BARE: {50: None, 99: None}}
"""The permitted ratio to each reference. The bare server checks nothing, so there is no goal for it."""
EVENTS = 100
"""Events in one turn. The turns of all programs alternate, because other load on the machine varies."""
STORMS = 3
KB_A_SOCKET = 18.0


@benchmark("engine")
def engine(size: Size) -> Iterator[Row]:
    """Measure publish → receive, kB a socket, and the time to reconnect all, for each number of sockets."""
    turns = {Size.QUICK: 3, Size.USUAL: 15, Size.FULL: 60}[size]
    for count in (1, 1_000) if size is Size.QUICK else (1, 1_000, 10_000):
        with ExitStack() as stack:
            programs = {name: stack.enter_context(program) for name, program in _compared().items()}
            crowds = {name: stack.enter_context(_Served(*where, count)) for name, where in programs.items()}
            yield from _rows(crowds, count, turns)


def _compared() -> dict[str, AbstractContextManager[Running]]:
    compared: dict[str, AbstractContextManager[Running]] = {OURS: our_engine(), BARE: bare_server()}
    if program := soketi_program():
        compared[SOKETI] = soketi(program)
    return compared


def _rows(crowds: "dict[str, _Served]", count: int, turns: int) -> Iterator[Row]:
    sockets = f"{count:,} socket{'s'[: count - 1]}"
    taken: dict[str, list[list[float]]] = {name: [] for name in crowds}
    for _ in range(turns):
        for name, crowd in crowds.items():
            taken[name].append(quantiles(crowd.ask(f"latencies {EVENTS}"), n=100))
    best = {name: [min(turn) for turn in zip(*of, strict=True)] for name, of in taken.items()}
    references = [name for name in crowds if name != OURS]
    for name in references:
        for percent, times in GOALS[name].items():
            what, note = f"publish → receive, {sockets}, p{percent}", f"ms; beside {name}; the best of {turns} turns"
            yield at_most(what, best[name][percent - 1], best[OURS][percent - 1], times, form="{:.3f}", note=note)
    if count == 1:
        return
    others = ", ".join(f"{name} {crowds[name].kb_a_socket:.1f}" for name in references)
    yield below(f"kB a socket, {sockets}", crowds[OURS].kb_a_socket, KB_A_SOCKET, form="{:.1f}", note=others)
    storms = {name: min(crowd.storm() for _ in range(STORMS)) for name, crowd in crowds.items()}
    for name in references:
        note = f"s; beside {name}; the best of {STORMS}"
        yield at_most(f"all back at once, {sockets}", storms[name], storms[OURS], None, form="{:.2f}", note=note)


class _Served:
    """A program with its clients, which run in their own process."""

    def __init__(self, port: int, process: int, count: int) -> None:
        self._memory = Path(f"/proc/{process}/statm")
        self._command = [sys.executable, "-m", "tests.benchmarks.engine_clients", str(port), str(count)]
        self._port, self._count = port, count
        self.kb_a_socket = 0.0

    def __enter__(self) -> "_Served":
        with Crowd(self._port, 1) as first:  # what is loaded with the first client is no cost of each client
            first.latencies(EVENTS)
        before = self._resident()
        self._crowd = subprocess.Popen(
            self._command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.ask("come")
        self.ask(f"latencies {EVENTS}")
        self.kb_a_socket = (self._resident() - before) / self._count
        return self

    def __exit__(self, *_: object) -> None:
        self._crowd.communicate()

    def ask(self, what: str) -> Any:
        """Run this command in the process of the clients, and return its result."""
        print(what, file=self._crowd.stdin, flush=True)
        line = self._crowd.stdout.readline() if self._crowd.stdout else ""
        if not line:
            raise RuntimeError(f"The clients ended during {what!r}.")
        return json.loads(line)

    def storm(self) -> float:
        """Disconnect and reconnect all clients at once. Return the seconds until the last one is subscribed."""
        self.ask("leave")
        return float(self.ask("come"))

    def _resident(self) -> float:
        return int(self._memory.read_text().split()[1]) * 4.096  # kB of 1,000 bytes
