"""Sign a browser in without the sign-in page. No other module of the tests knows the content of the session cookie."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient


def use_session(client: FlaskClient, token: str) -> None:
    """Sign this client in by the session with this token."""
    with client.session_transaction() as cookie:
        cookie.update(_content(token))


def signed_cookie(app: Flask, token: str) -> tuple[str, str]:
    """Return the name and the value of the cookie that signs a browser in by the session with this token."""
    signer: Any = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]  # Flask's own
    return app.config["SESSION_COOKIE_NAME"], signer.dumps(_content(token))


def _content(token: str) -> dict[str, object]:
    return {"_user_id": token, "_fresh": True}
