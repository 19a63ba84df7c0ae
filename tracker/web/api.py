"""The restaurant's API: everything below /api/v1/ that is described in its OpenAPI document."""

from flask import Blueprint

from tracker.web import api_acts, api_documents, api_hand_over, api_orders, api_placing, api_settings, api_tokens
from tracker.web.api_proof import let_in

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
blueprint.before_request(let_in)
for part in (api_settings, api_orders, api_placing, api_acts, api_tokens, api_hand_over, api_documents):
    blueprint.register_blueprint(part.blueprint)

problems = api_documents.problems
