"""(to be filled)."""

from flask import Blueprint

blueprint = Blueprint("customer", __name__)
