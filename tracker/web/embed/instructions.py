"""The page with instructions for owners of other sites: the code to put into a page so that it shows an order's status.

It generates the code and a preview from the chosen options, and needs neither an account nor JavaScript.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from babel import Locale
from flask import Blueprint, Response, make_response, render_template, request, url_for

from tracker.accounts.access_tokens import MAX_STATUS_LIFETIME, application_by_key
from tracker.accounts.model import Application
from tracker.translation import LANGUAGES
from tracker.web.embed.instructions_text import ATTRIBUTES, EVENTS, TROUBLES
from tracker.web.embed.loader import ADDRESS, loader_integrity
from tracker.web.embed.preview import DEFAULT_STATE, SAMPLE_STATES
from tracker.web.embed.theme import (
    HEIGHTS,
    LARGEST_RADIUS,
    RADIUS,
    SANDBOX,
    Appearance,
    Font,
    Layout,
    Theme,
    parse_appearance,
)
from tracker.web.http.security import PAGE_WITH_FRAMES_CSP, csp_nonce
from tracker.web.http.services import services

blueprint = Blueprint("embed_instructions", __name__, url_prefix="/embed")

TOKEN_PLACEHOLDER = "THE_TOKEN"  # noqa: S105  not a secret: it stands in place of one
APPLICATION_PLACEHOLDER = "THE_APPLICATION"
CHOICES = {
    "layout": [(Layout.LINE, "Line"), (Layout.CARD, "Card"), (Layout.FULL, "Full")],
    "theme": [(Theme.AUTO, "Automatic"), (Theme.LIGHT, "Light"), (Theme.DARK, "Dark")],
    "font": [(Font.SANS, "Sans"), (Font.SERIF, "Serif"), (Font.MONO, "Mono")],
}
FIELDS = ("layout", "theme", "accent", "radius", "font", "lang")
REFRESH = """<script type="module">
  const widget = document.querySelector("order-status");
  widget.refreshToken = async () => (await fetch("/your-own/status-token")).text();
  widget.addEventListener("status", ({ detail }) => console.log(detail.state, detail.step));
</script>"""


@dataclass(frozen=True, slots=True)
class Snippets:
    """The pieces of code that the owner of a site copies from the page, as text."""

    origin: str
    """The origin of this site."""
    integrity: str
    look: dict[str, str]
    """The chosen options that differ from their defaults, and always the layout."""
    application: Application | None

    @property
    def script(self) -> str:
        """The script tag that loads the element."""
        return f'<script type="module" src="{self.address}"></script>'

    @property
    def bound_script(self) -> str:
        """The script tag with the hash of the present script, so that browsers load no other version."""
        bound = f'integrity="{self.integrity}" crossorigin="anonymous"'
        return f'<script type="module" src="{self.address}"\n  {bound}></script>'

    @property
    def element(self) -> str:
        """The element that shows the order."""
        options = " ".join(f'{name}="{value}"' for name, value in ({"token": self.token} | self.look).items())
        # Until the script is loaded, only the content takes up space. No policy of a page forbids attributes of SVG.
        place = f'<svg display="block" width="1" height="{self._height}"></svg>'
        return f"<order-status {options}>{place}</order-status>"

    @property
    def frame(self) -> str:
        """The frame that shows the order, for pages that do not load the script."""
        address = f"{self.origin}/embed/v1/order-status/{self._application_id}?{urlencode(self.look)}"
        return (
            f'<iframe src="{address.replace("&", "&amp;")}#token={self.token}"\n'
            f'  title="Order status" width="100%" height="{self._height}" frameborder="0"\n'
            f'  sandbox="{SANDBOX}"\n'
            '  referrerpolicy="strict-origin"></iframe>'
        )

    @property
    def curl(self) -> str:
        """The command that requests a token. It works as it is in a shell with the variables SECRET and ORDER."""
        key = self.application.key if self.application else "$KEY"
        subject, use = {"key": key, "order_id": "$ORDER"}, {"scopes": ["status"], "origin": self._shop}
        body = f"{json.dumps(subject)[:-1]},\n       {json.dumps(use)[1:]}"
        # A shell does not expand variables within single quotes, so the quotes are closed around each of them.
        for name in ("$KEY", "$ORDER"):
            body = body.replace(name, f"'\"{name}\"'")
        return (
            f'curl -X POST "{self.origin}/api/v1/access_tokens" \\\n'
            '  -H "Authorization: Bearer $SECRET" \\\n'
            '  -H "Content-Type: application/json" \\\n'
            f"  -d '{body}'"
        )

    @property
    def policy(self) -> str:
        """The sources that a page's Content-Security-Policy must allow."""
        return f"script-src {self.address};\nframe-src {self.origin};"

    @property
    def bound_policy(self) -> str:
        """The sources that a page's Content-Security-Policy must allow if it loads the script by its hash."""
        return f"script-src '{self.integrity}';\nframe-src {self.origin};"

    @property
    def address(self) -> str:
        """The address of the script."""
        return self.origin + ADDRESS

    @property
    def token(self) -> str:
        """The placeholder for the token."""
        return f"{self._application_id}.{TOKEN_PLACEHOLDER}"

    @property
    def _height(self) -> int:
        return HEIGHTS[Layout(self.look["layout"])]

    @property
    def _shop(self) -> str:
        origins = self.application.origins if self.application else []
        return origins[0] if origins else "https://shop.example.com"

    @property
    def _application_id(self) -> str:
        return self.application.id if self.application else APPLICATION_PLACEHOLDER


