"""What each tier is shown, in words, and where that is kept; what it is told; what it may do."""

AN_ONLOOKER = {
    "the order's id, in addresses and in the name of the channel": ["orders.id"],
    "the code that is said at the counter": ["orders.short_code"],
    "its state": ["orders.state"],
    "how it is handed over": ["orders.fulfilment"],
    "whether it was ordered for a certain time": ["orders.is_advance"],
    "when it was placed, taken on and over": ["orders.placed_at", "orders.confirmed_at", "orders.ended_at"],
    "when it was wanted and is promised": ["orders.requested_for", "orders.promised_at"],
    "how far it is": ["orders.step"],
    "what the restaurant calls its steps": ["orders.statuses.name"],
    "which of these it has reached, and when": [
        *("order_events.kind", "order_events.at", "order_events.data.status", "order_events.data.step"),
    ],
    "how many things have happened to it": ["orders.version", "order_events.number"],
    "that it is followed, for then something is said on its status channel": ["orders.has_onlookers"],
    "the restaurant's name and colour": ["restaurants.name", "restaurants.colour"],
    "how times are written there": ["restaurants.locale", "restaurants.zone", "orders.zone"],
    "how exact a promised time is": ["restaurants.window_minutes"],
}
WIDGET = AN_ONLOOKER | {
    "whose widget it is: the application's key, and where its pages are": ["applications.key", "applications.origins"],
    "until when its token is good": ["access_tokens.ends_at"],
}
GUEST = AN_ONLOOKER | {
    "which dishes, and how many": ["order_lines.name", "order_lines.ordered", "order_lines.quantity"],
    "with which options, and without which": ["order_lines.options.name", "order_lines.options_left_out"],
    "the total, with the tip in it": ["orders.bill_charged", "orders.bill_tip", "orders.currency"],
    "whether what was left out is counted in it yet": ["orders.uncounted_charged_minor"],
    "from when to when the promise was moved": ["order_events.data.from", "order_events.data.to"],
    "which link it is": ["share_links.id"],
    "the application that asked for a preview": ["applications.id"],
}
OWNER = {
    **{words: paths for words, paths in AN_ONLOOKER.items() if paths != ["orders.has_onlookers"]},
    "which dishes, how many, and what they cost": [
        *("order_lines.name", "order_lines.ordered", "order_lines.quantity", "order_lines.unit_minor"),
    ],
    "what the contract calls a line": ["order_lines.ref"],
    "with which options, and without which": ["order_lines.options.name", "order_lines.options_left_out"],
    "every part of the bill, and what was first to be paid": [
        *("orders.bill_items", "orders.bill_delivery", "orders.bill_service", "orders.bill_fee"),
        *("orders.bill_discount", "orders.bill_charged", "orders.bill_tip", "orders.currency", "orders.voucher"),
        *("orders.first_charged_minor", "orders.uncounted_charged_minor"),
    ],
    "how it is paid": ["orders.payment"],
    "what was given back, and when": [
        *("refunds.minor", "refunds.at", "order_events.data.minor"),
        *("orders.platform_refunded_minor", "orders.platform_refunded_version"),
    ],
    "where it goes": ["orders.address", "orders.address_note", "orders.table_name"],
    "what they asked the kitchen": ["orders.note"],
    "their rating": ["orders.rating", "order_events.data.rating"],
    "what the restaurant and the courier say in their own words": [
        *("orders.status_text", "orders.reason", "order_events.data.reason"),
    ],
    "each change that they were asked about, how, why, and what came of it": [
        *("adjustments.number", "adjustments.state", "adjustments.proposed_at", "adjustments.promised_at"),
        *("adjustments.lines", "adjustments.options", "adjustments.reason", "adjustments.difference"),
        *("adjustments.answer_by", "adjustments.extensions", "adjustments.if_unanswered"),
        *("adjustments.ended_at", "adjustments.ended_by", "restaurants.answer_minutes"),
        *("order_events.data.answer_by", "order_events.data.is_advance", "order_events.data.minutes"),
        *("order_events.data.promised_at", "order_events.data.lines", "order_events.data.options"),
    ],
    "who did it, of platform, restaurant, customer and clock, and whether it was told late": [
        *("order_events.by", "order_events.came_late"),
    ],
    "what has changed of a line, or of the promise": [
        *("order_events.data.lines.name", "order_events.data.lines.from", "order_events.data.lines.to"),
        *("order_events.data.from", "order_events.data.to"),
    ],
    "whether a platform sent it, which then charges for it": ["orders.platform_account_id"],
    "the restaurant's telephone number": ["restaurants.phone"],
    "to whom they have shown it, and since when": [
        *("share_links.id", "share_links.made_for", "share_links.created_at"),
    ],
    "by which session they look, in what their page listens with": ["customer_sessions.hash"],
}
TIERS = {"owner": OWNER, "guest": GUEST, "widget": WIDGET}

CLOSES = {
    "orders.customer_id": "whose order it is",
    "customer_sessions.ended_at": "they have signed out",
    "share_links.revoked_at": "the link was stopped",
    "access_tokens.revoked_at": "the token was taken back",
    "access_tokens.order_id": "the order that it opens",
    "access_tokens.scopes": "what it is good for",
    "access_tokens.origin": "on whose pages",
    "applications.key": "for whom a preview is asked",
}
"""What decides whether anything is shown at all."""

A_NUMBER = {"order_changed": {"version"}}
MESSAGES = {
    "owner": {
        "order_confirmation": {"confirmation", "reason"},
        "order_adjustment": {"time", "order_date", "eta", "items", "options"},
        "order_tracker": {"time", "status"},
        **A_NUMBER,
    },
    "guest": A_NUMBER,
    "widget": A_NUMBER,
}
"""What each is told, by the name of the message and the names of what is in it."""

ACTS = {
    "owner": {
        *("/sign-out", "/orders/…/cancel", "/orders/…/accept", "/orders/…/reject", "/orders/…/more-time"),
        *("/orders/…/rate", "/orders/…/tip", "/orders/…/share", "/orders/…/share/…/revoke"),
    },
    "guest": set(),
    "widget": set(),
}
"""What each can do."""
