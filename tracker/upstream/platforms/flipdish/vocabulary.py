"""Texts for Flipdish's codes. Flipdish adds codes over the years; an unknown code is shown as readable words."""

import re

from tracker.orders.progress import Step

REASONS = {
    "TooBusy": "The restaurant is too busy right now.",
    "FoodUnavailable": "Something you ordered is not available right now.",
    "UnableToDeliver": "The restaurant can't deliver this order.",
    "UnknownAddress": "The restaurant could not find your address.",
    "TooSoon": "The restaurant can't have your order ready that soon.",
    "TimeUnavailable": "The time you asked for is not available.",
    "DontDeliverToArea": "The restaurant doesn't deliver to your area.",
    "StoreUncontactable": "The restaurant could not be reached.",
}
_NO_REASON = frozenset({"UnknownReason", "None"})

TRACKING: dict[str, tuple[str, Step | None]] = {
    "Unassigned": ("Looking for a courier", None),
    "Unaccepted": ("Waiting for a courier", None),
    "Accepted": ("A courier will bring your order", None),
    "Carrying": ("The courier has your order", Step.ON_THE_WAY),
    "OnTheWay": ("On the way", Step.ON_THE_WAY),
    "ArrivedAtLocation": ("The courier has arrived", Step.ARRIVED),
    "Delivered": ("Delivered", Step.HANDED_OVER),
    "CannotDeliver": ("The courier could not deliver your order", None),
}

PAYMENTS = {
    "Ideal": "iDEAL",
    "Eps": "EPS",
    "Emv": "Card",
    "PayPal": "PayPal",
    "PayGreen": "PayGreen",
    "GoogleWalletToken": "Google Pay",
}

_WORD_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_")


def humanise(name: str) -> str:
    """Turn a code into words: OnTheWay becomes "On the way"."""
    words = " ".join(word if word.isupper() else word.lower() for word in _WORD_BOUNDARY.sub(" ", name).split())
    return words[:1].upper() + words[1:]


def rejection_reason(code: str | None, text: str | None) -> str | None:
    """Return why an order was rejected, as a text for the customer, or None if there is no reason.

    The text for the code goes before the restaurant's free text, which may be shorthand.
    """
    if code in REASONS:
        return REASONS[code]
    if text and text not in _NO_REASON:
        return REASONS.get(text, text)
    return humanise(code) if code and code not in _NO_REASON else None


def tracking_status(status: str) -> tuple[str, Step | None]:
    """Return the text for a courier's status, and the step that the status means, or None if it means none."""
    return TRACKING.get(status) or (humanise(status), None)


def payment_label(account: str) -> str:
    """Return the text for a kind of payment account."""
    return PAYMENTS.get(account) or humanise(account)
