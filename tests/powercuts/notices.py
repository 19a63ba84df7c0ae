"""What a platform tells of an evening's orders, and in which order it happens to say so."""

import json
from random import Random

from tests.upstream.flipdish.notices import an_event


def some_notices(chance: Random, orders: int) -> dict[str, bytes]:
    """What happens to so many orders, as Flipdish tells it, by the notices' ids."""
    courses = [
        ("order.created", "order.accepted", "order.dispatched", "order.rating.updated"),
        ("order.created", "order.rejected", "order.refunded"),
        ("order.created", "order.accepted", "order.refunded", "order.refunded", "order.tip.updated"),
        ("order.accepted", "order.tip.updated"),
    ]
    told = [
        (number * 0.7 + step + chance.random(), number, name)
        for number in range(orders)
        for step, name in enumerate(chance.choice(courses))
    ]
    return dict(_a_notice(chance, *one, guid) for guid, one in enumerate(sorted(told), start=1))


def _a_notice(chance: Random, minute: float, number: int, name: str, guid: int) -> tuple[str, bytes]:
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
        RefundedAmount=chance.randint(1, 5),
        TipAmount=chance.randint(1, 9),
        Rating=chance.randint(1, 5),
    )
    return source_id, json.dumps(notice).encode()


def as_sent(notices: list[str], chance: Random) -> list[str]:
    """Roughly in order, and one in eight of them twice."""
    twice = chance.sample(range(len(notices)), len(notices) // 8)
    places = [*range(len(notices)), *twice]
    return [notices[place] for place in sorted(places, key=lambda place: place + chance.random() * 6)]
