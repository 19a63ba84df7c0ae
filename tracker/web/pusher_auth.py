"""(to be filled)."""

from flask import Blueprint

blueprint = Blueprint("pusher_auth", __name__)
