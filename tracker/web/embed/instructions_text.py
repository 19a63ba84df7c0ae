"""The tables of the page with instructions: events, attributes and common problems, each with a description."""

from tracker.web.embed.theme import LARGEST_RADIUS, RADIUS

EVENTS = [
    (
        "status",
        "The status has changed, or is shown for the first time. Its detail has state (placed, adjusted, confirmed, "
        "rejected, cancelled or completed), step (placed, confirmed, ready, on_the_way, arrived or handed_over) and "
        "version, which only grows.",
    ),
    (
        "error",
        "The order can’t be shown. Its detail has reason, a code for programs; the widget shows a sentence.",
    ),
    (
        "token-expired",
        "The token has expired, and there is no refreshToken, or it returned no token. Set the attribute token to a "
        "new token, and the widget goes on.",
    ),
]
ATTRIBUTES = [
    ("token", "The token that your server requested. A new value replaces the old one without a reload."),
    (
        "layout",
        "line: one line, for a bar. card: state, time and progress. full: a card with every step. Default: card.",
    ),
    ("theme", "light, dark, or auto: as the device is set. Default: auto."),
    ("accent", "A colour like #b3261e; a readable shade of it is used. Default: the restaurant’s own colour."),
    ("radius", f"The radius of its corners, 0 to {LARGEST_RADIUS} pixels. Default: {RADIUS}."),
    ("font", "sans, serif or mono: a font of the device; none is loaded. Default: sans."),
    (
        "lang",
        "The language, such as de or pt-BR. Default: the nearest lang of your page; English if we have no translation.",
    ),
]
TROUBLES = [
    (
        "The frame is grey or empty, and the console says “refused to frame”",
        "The page’s origin is not one of the application’s: scheme, host and port must be identical. The people who "
        "run this site can add it.",
    ),
    (
        "Nothing is shown",
        "Your Content-Security-Policy lacks the lines above, or contains the hash of an older script.",
    ),
    (
        "The widget says that the status can’t be shown",
        "The token was revoked, has expired, or is for another origin or application than the page’s: the event error "
        "has the reason.",
    ),
    (
        "The widget says “As of” with a time, and is not live",
        "It could not reach us, or the token has expired: return a new one from refreshToken.",
    ),
]
