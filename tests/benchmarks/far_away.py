"""A proxy that adds distance to a port of this machine: all data takes half a round trip longer in each direction.

Data stays in order, and any amount may be under way at once: the proxy adds latency and no limit of bandwidth. Opening
a connection costs a round trip, as in a real network, although the handshake with the proxy itself takes no time.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial

PIECE = 65_536


@contextmanager
def further_away(round_trip: float, targets: dict[int, int], *, to_open: float | None = None) -> Iterator[None]:
    """Make each target port reachable under another port of this machine, with this round trip in seconds.

    `to_open` replaces the seconds for opening a connection, for callers that add them in another way.

    The proxy runs in its own process, because in the benchmark's process its delays would not be exact.
    """
    road = _Road(
        round_trip / 2, round_trip if to_open is None else to_open, {str(at): to for at, to in targets.items()}
    )
    command = [sys.executable, "-m", __name__, json.dumps(asdict(road))]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            if process.stdout is None or process.stdout.readline() != b"listening\n":
                raise RuntimeError("The proxy did not start.")
            yield
        finally:
            process.terminate()


@dataclass(frozen=True, slots=True)
class _Road:
    one_way: float
    to_open: float
    targets: dict[str, int]


async def _serve(road: _Road) -> None:
    for port, target in road.targets.items():
        await asyncio.start_server(partial(_forward, road, target), "127.0.0.1", int(port))
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


async def _forward(road: _Road, target: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        target_reader, target_writer = await asyncio.open_connection("127.0.0.1", target)
        up = _carry(reader, target_writer, earliest=road.to_open + road.one_way, delay=road.one_way)
        await asyncio.gather(up, _carry(target_reader, writer, earliest=0, delay=road.one_way))


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, earliest: float, delay: float) -> None:
    """Copy all data from reader to writer `delay` seconds later, and not before `earliest` seconds from now."""
    loop = asyncio.get_running_loop()
    earliest += loop.time()
    on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def arrive() -> None:
        is_open = True
        with suppress(OSError):
            while is_open:
                due, piece = await on_the_way.get()
                await asyncio.sleep(max(0, due - loop.time()))
                is_open = bool(piece)
                writer.write(piece)
        writer.close()

    arriving = asyncio.create_task(arrive())
    piece = b"?"
    with suppress(OSError):
        while piece:
            piece = await reader.read(PIECE)
            on_the_way.put_nowait((max(loop.time() + delay, earliest), piece))
    if piece:
        on_the_way.put_nowait((loop.time() + delay, b""))
    await arriving


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(_Road(**json.loads(sys.argv[1]))))
