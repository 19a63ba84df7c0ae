"""What a widget shows of an order. Seen from one minute, and as long as its version stays, it looks the same."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from flask import render_template, url_for
from markupsafe import Markup

from tracker.orders.model import Order
from tracker.orders.progress import Step
from tracker.orders.states import OrderState
from tracker.translation import speaking
from tracker.web.embed import translation as texts
from tracker.web.embed.steps import Row, is_being_made, rows, visible_rows
from tracker.web.embed.theme import Layout, colours
from tracker.web.embed.translation import Translator, translator_for
from tracker.web.order import onlooker_sentences
from tracker.web.order.due_time import due_time_of, is_pending
from tracker.web.order.formatting import Formatter, whole_minute
from tracker.web.order.onlooker_sentences import headline_for_onlookers, no_time_for_onlookers
from tracker.web.order.sentences import STEP_NAMES, is_for_later
from tracker.web.order.timeline import newest_step
from tracker.web.order.view import mood_for_onlookers, newest_step_since, view_key

_LENGTHS = {"lengthy": 32, "long": 42, "longest": 56}
"""Letters from which on a sentence is written smaller, so that it always takes up as much room as a short one."""
_LONGEST_NAME = 40
"""Letters of a restaurant's name in that sentence; above it, the name stands as a whole."""


@dataclass(frozen=True, slots=True)
class ShownTime:
    """The one time that matters: until when to wait, or since when it is as it is."""

    label: str
    day: str
    """Empty: today."""
    clock: str
    zone: str
    start: datetime | None
    """None: it is past."""
    end: datetime
    away: str
    is_overdue: bool = False


