"""`python -m tracker.engine`: reads its settings as one line of JSON from standard input and serves.

Standard input, because arguments and environments of a process can be read by others and the secret is among
them. Says `{"port": N}` on standard output once it listens.
"""

import json
import logging
import sys

from tracker.engine import EngineSettings, run


def _print_port(port: int) -> None:
    sys.stdout.write(json.dumps({"port": port}) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until told to stop."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    fields = json.loads(sys.stdin.readline())
    fields["allowed_origins"] = tuple(fields.get("allowed_origins", ()))
    run(EngineSettings(**fields), on_ready=_print_port)


if __name__ == "__main__":
    main()
