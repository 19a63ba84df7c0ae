"""The web application: here, and only here, all parts meet."""

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from tracker.config import ROOT, Settings
from tracker.database import Database
from tracker.live.notifier import ring
from tracker.live.pusher import Channels
from tracker.web import health, pusher_auth, webhooks
from tracker.web.api import blueprints as api
from tracker.web.console import actions as console_acts
from tracker.web.console import adjust as console_adjusting
from tracker.web.console import pages as console
from tracker.web.console import settings as console_settings
from tracker.web.customer import pages as customer
from tracker.web.customer import share_links as sharing
from tracker.web.dev import demo_sign_in as demo_door
from tracker.web.dev import gallery, gallery_console, gallery_embed, gallery_shared, mailbox
from tracker.web.embed import instructions as embed_owners
from tracker.web.embed import oembed
from tracker.web.embed import preview as embed_preview
from tracker.web.embed import routes as embed
from tracker.web.http import assets, auth, errors, request_log, translation
from tracker.web.http import security as safety
from tracker.web.http.services import Parts
from tracker.web.order import formatting as format
from tracker.web.session import sign_in as session
from tracker.web.session import sign_in_tickets as hand_over
from tracker.web.share import pages as shared


def create_app(settings: Settings, database: Database | None = None) -> Flask:
    """The web application, with its settings and its database; it opens no connection before the first request."""
    app = Flask("tracker", root_path=str(ROOT), template_folder="templates", static_folder=None)
    app.jinja_options = {"undefined": StrictUndefined}  # else what is missing is a blank that nobody notices
    app.secret_key = settings.secret_key.get_secret_value()
    app.extensions["tracker"] = Parts(
        settings=settings,
        database=database or Database(settings.database, after_commit=lambda: ring(settings.doorbell)),
        channels=Channels(settings),
    )
    for part in (request_log, safety, errors, auth, assets, format, translation):
        part.init(app)
    for door in (customer, session, hand_over, webhooks, api, pusher_auth, health):
        app.register_blueprint(door.blueprint)
    for door in (sharing, shared, oembed):
        app.register_blueprint(door.blueprint)
    for door in (embed_owners, embed_preview):
        app.register_blueprint(door.blueprint)
    for door in (console, console_acts, console_adjusting, console_settings):
        app.register_blueprint(door.blueprint)
    app.register_blueprint(embed.blueprint)
    app.register_blueprint(api.problems)
    if settings.is_development:
        app.register_blueprint(gallery.blueprint)
        app.register_blueprint(gallery_console.blueprint)
        app.register_blueprint(gallery_shared.blueprint)
        app.register_blueprint(gallery_embed.blueprint)
        app.register_blueprint(mailbox.blueprint)
    if settings.is_development and settings.demo_door.get_secret_value():
        app.register_blueprint(demo_door.blueprint)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask's own documented way
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies
        )
    return app
