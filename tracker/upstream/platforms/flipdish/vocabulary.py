"""Flipdish's fixed words in ours. The lists have grown for years: a word that is not here is shown as it reads."""

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
    """An unknown word of theirs, as people write: OnTheWay becomes "On the way"."""
    words = " ".join(word if word.isupper() else word.lower() for word in _WORD_BOUNDARY.sub(" ", name).split())
    return words[:1].upper() + words[1:]


def rejection_reason(code: str | None, text: str | None) -> str | None:
    """Why an order was rejected, for the customer: the fixed reason before free text, which may be in shorthand."""
    if code in REASONS:
        return REASONS[code]
    if text and text not in _NO_REASON:
        return REASONS.get(text, text)
    return humanise(code) if code and code not in _NO_REASON else None


def tracking_status(status: str) -> tuple[str, Step | None]:
    """What the courier is doing, and the step that this means, if it means one."""
    return TRACKING.get(status) or (humanise(status), None)


def payment_label(account: str) -> str:
    """How it is paid."""
    return PAYMENTS.get(account) or humanise(account)