@blueprint.get("")
def show() -> Response:
    """Show the page, with code and previews for the options in the query string."""
    typed = {name: request.args.get(name, "").strip() for name in ("key", "state", *FIELDS)}
    typed["state"] = typed["state"] if typed["state"] in SAMPLE_STATES else DEFAULT_STATE
    application = _application(typed["key"])
    appearance = parse_appearance(typed)
    problems = _problems(typed, application, appearance)
    options = _attributes(typed, appearance)
    snippets = Snippets(services().settings.origin, loader_integrity(), options, application)
    page = render_template(
        "embed/instructions.html",
        typed=typed,
        appearance=appearance,
        snippets=snippets,
        refresh=REFRESH,
        problems=problems,
        choices=CHOICES,
        languages=_languages(),
        layouts=HEIGHTS.items(),
        states=[(state, label) for state, (_, label) in SAMPLE_STATES.items()],
        preview=lambda layout, theme: _preview(layout, theme, options, typed["state"]),
        limits={"radius": LARGEST_RADIUS, "usual radius": RADIUS, "minutes": MAX_STATUS_LIFETIME.seconds // 60},
        words={"events": EVENTS, "attributes": ATTRIBUTES, "troubles": TROUBLES},
    )
    response = make_response(page, 422 if any(problems.values()) else 200)
    policy = PAGE_WITH_FRAMES_CSP.format(nonce=csp_nonce(), channels="")
    response.headers["Content-Security-Policy"] = policy
    return response


def _preview(layout: Layout, theme: str, options: Mapping[str, str], state: str) -> str:
    others: dict[str, Any] = {name: value for name, value in options.items() if name not in ("layout", "theme")}
    return url_for("embed_preview.preview", layout=layout.value, theme=theme, state=state, **others)


def _application(key: str) -> Application | None:
    with services().database.read_session() as session:
        return application_by_key(session, key)


def _problems(typed: Mapping[str, str], application: Application | None, appearance: Appearance) -> dict[str, str]:
    """Return a sentence for each field that is not valid, and an empty text for the others."""
    problems = dict.fromkeys(("key", "accent", "radius"), "")
    if typed["key"] and application is None:
        problems["key"] = (
            "We don’t know this key. It was given to you when the application was registered. Check that you have "
            "copied all of it, or ask the people who run this site."
        )
    if typed["accent"] and appearance.accent is None:
        problems["accent"] = "Please enter a colour like #b3261e. Until then, the restaurant’s own colour is used."
    if typed["radius"] and typed["radius"] != str(appearance.radius):
        problems["radius"] = (
            f"Please enter a whole number from 0 to {LARGEST_RADIUS}. Until then, it is {appearance.radius}."
        )
    return problems


def _attributes(typed: Mapping[str, str], appearance: Appearance) -> dict[str, str]:
    defaults = {"theme": Theme.AUTO.value, "radius": str(RADIUS), "font": Font.SANS.value}
    chosen = {
        "layout": appearance.layout.value,
        "theme": appearance.theme.value,
        "accent": appearance.accent or "",
        "radius": str(appearance.radius),
        "font": appearance.font.value,
        "lang": appearance.translator.tag if typed["lang"] else "",
    }
    return {name: value for name, value in chosen.items() if value and value != defaults.get(name)}


def _languages() -> list[tuple[str, str]]:
    """Return the tag of each language with its name in that language, sorted by name."""
    named = ((tag, Locale.parse(tag).get_display_name(tag) or tag) for tag in LANGUAGES)
    return sorted(((tag, name[0].upper() + name[1:]) for tag, name in named), key=lambda language: language[1])
