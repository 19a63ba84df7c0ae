"""A longer way to a port of this machine: whatever goes through it takes half a round trip longer in each direction.

Nothing overtakes, and any amount may be on its way at once: only the distance is added, no narrowness. Opening a
connection costs a round trip, as on a real road, though the system's own handshake with us takes none.
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
    """Make each target port of this machine reachable under another one, so many seconds of round trip away.

    `to_open` are the seconds that opening a connection takes, if somebody else counts them already.

    It is a process of its own: the benchmark's would be late now and then.
    """
    road = _Road(
        round_trip / 2, round_trip if to_open is None else to_open, {str(at): to for at, to in targets.items()}
    )
    command = [sys.executable, "-m", __name__, json.dumps(asdict(road))]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            if process.stdout is None or process.stdout.readline() != b"listening\n":
                raise RuntimeError("There is no way to be further away.")
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
        await asyncio.start_server(partial(_pass_on, road, target), "127.0.0.1", int(port))
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


async def _pass_on(road: _Road, target: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        answers, target_hears = await asyncio.open_connection("127.0.0.1", target)
        up = _carry(reader, target_hears, earliest=road.to_open + road.one_way, delay=road.one_way)
        await asyncio.gather(up, _carry(answers, writer, earliest=0, delay=road.one_way))


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, earliest: float, delay: float) -> None:
    """Pass on what is said, `delay` seconds later, and nothing before `earliest` seconds from now."""
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
