"""The document in a widget's frame: live, for the pages of an application, or still, to be looked at."""

import json

from flask import render_template
from markupsafe import Markup

from tracker.accounts.queries import KnownApplication
from tracker.accounts.tokens import OWN_KEY
from tracker.translation import speaking
from tracker.web.embed.theme import HEIGHTS, Look, colours
from tracker.web.embed.translation import CONNECTION


def live_frame(look: Look, application: KnownApplication) -> str:
    """The document without an order: its script asks for one as soon as it is told the token."""
    return _frame(look, application=application, region=None, shades=colours(look.accent) if look.accent else "")


def still_frame(look: Look, region: Markup, *, colour: str = "") -> str:
    """The document with what rendered_status() made, in this language, of an order; it has no scripts and stays as it
    is. `colour` is the restaurant's, for a look without an accent."""
    return _frame(look, application=None, region=region, shades=colours(look.accent or colour))


def _frame(look: Look, **more: object) -> str:
    words = {name: look.speech(text) for name, text in CONNECTION.items()}
    said = {"words": json.dumps(words, ensure_ascii=False), "own_key": OWN_KEY}
    with speaking(look.speech.language):
        return render_template("embed/frame.html", look=look, height=HEIGHTS[look.layout], **said, **more)
