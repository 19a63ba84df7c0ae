"""The emails that a development machine can't send, to be read in the browser. Never in production."""

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from tracker.accounts import queries as reading
from tracker.web.http.services import services

MAX_EMAILS = 50

blueprint = Blueprint("mailbox", __name__)


@blueprint.get("/dev/mail")
def emails() -> ResponseReturnValue:
    """The newest emails."""
    with services().database.read_session() as session:
        found = reading.stored_emails(session, limit=MAX_EMAILS)
    return render_template("dev/emails.html", emails=found)


@blueprint.get("/dev/mail/<email_id>")
def email(email_id: str) -> ResponseReturnValue:
    """One email, as it would arrive."""
    with services().database.read_session() as session:
        found = reading.email_by_id(session, email_id)
    if found is None:
        abort(404)
    return render_template("dev/email.html", email=found)
