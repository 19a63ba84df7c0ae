"""Count the instructions of a call with callgrind, which gives the same number on a busy machine."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.benchmarks.world import World
from tests.machine.missing import MissingOnThisMachine
from tracker.config import ROOT


def instructions(world: World, who: str, names: Iterable[str], *, page_size: int, times: int) -> dict[str, float]:
    """Return the instructions of one call of each name after a warm-up, without those of other processes.

    `who` is ours or reference. The profiles are stored as callgrind.<who>.<name> in the world's folder, where
    callgrind_annotate can read them. Raises MissingOnThisMachine if valgrind is not installed.
    """
    if not shutil.which("callgrind_control"):
        raise MissingOnThisMachine("valgrind is missing: callgrind counts the instructions.")
    out = world.folder / f"callgrind.{who}"
    program = [sys.executable, "-m", "tests.benchmarks.calls", world.as_text(), who, str(page_size), str(times)]
    watched = ["valgrind", "-q", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={out}", *program]
    # Without a fixed seed the order of sets of text, and so the count, would differ between runs.
    environment = os.environ | {"PYTHONHASHSEED": "0"}
    with (
        Path(os.devnull).open("w") as nowhere,
        subprocess.Popen(
            watched, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=nowhere, text=True
        ) as process,
    ):
        _expect(process, "ready")
        _control(process, "-i", "on")
        return {name: _count(process, name, out, number) / times for number, name in enumerate(names, start=1)}


def _count(process: subprocess.Popen[str], name: str, out: Path, number: int) -> int:
    _control(process, "-z")
    print(name, file=process.stdin, flush=True)
    _expect(process, "done")
    _control(process, "-d", name)
    dump = Path(f"{out}.{number}").rename(f"{out}.{name}")
    found = re.search(r"^(?:summary|totals): (\d+)", dump.read_text(), re.MULTILINE)
    if not found:
        raise RuntimeError("callgrind wrote no count")
    return int(found[1])


def _expect(process: subprocess.Popen[str], word: str) -> None:
    if process.stdout is None or process.stdout.readline().strip() != word:
        raise RuntimeError(f"The counted program ended before it was {word}.")


def _control(process: subprocess.Popen[str], *command: str) -> None:
    subprocess.run(["callgrind_control", *command, str(process.pid)], capture_output=True, check=True)
