"""The document in a widget's frame: live for the pages of an application, or static for previews.

Its Content-Security-Policy is FRAME_CSP in web/http/security.py, with the origins that routes.py lists; that of the
static frame is STATIC_FRAME_CSP.
"""

import json

from flask import render_template
from markupsafe import Markup

from tracker.accounts.queries import ApplicationInfo
from tracker.accounts.tokens import PAGES_KEY
from tracker.translation import speaking
from tracker.web.embed.theme import HEIGHTS, Appearance, colours
from tracker.web.embed.translation import CONNECTION


def render_live_frame(appearance: Appearance, application: ApplicationInfo) -> str:
    """Return the document without an order; its script fetches the order as soon as it has the token."""
    return _frame(
        appearance, application=application, region=None, shades=colours(appearance.accent) if appearance.accent else ""
    )


def render_static_frame(appearance: Appearance, region: Markup, *, colour: str = "") -> str:
    """Return the document with a region from render_status(), without scripts. It must be of the same language.

    `colour` is the restaurant's colour, for an appearance without an accent.
    """
    return _frame(appearance, application=None, region=region, shades=colours(appearance.accent or colour))


def _frame(appearance: Appearance, **more: object) -> str:
    texts = {name: appearance.translator(text) for name, text in CONNECTION.items()}
    texts_for_script = {"words": json.dumps(texts, ensure_ascii=False), "own_key": PAGES_KEY}
    with speaking(appearance.translator.language):
        return render_template(
            "embed/frame.html", appearance=appearance, height=HEIGHTS[appearance.layout], **texts_for_script, **more
        )
