"""The blueprint of the API, below /api/v1/, which registers the blueprints of all its modules."""

from flask import Blueprint

from tracker.web.api import actions, orders, placement, settings, sign_in_addresses, tokens
from tracker.web.api.auth import authenticate
from tracker.web.api.docs import routes

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
blueprint.before_request(authenticate)
for module in (settings, orders, placement, actions, tokens, sign_in_addresses, routes):
    blueprint.register_blueprint(module.blueprint)

problems = routes.problems
