"""What each tier is shown, with the paths of the stored values; the messages that it receives; what it may do."""

AN_ONLOOKER = {
    "the order's id, in addresses and in the name of the channel": ["orders.id"],
    "the short code of the order": ["orders.short_code"],
    "the order's state": ["orders.state"],
    "the fulfilment": ["orders.fulfilment"],
    "whether it was ordered for later": ["orders.is_advance"],
    "when it was placed, confirmed and ended": ["orders.placed_at", "orders.confirmed_at", "orders.ended_at"],
    "the requested and the promised time": ["orders.requested_for", "orders.promised_at"],
    "the step": ["orders.step"],
    "the restaurant's names of the steps": ["orders.statuses.name"],
    "the steps that it has reached, and when": [
        *("order_events.kind", "order_events.at", "order_events.data.status", "order_events.data.step"),
    ],
    "the number of its events": ["orders.version", "order_events.number"],
    "that it has onlookers, because its status channel has messages only then": ["orders.has_onlookers"],
    "the restaurant's name and colour": ["restaurants.name", "restaurants.colour"],
    "the form of times at the restaurant": ["restaurants.locale", "restaurants.zone", "orders.zone"],
    "the width of the window around a promised time": ["restaurants.window_minutes"],
}
WIDGET = AN_ONLOOKER | {
    "the widget's application: its key and its origins": ["applications.key", "applications.origins"],
    "when its token expires": ["access_tokens.ends_at"],
}
GUEST = AN_ONLOOKER | {
    "the lines and their quantities": ["order_lines.name", "order_lines.ordered", "order_lines.quantity"],
    "the options of the lines, also those left out": ["order_lines.options.name", "order_lines.options_left_out"],
    "the total, including the tip": ["orders.bill_charged", "orders.bill_tip", "orders.currency"],
    "whether the total already lacks what was left out": ["orders.uncounted_charged_minor"],
    "the old and the new time of a moved promise": ["order_events.data.from", "order_events.data.to"],
    "the id of the share link": ["share_links.id"],
    "the application that asked for a preview": ["applications.id"],
}
OWNER = {
    **{words: paths for words, paths in AN_ONLOOKER.items() if paths != ["orders.has_onlookers"]},
    "the lines, their quantities and prices": [
        *("order_lines.name", "order_lines.ordered", "order_lines.quantity", "order_lines.unit_minor"),
    ],
    "the ids of the lines in the contract": ["order_lines.ref"],
    "the options of the lines, also those left out": ["order_lines.options.name", "order_lines.options_left_out"],
    "every part of the bill, and the first price": [
        *("orders.bill_items", "orders.bill_delivery", "orders.bill_service", "orders.bill_fee"),
        *("orders.bill_discount", "orders.bill_charged", "orders.bill_tip", "orders.currency", "orders.voucher"),
        *("orders.first_charged_minor", "orders.uncounted_charged_minor"),
    ],
    "the means of payment": ["orders.payment"],
    "the refunds and their times": [
        *("refunds.minor", "refunds.at", "order_events.data.minor"),
        *("orders.platform_refunded_minor", "orders.platform_refunded_version"),
    ],
    "the address or the table": ["orders.address", "orders.address_note", "orders.table_name"],
    "the customer's note to the kitchen": ["orders.note"],
    "the customer's rating": ["orders.rating", "order_events.data.rating"],
    "free texts of the restaurant and the courier": [
        *("orders.status_text", "orders.reason", "order_events.data.reason"),
    ],
    "every adjustment, its reason and its result": [
        *("adjustments.number", "adjustments.state", "adjustments.proposed_at", "adjustments.promised_at"),
        *("adjustments.lines", "adjustments.options", "adjustments.reason", "adjustments.difference"),
        *("adjustments.answer_by", "adjustments.extensions", "adjustments.if_unanswered"),
        *("adjustments.ended_at", "adjustments.ended_by", "restaurants.answer_minutes"),
        *("order_events.data.answer_by", "order_events.data.is_advance", "order_events.data.minutes"),
        *("order_events.data.promised_at", "order_events.data.lines", "order_events.data.options"),
    ],
    "the actor of each event, and whether it was reported late": [
        *("order_events.by", "order_events.came_late"),
    ],
    "the old and the new state of changed lines and promises": [
        *("order_events.data.lines.name", "order_events.data.lines.from", "order_events.data.lines.to"),
        *("order_events.data.from", "order_events.data.to"),
    ],
    "whether the order came from a platform, which then charges for it": ["orders.platform_account_id"],
    "the restaurant's telephone number": ["restaurants.phone"],
    "the share links: for whom, and since when": [
        *("share_links.id", "share_links.made_for", "share_links.created_at"),
    ],
    "the customer's session, as a part of the page's access token": ["customer_sessions.hash"],
}
TIERS = {"owner": OWNER, "guest": GUEST, "widget": WIDGET}

CLOSES = {
    "orders.customer_id": "the customer who owns the order",
    "customer_sessions.ended_at": "the customer has signed out",
    "share_links.revoked_at": "the link was revoked",
    "access_tokens.revoked_at": "the token was revoked",
    "access_tokens.order_id": "the order that the token opens",
    "access_tokens.scopes": "what the token permits",
    "access_tokens.origin": "the origin for which the token is valid",
    "applications.key": "the application that asks for a preview",
}
"""The paths whose change closes a view completely, each with its meaning."""

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
"""The messages that each tier receives: the names of their properties, by the name of the message."""

ACTS = {
    "owner": {
        *("/sign-out", "/orders/…/cancel", "/orders/…/accept", "/orders/…/reject", "/orders/…/more-time"),
        *("/orders/…/rate", "/orders/…/tip", "/orders/…/share", "/orders/…/share/…/revoke"),
    },
    "guest": set(),
    "widget": set(),
}
"""The addresses of the forms that each tier has on its pages."""
