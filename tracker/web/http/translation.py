"""Translated templates: {{ _("…") }} and {% trans %} use the current language of tracker/translation.py."""

from flask import Flask

from tracker.translation import gettext, ngettext


def init(app: Flask) -> None:
    """Give templates Jinja's i18n extension, from which bin/messages extracts texts."""
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
