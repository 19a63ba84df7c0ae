"""Flask applications that many tests share one after the other, because creating one takes longer than most tests."""

from dataclasses import replace

from flask import Flask

from tracker.application import create_app
from tracker.config import ROOT, Settings
from tracker.database import Database
from tracker.live.pusher import ChannelsClient
from tracker.web.http.htmx import FragmentCache
from tracker.web.http.services import Services


class Applications:
    """The applications of one process, one for each set of settings. Each test puts its own database into one."""

    def __init__(self) -> None:
        self._created: list[tuple[Settings, Flask]] = []

    def serving(self, settings: Settings, database: Database) -> Flask:
        """Return the application with these settings, on this database, without any state of another test.

        It replaces all that create_app() stores in an application besides its routes and its templates.
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
        return next((app for created_for, app in self._created if created_for == _without_folder(settings)), None)

    def _make(self, settings: Settings, database: Database) -> Flask:
        app = create_app(settings, database)
        self._created.append((_without_folder(settings), app))
        return app


def _without_folder(settings: Settings) -> Settings:
    """Return the settings without the data folder, which differs for each test and on which no route depends."""
    return settings.model_copy(update={"data_dir": ROOT})
