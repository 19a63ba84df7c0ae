"""What is wrong with what was published: something was left out, overtook something else, or was not the last word."""

from collections.abc import Sequence

from tests.schedules.service import Heard


def flaws_of_publication(heard: Sequence[Heard], versions: dict[str, tuple[str, int]]) -> list[str]:
    """Of each order, named by its id with a name for people and its version.

    An event may come again, for a sender who was killed could not know that it had arrived. But then everything after
    it comes again, too: the next is never more than one ahead, and the last is the newest.
    """
    flaws = []
    for order_id, (name, version) in versions.items():
        numbers = [each.number for each in heard if each.order == order_id]
        if missing := sorted(set(range(1, version + 1)) - set(numbers)):
            flaws.append(f"{name}: never published: {missing}")
        if any(then > before + 1 for before, then in zip([0, *numbers], numbers, strict=False)):
            flaws.append(f"{name}: published out of order: {numbers}")
        if numbers and numbers[-1] != version:
            flaws.append(f"{name}: the last that was said is not the newest: {numbers}")
    return flaws
