"""The letters that a development machine can't send, to be read in the browser. Never in production."""

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from tracker.accounts import queries as reading
from tracker.web.http.services import parts

LETTERS = 50

blueprint = Blueprint("mailbox", __name__)


@blueprint.get("/dev/mail")
def letters() -> ResponseReturnValue:
    """The newest letters."""
    with parts().database.reading() as session:
        found = reading.letters_kept(session, at_most=LETTERS)
    return render_template("dev/emails.html", letters=found)


@blueprint.get("/dev/mail/<letter_id>")
def letter(letter_id: str) -> ResponseReturnValue:
    """One letter, as it would arrive."""
    with parts().database.reading() as session:
        found = reading.letter_by_id(session, letter_id)
    if found is None:
        abort(404)
    return render_template("dev/email.html", letter=found)
