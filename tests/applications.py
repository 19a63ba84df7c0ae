"""Web applications that many tests use, one after the other: making one costs more than most tests do."""

from dataclasses import replace

from flask import Flask

from tracker.application import create_app
from tracker.config import ROOT, Settings
from tracker.database import Database
from tracker.live.pusher import ChannelsClient
from tracker.web.http.htmx import FragmentCache
from tracker.web.http.services import Services


class Applications:
    """The applications of one process, one for each set of settings. Which database one has is said for each test."""

    def __init__(self) -> None:
        self._made: list[tuple[Settings, Flask]] = []

    def serving(self, settings: Settings, database: Database) -> Flask:
        """Return the application with these settings, with this database and nothing left of another test.

        What create_app() keeps in an application besides its routes and its templates is put in anew here.
        """
        app = self._find(settings) or self._make(settings, database)
        services: Services = app.extensions["tracker"]
        app.extensions["tracker"] = replace(
            services, settings=settings, database=database, channels=ChannelsClient(settings)
        )
        app.extensions["tracker fragments"] = FragmentCache()
        app.testing = False
        return app

    def _find(self, settings: Settings) -> Flask | None:
        return next((app for made_for, app in self._made if made_for == _without_folder(settings)), None)

    def _make(self, settings: Settings, database: Database) -> Flask:
        app = create_app(settings, database)
        self._made.append((_without_folder(settings), app))
        return app


def _without_folder(settings: Settings) -> Settings:
    """The settings without the folder for data, which is another one for each test and which no route depends on."""
    return settings.model_copy(update={"data_dir": ROOT})
