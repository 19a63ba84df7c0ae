"""Access to the application's settings, database and Channels client from within a request."""

from dataclasses import dataclass

from flask import current_app

from tracker.config import Settings
from tracker.database import Database
from tracker.live.pusher import ChannelsClient


@dataclass(frozen=True, slots=True)
class Services:
    """Services of one application, created by create_app()."""

    settings: Settings
    database: Database
    channels: ChannelsClient


def services() -> Services:
    """Return the services of the application that handles this request."""
    found: Services = current_app.extensions["tracker"]
    return found