class StatusView:
    """What templates/embed/_status.html shows of an order with its events; it may lack what onlookers are not told."""

    def __init__(
        self, order: Order, layout: Layout, translator: Translator, now: datetime, *, address: str | None = None
    ) -> None:
        self.order = order
        self.layout = layout
        self.translator = translator
        self.now = whole_minute(now)
        self.address = address or url_for("customer.order", order_id=order.id)
        """Where the link leads."""

    @cached_property
    def formatter(self) -> Formatter:
        """How it writes times."""
        restaurant = self.order.restaurant
        return Formatter(self.translator.locale_at(restaurant.locale), self.order.timezone, self.now)

    @property
    def view_key(self) -> tuple[object, ...]:
        """Equal for two views that look the same."""
        how = (self.layout, self.translator, self.address, self.order.restaurant.colour)
        return ("widget", *how, *view_key(self.order, self.now))

    @cached_property
    def headline(self) -> str:
        """The state in one sentence, without a full stop."""
        return headline_for_onlookers(self.order, self.now, self.translator, max_name_length=_LONGEST_NAME)

    @property
    def length(self) -> str:
        """In how many ways the sentence is long: all of lengthy, long and longest that it is."""
        return " ".join(name for name, letters in _LENGTHS.items() if len(self.headline) > letters)

    @property
    def short_state(self) -> str:
        """The state in a word or two."""
        order = self.order
        if order.state in texts.SHORT:
            return self.translator(texts.SHORT[order.state])
        if order.state is OrderState.REJECTED:
            return self.translator(self._rejection_text)
        if is_being_made(newest_step(order)):
            return self.translator(texts.CONFIRMED if is_for_later(order, self.now) else texts.BEING_MADE)
        return self.translator(STEP_NAMES[newest_step(order)][order.fulfilment])

    @property
    def step(self) -> Step:
        """The step that it is at, for programs."""
        return newest_step(self.order)

    @property
    def colours(self) -> str:
        """The restaurant's own, for a site owner who has no other wish."""
        return colours(self.order.restaurant.colour)

    @property
    def mood(self) -> str:
        """How it looks: live, done or lost."""
        return mood_for_onlookers(self.order)

    @cached_property
    def shown_time(self) -> ShownTime | None:
        """The time to be shown; nothing, when there is none or nobody knows it while a change is open."""
        order = self.order
        when = None if order.state is OrderState.ADJUSTED else due_time_of(order, self.now, [])
        if when is None:
            return self._past()
        start, end = when.window
        label = onlooker_sentences.DUE_LABELS[order.fulfilment] if when.is_promised else onlooker_sentences.ASKED_FOR
        if when.is_overdue:
            label = onlooker_sentences.WAS_PROMISED
        away = self.translator.away(start, end, self.now) if when.is_promised or self.now <= end else ""
        return self._shown_time(label, self._window(start, end), start, end, away=away, is_overdue=when.is_overdue)

    @property
    def no_time_yet(self) -> str:
        """What is said in place of a time; empty when there is one, or none is waited for."""
        if self.shown_time or not is_pending(self.order):
            return ""
        return no_time_for_onlookers(self.order, self.translator)

    @cached_property
    def rows(self) -> list[Row]:
        """The steps; those of an order that came to nothing end with that."""
        ending = self.short_state if self.order.was_rejected_or_cancelled else ""
        return rows(self.order, self.translator, ending=ending)

    @property
    def few_rows(self) -> list[Row]:
        """Those of the steps for which there is room, one below the other."""
        return visible_rows(self.rows)

    @property
    def reached(self) -> int:
        """How many of the steps lie behind, with the one that it is at."""
        return sum(row.is_reached for row in self.rows)

    @property
    def newest(self) -> str:
        """What the step is called that it is at."""
        return self.rows[max(self.reached, 1) - 1].name

    def format_past_time(self, at: datetime) -> str:
        """A time of day, with the day unless that is today."""
        return f"{self._day(at)} {self.formatter.format_time(at)}".strip()

    @property
    def announcement(self) -> str:
        """What a screen reader says when it has changed."""
        time = (
            f"{self.shown_time.label} {self.shown_time.day} {self.shown_time.clock}."
            if self.shown_time
            else self.no_time_yet
        )
        return " ".join(f"{self.headline}. {time}".split())

    @property
    def _rejection_text(self) -> str:
        return texts.CALLED_OFF if self.order.confirmed_at else texts.NOT_TAKEN_ON

    def _window(self, start: datetime, end: datetime) -> str:
        """From when until when; where there is but one line, without the word that some languages put behind it."""
        written = self.formatter.format_window(start, end)
        ends = [self.formatter.format_time(at) for at in (start, end)]
        return "–".join(ends) if self.layout is Layout.LINE and all(clock in written for clock in ends) else written

    def _past(self) -> ShownTime | None:
        order = self.order
        if order.has_ended:
            at, label = order.ended_at, self.rows[-1].name
        else:
            at = newest_step_since(order)
            label = self.translator(texts.SINCE)
        return self._shown_time(label, self.formatter.format_time(at), None, at) if at else None

    def _shown_time(
        self,
        label: str,
        clock: str,
        start: datetime | None,
        end: datetime,
        *,
        away: str | None = None,
        is_overdue: bool = False,
    ) -> ShownTime:
        return ShownTime(
            label=self.translator(label),
            day=self._day(start or end),
            clock=clock,
            zone=self.formatter.zone_name(end),
            start=start,
            end=end,
            away=self.translator.away(start, end, self.now) if away is None else away,
            is_overdue=is_overdue,
        )

    def _day(self, at: datetime) -> str:
        day = self.formatter.format_day(at)
        return "" if day == "today" else self.translator(day)


def render_status(
    order: Order, layout: Layout | str, language: str | None, now: datetime, *, address: str | None = None
) -> Markup:
    """The widget's content for this order, made up or real: `language` is a page's tag (de, de-AT), `address` where its
    link leads, without it to the order's own page. To be held by embed_frame.render_static_frame()."""
    view = StatusView(order, Layout(layout), translator_for(language), now, address=address)
    return render(view, etag="")


def render(view: StatusView, *, etag: str) -> Markup:
    """The content, which knows its ETag."""
    with speaking(view.translator.language):
        return Markup(render_template("embed/_status.html", view=view, etag=etag))  # noqa: S704  a template's own output
