"""A Pusher Channels server (protocol 7) for one machine. It knows channels and sockets, and no order.

Any other Pusher-compatible service takes its place by configuration alone.
"""

from tracker.engine.server import make_app, run, serve
from tracker.engine.settings import EngineSettings

__all__ = ["EngineSettings", "make_app", "run", "serve"]
