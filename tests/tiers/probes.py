"""Finding out what somebody is shown: by changing what is kept, and looking whether they see another thing."""

import re
from collections.abc import Collection, Iterator
from itertools import product

from tests.builders import EVENING
from tests.event_samples import a_sample
from tests.tiers.columns import Kept
from tests.tiers.views import OK, Looking, Shown, Tier
from tracker.live.wire import messages_of
from tracker.orders.model import Order, OrderEvent
from tracker.orders.states import Actor, OrderEventKind

LONG_ENOUGH = 6
"""Letters of a text that stands somewhere by no accident."""
_NAMES_OF_ROWS = re.compile(r"[0-9a-f]{24}")


class Eyes:
    """What one tier sees now, to be compared with what it sees when something else is kept."""

    def __init__(self, tier: Tier, kept: Kept) -> None:
        self._tier = tier
        self._kept = kept
        self.before: dict[str, Shown] = {name: look() for name, look in tier.views()}

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(said for _, said in self.before.values())

    def names_seen(self) -> set[str]:
        """Which of the names of rows stand in what is seen."""
        text = self.text
        return {column for column, values in self._kept.names().items() if any(value in text for value in values)}

    def words_seen(self, hidden: Collection[str], shown: Collection[str]) -> set[str]:
        """What stands in what is seen though it is not kept to be shown there, and where it is kept."""
        known = set().union(*self._kept.texts(shown).values())
        return {
            f"{path}: {words}"
            for path, texts in self._kept.texts(hidden).items()
            for words in texts - known
            if len(words) >= LONG_ENOUGH and words in self.text
        }

    def is_shown(self, path: str) -> bool:
        """Whether this can be told from what is seen: something else kept is something else seen."""
        return any(before != now and before[0] == now[0] == OK for before, now in self._with_changed([path]))

    def shown_of(self, hidden: Collection[str]) -> set[str]:
        """Those that change anything that is seen, of many that should not."""
        if not self._is_noticed(hidden):
            return set()
        return {path for path in hidden if self._is_noticed([path])}

    def is_closed_by(self, path: str) -> bool:
        """Whether something that was seen is not seen any more."""
        return any(before[0] == OK != now[0] for before, now in self._with_changed([path]))

    def _is_noticed(self, paths: Collection[str]) -> bool:
        return any(before != now for before, now in self._with_changed(paths))

    def _with_changed(self, paths: Collection[str]) -> Iterator[tuple[Shown, Shown]]:
        for attempt in self._kept.attempts(paths):
            with self._kept.changed(paths, attempt):
                for name, look in self._tier.views():
                    yield self.before[name], look()


def acts_in(text: str) -> set[str]:
    """What can be done there: where the forms of the pages go."""
    forms = re.findall(r"<form[^>]*>", text)
    return {_NAMES_OF_ROWS.sub("…", action) for form in forms for action in re.findall(r'action="([^"]*)"', form)}


def said_of_everything(channels: Collection[str], looking: Looking) -> dict[str, set[str]]:
    """Every message that is ever said on these channels, with the names of what is in it: of each kind of event, by
    everybody, whether or not it came late."""
    said: dict[str, set[str]] = {}
    with looking.database.read_session() as session:
        for order_id, kind, by, late, more in product(
            looking.evening.orders,
            OrderEventKind,
            Actor,
            (False, True),
            ({}, {"is_advance": True}, {"promised_at": None}),
        ):
            order, details = session.get_one(Order, order_id), a_sample(kind, **more)
            event = OrderEvent(number=7, details=details, by=by, at=EVENING, came_late=late, order=order)
            for message in messages_of(event):
                if message.channel in channels:
                    said.setdefault(message.name, set()).update(message.data)
    return said
