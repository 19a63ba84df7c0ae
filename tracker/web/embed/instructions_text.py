"""What owners of other sites are told of the widget, in rows of a name and a sentence."""

from tracker.web.embed.theme import LARGEST_RADIUS, RADIUS

EVENTS = [
    (
        "status",
        "The order has come further, or is seen for the first time. Its detail has state (placed, adjusted, confirmed, "
        "rejected, cancelled or completed), step (placed, confirmed, ready, on_the_way, arrived or handed_over) and "
        "version, which only grows.",
    ),
    (
        "error",
        "The order can’t be shown. Its detail has reason, a word for programs; the reader is told in a sentence.",
    ),
    (
        "token-expired",
        "The token is good no longer, and there is no refreshToken, or it brought none. Set the attribute token to a "
        "new one, and the widget goes on.",
    ),
]
ATTRIBUTES = [
    ("token", "What your server was given. A new value replaces the old one without a reload."),
    (
        "layout",
        "line: one line, for a bar. card: state, time and progress. full: the same with every step. Usual: card.",
    ),
    ("theme", "light, dark, or auto: as the device has it. Usual: auto."),
    ("accent", "One colour like #b3261e; a shade of it that can be read is used. Usual: the restaurant’s own."),
    ("radius", f"How round its corners are, 0 to {LARGEST_RADIUS} pixels. Usual: {RADIUS}."),
    ("font", "sans, serif or mono: letters of the device, none are fetched. Usual: sans."),
    (
        "lang",
        "The language, such as de or pt-BR. Usual: the nearest lang of your page; English where we have no words.",
    ),
]
TROUBLES = [
    (
        "The frame is grey or empty, and the console says “refused to frame”",
        "The page’s origin is not one of the application’s: scheme, host and port, letter by letter. Whoever runs this "
        "site adds it.",
    ),
    (
        "The place stays empty",
        "Your Content-Security-Policy lacks the lines above, or names the hash of an older script.",
    ),
    (
        "It says that the status can’t be shown",
        "The token was revoked, is of another origin or another application than the page’s, or is older than it may "
        "be: look at the reason of the event error.",
    ),
    (
        "It says as of when, and is not live",
        "It could not reach us, or the token has ended: bring a new one with refreshToken.",
    ),
]
