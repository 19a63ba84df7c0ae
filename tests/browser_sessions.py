"""Signs a browser in without the sign-in page: only this module of the tests knows what the session cookie holds."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient


def use_session(client: FlaskClient, token: str) -> None:
    """Sign this client in, in the session with this token."""
    with client.session_transaction() as cookie:
        cookie.update(_content(token))


def signed_cookie(app: Flask, token: str) -> tuple[str, str]:
    """Return the name and the value of the cookie with which a browser is signed in, in the session with this token."""
    signer: Any = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]  # Flask's own
    return app.config["SESSION_COOKIE_NAME"], signer.dumps(_content(token))


def _content(token: str) -> dict[str, object]:
    return {"_user_id": token, "_fresh": True}
