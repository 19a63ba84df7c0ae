"""The view of an order in a widget. Within a minute, it looks the same as long as the order's version is the same."""

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
"""The numbers of characters above which a headline gets a smaller font, so that it needs no more space."""
_LONGEST_NAME = 40
"""The largest number of characters of a restaurant's name in the headline; the whole name stands above it."""


@dataclass(frozen=True, slots=True)
class ShownTime:
    """The time that a widget shows: when the food is due, or since when the order has its status."""

    label: str
    day: str
    """The day, or an empty text for today."""
    clock: str
    zone: str
    start: datetime | None
    """The start of the window; None for a time in the past."""
    end: datetime
    away: str
    is_overdue: bool = False


class StatusView:
    """The view that templates/embed/_status.html shows. The order may lack fields that onlookers must not see."""

    def __init__(
        self, order: Order, layout: Layout, translator: Translator, now: datetime, *, address: str | None = None
    ) -> None:
        self.order = order
        self.layout = layout
        self.translator = translator
        self.now = whole_minute(now)
        self.address = address or url_for("customer.order", order_id=order.id)
        """The address of the link."""

    @cached_property
    def formatter(self) -> Formatter:
        """The formatter of times, for the language of the page."""
        restaurant = self.order.restaurant
        return Formatter(self.translator.locale_at(restaurant.locale), self.order.timezone, self.now)

    @property
    def view_key(self) -> tuple[object, ...]:
        """A key that is equal for two views that look the same, for use in an ETag."""
        appearance = (self.layout, self.translator, self.address, self.order.restaurant.colour)
        return ("widget", *appearance, *view_key(self.order, self.now))

    @cached_property
    def headline(self) -> str:
        """The state in one sentence, without a full stop."""
        return headline_for_onlookers(self.order, self.now, self.translator, max_name_length=_LONGEST_NAME)

    @property
    def length(self) -> str:
        """The CSS classes for the length of the headline: those of lengthy, long and longest that apply."""
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
        """The order's step, for programs."""
        return newest_step(self.order)

    @property
    def colours(self) -> str:
        """The restaurant's colour as CSS, for site owners who have chosen no other."""
        return colours(self.order.restaurant.colour)

    @property
    def mood(self) -> str:
        """The style of the widget: live, done or lost."""
        return mood_for_onlookers(self.order)

    @cached_property
    def shown_time(self) -> ShownTime | None:
        """The time to show; None if there is none, or if it is unknown because an adjustment is open."""
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
        """The text in place of a time; empty if there is a time, or nobody waits for one."""
        if self.shown_time or not is_pending(self.order):
            return ""
        return no_time_for_onlookers(self.order, self.translator)

    @cached_property
    def rows(self) -> list[Row]:
        """The rows of steps. Those of a rejected or cancelled order end with that state."""
        ending = self.short_state if self.order.was_rejected_or_cancelled else ""
        return rows(self.order, self.translator, ending=ending)

    @property
    def few_rows(self) -> list[Row]:
        """The rows for which there is space below each other."""
        return visible_rows(self.rows)

    @property
    def reached(self) -> int:
        """The number of steps that have been reached, including the present one."""
        return sum(row.is_reached for row in self.rows)

    @property
    def newest(self) -> str:
        """The name of the present step."""
        return self.rows[max(self.reached, 1) - 1].name

    def format_past_time(self, at: datetime) -> str:
        """Return the time of day, with the day unless it is today."""
        return f"{self._day(at)} {self.formatter.format_time(at)}".strip()

    @property
    def announcement(self) -> str:
        """The text that screen readers announce when the status has changed."""
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
        """Return the window as text; in the layout LINE, without words such as "Uhr" after the times."""
        text = self.formatter.format_window(start, end)
        times = [self.formatter.format_time(at) for at in (start, end)]
        return "–".join(times) if self.layout is Layout.LINE and all(time in text for time in times) else text

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
    """Render the widget's content for an order, for use with frame.render_static_frame().

    `language` is a language tag (de, de-AT); `address` is the address of the link, by default the order's own page.
    """
    view = StatusView(order, Layout(layout), translator_for(language), now, address=address)
    return render(view, etag="")


def render(view: StatusView, *, etag: str) -> Markup:
    """Render the content with its ETag in it."""
    with speaking(view.translator.language):
        return Markup(render_template("embed/_status.html", view=view, etag=etag))  # noqa: S704  a template's own output
