"""`python -m tracker.engine`: read the settings as one line of JSON from standard input, then serve.

The settings come by standard input because they contain the secret, and other users of the machine can read the
arguments and the environment of a process. `{"port": N}` is printed on standard output once the engine listens.
"""

import json
import logging
import sys

from tracker.engine import EngineSettings, run


def _print_port(port: int) -> None:
    sys.stdout.write(json.dumps({"port": port}) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    fields = json.loads(sys.stdin.readline())
    fields["allowed_origins"] = tuple(fields.get("allowed_origins", ()))
    run(EngineSettings(**fields), on_ready=_print_port)


if __name__ == "__main__":
    main()
