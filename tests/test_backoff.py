"""Pauses between tries grow up to a limit, and a list of pauses ends."""

from datetime import timedelta

import pytest

from tracker.accounts import mail_queue
from tracker.backoff import DoublingBackoff, ListedBackoff
from tracker.live import outbox
from tracker.supervisor import RESTART
from tracker.upstream import inbox

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def test_pauses_double_from_the_first_to_the_longest() -> None:
    backoff = DoublingBackoff(first=SECOND, longest=10 * SECOND)

    pauses = [backoff.pause_after(failures) for failures in range(7)]

    assert [pause / SECOND for pause in pauses] == [0, 1, 2, 4, 8, 10, 10]


@pytest.mark.parametrize("failures", [40, 10_000])
def test_any_number_of_failures_has_a_pause(failures: int) -> None:
    assert DoublingBackoff(first=MINUTE, longest=60 * MINUTE).pause_after(failures) == 60 * MINUTE


def test_after_the_last_listed_pause_there_is_none() -> None:
    backoff = ListedBackoff((SECOND, MINUTE))

    assert [backoff.pause_after(failures) for failures in (1, 2, 3)] == [SECOND, MINUTE, None]


@pytest.mark.parametrize(
    ("backoff", "seconds"),
    [
        (inbox.RETRY, [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]),
        (outbox.REFUSED, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]),
        (outbox.UNAVAILABLE, [0.25, 0.5, 1, 2, 4, 5, 5]),
        (RESTART, [0.2, 0.4, 0.8, 1.6, 3.2, 5, 5]),
        (mail_queue.RETRY, [60, 300, 900, 3600, 10_800, 28_800, 43_200]),
    ],
)
def test_each_use_has_its_own_pauses(backoff: DoublingBackoff | ListedBackoff, seconds: list[float]) -> None:
    pauses = [backoff.pause_after(failures) for failures in range(1, len(seconds) + 1)]

    assert pauses == [timedelta(seconds=pause) for pause in seconds]


def test_an_email_is_given_up_after_its_eighth_failure() -> None:
    assert mail_queue.RETRY.pause_after(8) is None
