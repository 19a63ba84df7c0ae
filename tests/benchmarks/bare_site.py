"""What a change on the screen is measured against: a page by hand that hears a bare message and asks once for a text
which its server has at hand, ready and packed. `python -m tests.benchmarks.bare_site port engine-port text-file`.

The server is the one that we have, without anything around it, and the page does nothing that it need not.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import brotli
from granian.constants import Interfaces
from granian.server import Server

from tracker.config import ROOT

CHANNEL = "bare"
EVENT = "changed"
PAGE = """<!doctype html><meta charset="utf-8"><title>bare</title><link rel="icon" href="data:,">
<div id="live"></div>
<script src="/pusher.js"></script>
<script>
  const pusher = new Pusher("tracker", {
    cluster: "self", wsHost: location.hostname, wsPort: ENGINE_PORT, forceTLS: false, enabledTransports: ["ws"],
  });
  const channel = pusher.subscribe("CHANNEL");
  const ask = async () => {
    document.getElementById("live").innerHTML = await (await fetch("/text")).text();
  };
  channel.bind("EVENT", ask);
  channel.bind("pusher:subscription_succeeded", async () => {
    await ask();
    document.documentElement.dataset.state = "live";
  });
</script>
"""


def bare_app() -> Callable[[dict[str, Any], Callable[..., object]], list[bytes]]:
    """The application: three answers from memory, the text packed once and for all."""
    page = PAGE.replace("ENGINE_PORT", sys.argv[2]).replace("CHANNEL", CHANNEL).replace("EVENT", EVENT)
    html = ("Content-Type", "text/html; charset=utf-8")
    packed = ("Content-Encoding", "br")
    answers = {
        "/": (page.encode(), [html]),
        "/text": (brotli.compress(Path(sys.argv[3]).read_bytes()), [html, packed, ("Cache-Control", "no-store")]),
        "/pusher.js": ((ROOT / "static/vendor/pusher.min.js").read_bytes(), [("Content-Type", "text/javascript")]),
    }

    def app(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        body, headers = answers[environ["PATH_INFO"]]
        start_response("200 OK", [*headers, ("Content-Length", str(len(body)))])
        return [body]

    return app


if __name__ == "__main__":
    Server(
        f"{__name__ if __spec__ is None else __spec__.name}:bare_app",
        factory=True,
        port=int(sys.argv[1]),
        interface=Interfaces.WSGI,
        blocking_threads=2,
        websockets=False,
        log_enabled=False,
    ).serve()
