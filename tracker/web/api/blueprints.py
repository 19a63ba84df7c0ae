"""The restaurant's API: everything below /api/v1/ that is described in its OpenAPI document."""

from flask import Blueprint

from tracker.web.api import actions as api_acts
from tracker.web.api import orders as api_orders
from tracker.web.api import placement as api_placing
from tracker.web.api import settings as api_settings
from tracker.web.api import sign_in_addresses as api_hand_over
from tracker.web.api import tokens as api_tokens
from tracker.web.api.auth import let_in
from tracker.web.api.docs import routes as api_documents

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
blueprint.before_request(let_in)
for part in (api_settings, api_orders, api_placing, api_acts, api_tokens, api_hand_over, api_documents):
    blueprint.register_blueprint(part.blueprint)

problems = api_documents.problems
