"""A platform's notices about an evening's orders, and the order in which they are sent."""

import json
from random import Random

from tests.upstream.flipdish.notices import an_event


def some_notices(rng: Random, orders: int) -> dict[str, bytes]:
    """Return Flipdish notices about this many orders, by the notices' ids."""
    histories = [
        ("order.created", "order.accepted", "order.dispatched", "order.rating.updated"),
        ("order.created", "order.rejected", "order.refunded"),
        ("order.created", "order.accepted", "order.refunded", "order.refunded", "order.tip.updated"),
        ("order.accepted", "order.tip.updated"),
    ]
    moments = [
        (number * 0.7 + step + rng.random(), number, name)
        for number in range(orders)
        for step, name in enumerate(rng.choice(histories))
    ]
    return dict(_a_notice(rng, *moment, guid) for guid, moment in enumerate(sorted(moments), start=1))


def _a_notice(rng: Random, minute: float, number: int, name: str, guid: int) -> tuple[str, bytes]:
    source_id = f"00000000-0000-0000-0000-{guid:012}"
    customer = number % 7
    notice = an_event(
        name,
        order={
            "OrderId": 5000 + number,
            "Customer": {"Id": customer, "Name": "Robin", "EmailAddress": f"robin{customer}@example.com"},
        },
        FlipdishEventId=source_id,
        CreateTime=f"2026-11-20T18:{int(minute):02}:{int(minute * 60 % 60):02}",
        RefundedAmount=rng.randint(1, 5),
        TipAmount=rng.randint(1, 9),
        Rating=rng.randint(1, 5),
    )
    return source_id, json.dumps(notice).encode()


def as_sent(notices: list[str], rng: Random) -> list[str]:
    """Return the ids roughly in order, and one in eight of them twice."""
    twice = rng.sample(range(len(notices)), len(notices) // 8)
    places = [*range(len(notices)), *twice]
    return [notices[place] for place in sorted(places, key=lambda place: place + rng.random() * 6)]
