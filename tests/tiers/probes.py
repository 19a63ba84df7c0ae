"""Find out which stored values a tier is shown, by changing them and comparing what the tier sees."""

import re
from collections.abc import Collection, Iterator
from itertools import product

from tests.builders import EVENING
from tests.event_samples import a_sample
from tests.tiers.columns import StoredRows
from tests.tiers.views import OK, Shown, Tier, Visit
from tracker.live.wire import messages_of
from tracker.orders.model import Order, OrderEvent
from tracker.orders.states import Actor, OrderEventKind

LONG_ENOUGH = 6
"""Characters of a text that is too long to occur in a page by chance."""
_NAMES_OF_ROWS = re.compile(r"[0-9a-f]{24}")


class Sight:
    """What one tier sees now, for comparison with what it sees after a change of stored values."""

    def __init__(self, tier: Tier, rows: StoredRows) -> None:
        self._tier = tier
        self._rows = rows
        self.before: dict[str, Shown] = {name: look() for name, look in tier.views()}

    @property
    def text(self) -> str:
        """Return everything that the tier sees, as one text."""
        return "\n".join(text for _, text in self.before.values())

    def names_seen(self) -> set[str]:
        """Return the columns of names, such as ids, with a value that occurs in what the tier sees."""
        text = self.text
        return {column for column, values in self._rows.names().items() if any(value in text for value in values)}

    def words_seen(self, hidden: Collection[str], shown: Collection[str]) -> set[str]:
        """Return each text of a hidden path that occurs in what the tier sees, unless a shown path has it too."""
        permitted = set().union(*self._rows.texts(shown).values())
        return {
            f"{path}: {words}"
            for path, texts in self._rows.texts(hidden).items()
            for words in texts - permitted
            if len(words) >= LONG_ENOUGH and words in self.text
        }

    def is_shown(self, path: str) -> bool:
        """Return whether a change of the value at this path changes what the tier sees."""
        return any(before != now and before[0] == now[0] == OK for before, now in self._with_changed([path]))

    def shown_of(self, hidden: Collection[str]) -> set[str]:
        """Return those of the hidden paths whose change changes what the tier sees."""
        if not self._is_noticed(hidden):
            return set()
        return {path for path in hidden if self._is_noticed([path])}

    def is_closed_by(self, path: str) -> bool:
        """Return whether a change of the value at this path closes a view that was open."""
        return any(before[0] == OK != now[0] for before, now in self._with_changed([path]))

    def _is_noticed(self, paths: Collection[str]) -> bool:
        return any(before != now for before, now in self._with_changed(paths))

    def _with_changed(self, paths: Collection[str]) -> Iterator[tuple[Shown, Shown]]:
        for attempt in self._rows.attempts(paths):
            with self._rows.changed(paths, attempt):
                for name, look in self._tier.views():
                    yield self.before[name], look()


def acts_in(text: str) -> set[str]:
    """Return the addresses of the forms on these pages, with "…" for each id."""
    forms = re.findall(r"<form[^>]*>", text)
    return {_NAMES_OF_ROWS.sub("…", action) for form in forms for action in re.findall(r'action="([^"]*)"', form)}


def messages_on(channels: Collection[str], visit: Visit) -> dict[str, set[str]]:
    """Return the property names of every message on these channels, by the name of the message.

    The messages are those of every kind of event, by every actor, late or not.
    """
    properties: dict[str, set[str]] = {}
    with visit.database.read_session() as session:
        for order_id, kind, by, late, more in product(
            visit.evening.orders,
            OrderEventKind,
            Actor,
            (False, True),
            ({}, {"is_advance": True}, {"promised_at": None}),
        ):
            order, details = session.get_one(Order, order_id), a_sample(kind, **more)
            event = OrderEvent(number=7, details=details, by=by, at=EVENING, came_late=late, order=order)
            for message in messages_of(event):
                if message.channel in channels:
                    properties.setdefault(message.name, set()).update(message.data)
    return properties
