"""Mailbox for development machines without a mail server: it shows stored e-mails. It does not exist in production."""

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from tracker.accounts import queries
from tracker.web.http.services import services

MAX_EMAILS = 50

blueprint = Blueprint("mailbox", __name__)


@blueprint.get("/dev/mail")
def emails() -> ResponseReturnValue:
    """List the newest e-mails."""
    with services().database.read_session() as session:
        found = queries.stored_emails(session, limit=MAX_EMAILS)
    return render_template("dev/emails.html", emails=found)


@blueprint.get("/dev/mail/<email_id>")
def email(email_id: str) -> ResponseReturnValue:
    """Show one e-mail. 404 if there is none with this id."""
    with services().database.read_session() as session:
        found = queries.email_by_id(session, email_id)
    if found is None:
        abort(404)
    return render_template("dev/email.html", email=found)
