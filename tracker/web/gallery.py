"""(to be filled)."""

from flask import Blueprint

blueprint = Blueprint("gallery", __name__)
