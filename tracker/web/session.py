"""(to be filled)."""

from flask import Blueprint, Flask

blueprint = Blueprint("session", __name__)


def init(app: Flask) -> None:
    """Prepare the application."""
