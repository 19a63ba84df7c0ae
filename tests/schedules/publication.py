"""Finds what is wrong with the published messages: an event is missing, out of order, or the last is not the newest."""

from collections.abc import Sequence

from tests.schedules.proxy import ReceivedMessage


def publication_flaws(received: Sequence[ReceivedMessage], versions: dict[str, tuple[str, int]]) -> list[str]:
    """Return the problems of all orders; `versions` holds each order's name and version by its id.

    An event may be published twice, because a worker that was killed could not know that it had arrived. But then all
    later events come again too: the next number is never more than one ahead, and the last is the newest.
    """
    flaws = []
    for order_id, (name, version) in versions.items():
        numbers = [each.number for each in received if each.order == order_id]
        if missing := sorted(set(range(1, version + 1)) - set(numbers)):
            flaws.append(f"{name}: never published: {missing}")
        if any(then > before + 1 for before, then in zip([0, *numbers], numbers, strict=False)):
            flaws.append(f"{name}: published out of order: {numbers}")
        if numbers and numbers[-1] != version:
            flaws.append(f"{name}: the last published event is not the newest: {numbers}")
    return flaws
