"""What a door needs from the application it belongs to: its settings, its database, its publisher."""

from dataclasses import dataclass

from flask import current_app

from tracker.config import Settings
from tracker.database import Database
from tracker.live.pusher import ChannelsClient


@dataclass(frozen=True, slots=True)
class Services:
    """Made once by create_app, kept with the application."""

    settings: Settings
    database: Database
    channels: ChannelsClient


def services() -> Services:
    """The parts of the application that serves this request."""
    found: Services = current_app.extensions["tracker"]
    return found
