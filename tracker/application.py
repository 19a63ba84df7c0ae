"""The web application. This is the only module that imports all rooms and assembles them."""

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from tracker.config import ROOT, Settings
from tracker.database import Database
from tracker.live.notifier import notify
from tracker.live.pusher import ChannelsClient
from tracker.web import health, pusher_auth, webhooks
from tracker.web.api import blueprints as api
from tracker.web.console import actions as console_actions
from tracker.web.console import adjust
from tracker.web.console import pages as console_pages
from tracker.web.console import settings as console_settings
from tracker.web.customer import pages as customer_pages
from tracker.web.customer import share_links
from tracker.web.dev import demo_sign_in, gallery, gallery_console, gallery_embed, gallery_shared, mailbox
from tracker.web.embed import instructions, oembed, preview
from tracker.web.embed import routes as embed_routes
from tracker.web.http import assets, auth, errors, request_log, security, translation
from tracker.web.http.services import Services
from tracker.web.order import formatting
from tracker.web.session import sign_in, sign_in_tickets
from tracker.web.share import pages as share_pages

BLUEPRINTS = (
    customer_pages.blueprint,
    share_links.blueprint,
    share_pages.blueprint,
    embed_routes.blueprint,
    instructions.blueprint,
    preview.blueprint,
    oembed.blueprint,
    console_pages.blueprint,
    console_actions.blueprint,
    adjust.blueprint,
    console_settings.blueprint,
    api.blueprint,
    api.problems,
    sign_in.blueprint,
    sign_in_tickets.blueprint,
    webhooks.blueprint,
    pusher_auth.blueprint,
    health.blueprint,
)
DEVELOPMENT_BLUEPRINTS = (
    gallery.blueprint,
    gallery_console.blueprint,
    gallery_shared.blueprint,
    gallery_embed.blueprint,
    mailbox.blueprint,
)


def create_app(settings: Settings, database: Database | None = None) -> Flask:
    """Return the web application for these settings. It opens no connection before the first request.

    It uses `database` if one is given, and otherwise the database that the settings name.
    """
    app = Flask("tracker", root_path=str(ROOT), template_folder="templates", static_folder=None)
    app.jinja_options = {"undefined": StrictUndefined}  # a missing name raises instead of rendering as a blank
    app.secret_key = settings.signing_key
    app.extensions["tracker"] = Services(
        settings=settings,
        database=database or Database(settings.database, after_commit=lambda: notify(settings.notifier_path)),
        channels=ChannelsClient(settings),
    )
    for module in (request_log, security, errors, auth, assets, formatting, translation):
        module.init(app)
    for blueprint in BLUEPRINTS + (DEVELOPMENT_BLUEPRINTS if settings.is_development else ()):
        app.register_blueprint(blueprint)
    if settings.is_development and settings.demo_door.get_secret_value():
        app.register_blueprint(demo_sign_in.blueprint)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # as Flask's documentation advises
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies
        )
    return app
