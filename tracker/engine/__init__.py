"""A Pusher Channels server (protocol 7) for one machine. It handles channels and sockets and knows nothing of orders.

Any other Pusher-compatible service can replace it by configuration alone.
"""

from tracker.engine.server import make_app, run, serve
from tracker.engine.settings import EngineSettings

__all__ = ["EngineSettings", "make_app", "run", "serve"]
