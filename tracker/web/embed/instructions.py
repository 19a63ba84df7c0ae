"""The page for owners of other sites: what to put into their own page so that their customers see there how far an
order is. It says what will be in a page before anything is, and needs neither an account nor JavaScript."""

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
from tracker.web.http.security import POLICY_OF_A_PAGE_WITH_FRAMES, csp_nonce
from tracker.web.http.services import services

blueprint = Blueprint("embed_instructions", __name__, url_prefix="/embed")

TOKEN_PLACEHOLDER = "THE_TOKEN"  # noqa: S105  it stands where a token goes
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
    """What an owner of a site takes with them, as text."""

    origin: str
    """Ours."""
    integrity: str
    look: dict[str, str]
    """What they want otherwise than it usually is, and the layout."""
    application: Application | None

    @property
    def script(self) -> str:
        """The line that brings the element."""
        return f'<script type="module" src="{self.address}"></script>'

    @property
    def bound_script(self) -> str:
        """The same, good for no other script than today's."""
        bound = f'integrity="{self.integrity}" crossorigin="anonymous"'
        return f'<script type="module" src="{self.address}"\n  {bound}></script>'

    @property
    def element(self) -> str:
        """Where the order is to be seen."""
        options = " ".join(f'{name}="{value}"' for name, value in ({"token": self.token} | self.look).items())
        # Before the script has come, only what is inside takes up room; in these words no policy forbids it.
        place = f'<svg display="block" width="1" height="{self._height}"></svg>'
        return f"<order-status {options}>{place}</order-status>"

    @property
    def frame(self) -> str:
        """The same without a script of ours in the page."""
        address = f"{self.origin}/embed/v1/order-status/{self._application_id}?{urlencode(self.look)}"
        return (
            f'<iframe src="{address.replace("&", "&amp;")}#token={self.token}"\n'
            f'  title="Order status" width="100%" height="{self._height}" frameborder="0"\n'
            f'  sandbox="{SANDBOX}"\n'
            '  referrerpolicy="strict-origin"></iframe>'
        )

    @property
    def curl(self) -> str:
        """How a server asks for a token: pasted into a shell that knows SECRET and ORDER, it works as it stands."""
        key = self.application.key if self.application else "$KEY"
        whose, where = {"key": key, "order_id": "$ORDER"}, {"scopes": ["status"], "origin": self._shop}
        body = f"{json.dumps(whose)[:-1]},\n       {json.dumps(where)[1:]}"
        # Within single quotes a shell puts nothing in place of a name, and the order's would be sent to us as it is.
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
        """What a Content-Security-Policy must let in."""
        return f"script-src {self.address};\nframe-src {self.origin};"

    @property
    def bound_policy(self) -> str:
        """The same for the bound script."""
        return f"script-src '{self.integrity}';\nframe-src {self.origin};"

    @property
    def address(self) -> str:
        """Where our script is."""
        return self.origin + ADDRESS

    @property
    def token(self) -> str:
        """What stands where the token goes."""
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
    """All of it, for whoever wants the widget on their page, as they want it."""
    typed = {name: request.args.get(name, "").strip() for name in ("key", "state", *FIELDS)}
    typed["state"] = typed["state"] if typed["state"] in SAMPLE_STATES else DEFAULT_STATE
    application = _application(typed["key"])
    appearance = parse_appearance(typed)
    problems = _problems(typed, application, appearance)
    wanted = _attributes(typed, appearance)
    snippets = Snippets(services().settings.origin, loader_integrity(), wanted, application)
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
        states=[(state, words) for state, (_, words) in SAMPLE_STATES.items()],
        preview=lambda layout, theme: _preview(layout, theme, wanted, typed["state"]),
        limits={"radius": LARGEST_RADIUS, "usual radius": RADIUS, "minutes": MAX_STATUS_LIFETIME.seconds // 60},
        words={"events": EVENTS, "attributes": ATTRIBUTES, "troubles": TROUBLES},
    )
    response = make_response(page, 422 if any(problems.values()) else 200)
    policy = POLICY_OF_A_PAGE_WITH_FRAMES.format(nonce=csp_nonce(), channels="")
    response.headers["Content-Security-Policy"] = policy
    return response


def _preview(layout: Layout, theme: str, wanted: Mapping[str, str], state: str) -> str:
    options: dict[str, Any] = {name: value for name, value in wanted.items() if name not in ("layout", "theme")}
    return url_for("embed_preview.preview", layout=layout.value, theme=theme, state=state, **options)


def _application(key: str) -> Application | None:
    with services().database.read_session() as session:
        return application_by_key(session, key)


def _problems(typed: Mapping[str, str], application: Application | None, appearance: Appearance) -> dict[str, str]:
    """What to say about which field; empty: nothing."""
    found = dict.fromkeys(("key", "accent", "radius"), "")
    if typed["key"] and application is None:
        found["key"] = (
            "We don’t know this key. It is the one that came with the application’s name when it was registered: "
            "have a look whether all of it was copied, or ask who runs this site."
        )
    if typed["accent"] and appearance.accent is None:
        found["accent"] = "Please say the colour like #b3261e; until then it is the restaurant’s own."
    if typed["radius"] and typed["radius"] != str(appearance.radius):
        found["radius"] = f"Please say a whole number from 0 to {LARGEST_RADIUS}; until then it is {appearance.radius}."
    return found


def _attributes(typed: Mapping[str, str], appearance: Appearance) -> dict[str, str]:
    usual = {"theme": Theme.AUTO.value, "radius": str(RADIUS), "font": Font.SANS.value}
    chosen = {
        "layout": appearance.layout.value,
        "theme": appearance.theme.value,
        "accent": appearance.accent or "",
        "radius": str(appearance.radius),
        "font": appearance.font.value,
        "lang": appearance.translator.tag if typed["lang"] else "",
    }
    return {name: value for name, value in chosen.items() if value and value != usual.get(name)}


def _languages() -> list[tuple[str, str]]:
    """Each by its tag and its own name."""
    named = ((tag, Locale.parse(tag).get_display_name(tag) or tag) for tag in LANGUAGES)
    return sorted(((tag, name[0].upper() + name[1:]) for tag, name in named), key=lambda each: each[1])
