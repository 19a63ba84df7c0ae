"""(to be filled)."""

from flask import Flask


def init(app: Flask) -> None:
    """Prepare the application."""
