"""The reference for changes on the screen: a page that receives a bare message and fetches a text, which its server has
compressed in memory. `python -m tests.benchmarks.bare_site port engine-port text-file`.

It runs on the same web server as Tracker, and the page does nothing else.
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
    """Return the application with its three responses in memory; the text is compressed once."""
    page = PAGE.replace("ENGINE_PORT", sys.argv[2]).replace("CHANNEL", CHANNEL).replace("EVENT", EVENT)
    html = ("Content-Type", "text/html; charset=utf-8")
    compressed = ("Content-Encoding", "br")
    responses = {
        "/": (page.encode(), [html]),
        "/text": (brotli.compress(Path(sys.argv[3]).read_bytes()), [html, compressed, ("Cache-Control", "no-store")]),
        "/pusher.js": ((ROOT / "static/vendor/pusher.min.js").read_bytes(), [("Content-Type", "text/javascript")]),
    }

    def app(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        body, headers = responses[environ["PATH_INFO"]]
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
