"""Publishing through any Channels service, and telling an unavailable service from a refused message."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from pydantic import SecretStr

from tests.engine.engine_process import KEY, SECRET, engine_settings, running_engine
from tests.live.pretend_service import PretendService, a_pretend_service
from tests.machine.ports import free_port
from tracker.config import Settings
from tracker.live import pusher
from tracker.live.pusher import ChannelsClient, MessageRefused, ServiceUnavailable
from tracker.live.wire import Message

ORDER = "private-o-52a7289e96ba1c6209000003"
NEWS = Message(ORDER, "order_tracker", {"time": "2026-11-20T18:00:00+00:00", "status": "À table 🍕"})


ChannelsAt = Callable[..., ChannelsClient]


@pytest.fixture
def channels_at(settings: Settings) -> Iterator[ChannelsAt]:
    """Return a function that makes a client of a service on a port of this machine."""
    with ExitStack() as stack:

        def make(port: int, **changes: Any) -> ChannelsClient:
            there = {"channels_host": "127.0.0.1", "channels_port": port, "channels_key": KEY, "channels_app_id": "3"}
            channels = ChannelsClient(
                settings.model_copy(update=there | {"channels_secret": SecretStr(SECRET)} | changes)
            )
            stack.callback(channels.close)
            return channels

        yield make


@pytest.fixture
def service() -> Iterator[PretendService]:
    with a_pretend_service() as service:
        yield service


def test_messages_leave_in_their_order_in_one_request(channels_at: ChannelsAt, service: PretendService) -> None:
    messages = [Message(ORDER, "order_changed", {"version": number}) for number in range(10)]

    channels_at(service.port).publish(messages)

    (batch,) = service.batches
    assert [each["data"] for each in batch] == [f'{{"version":{number}}}' for number in range(10)]
    assert {(each["channel"], each["name"]) for each in batch} == {(ORDER, "order_changed")}
    assert service.paths == ["/apps/3/batch_events"]


def test_more_messages_than_a_service_takes_are_an_error_and_nothing_is_sent(
    channels_at: ChannelsAt, service: PretendService
) -> None:
    with pytest.raises(ValueError, match="11 messages"):
        channels_at(service.port).publish([NEWS] * 11)

    assert service.batches == []


def test_one_connection_serves_for_all_messages(channels_at: ChannelsAt, service: PretendService) -> None:
    channels = channels_at(service.port)

    for _ in range(5):
        channels.publish([NEWS])

    assert (len(service.batches), len(service.connections)) == (5, 1)


def test_a_connection_that_the_service_has_closed_meanwhile_is_opened_again(
    channels_at: ChannelsAt, service: PretendService
) -> None:
    service.closes_after_each = True
    channels = channels_at(service.port)

    for _ in range(5):
        channels.publish([NEWS])

    assert (len(service.batches), len(service.connections)) == (5, 5)


def test_a_service_that_is_not_there_is_unavailable(channels_at: ChannelsAt) -> None:
    with pytest.raises(ServiceUnavailable, match="can't be reached"):
        channels_at(free_port()).publish([NEWS])


def test_a_host_that_does_not_exist_is_unavailable(channels_at: ChannelsAt) -> None:
    with pytest.raises(ServiceUnavailable, match="can't be reached"):
        channels_at(6001, channels_host="no-such-host.invalid").publish([NEWS])


def test_a_service_without_a_valid_certificate_receives_nothing(
    channels_at: ChannelsAt, service: PretendService
) -> None:
    with pytest.raises(ServiceUnavailable, match="SSL"):
        channels_at(service.port, channels_tls=True).publish([NEWS])

    assert service.batches == []


def test_a_service_that_never_answers_is_unavailable_after_a_short_while(
    channels_at: ChannelsAt, service: PretendService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pusher, "TIMEOUT", 0.1)
    service.stall.clear()
    started = time.monotonic()

    with pytest.raises(ServiceUnavailable, match="Timeout"):
        channels_at(service.port).publish([NEWS])
    assert time.monotonic() - started < 10

    service.stall.set()


@pytest.mark.parametrize("status", [301, 401, 404, 429, 500, 502, 503])
def test_when_the_service_fails_no_message_is_refused(
    channels_at: ChannelsAt, service: PretendService, status: int
) -> None:
    service.status = status

    with pytest.raises(ServiceUnavailable, match=f"answered {status}"):
        channels_at(service.port).publish([NEWS])


@pytest.mark.parametrize("status", [400, 403, 413])
def test_a_message_that_the_service_rejects_is_refused_with_its_reason(
    channels_at: ChannelsAt, service: PretendService, status: int
) -> None:
    service.status, service.body = status, "The data is too large.\n\x1b[31m"

    with pytest.raises(MessageRefused) as refusal:
        channels_at(service.port).publish([NEWS])

    assert str(refusal.value) == f"The service answered {status}: The data is too large. [31m"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ('{"error": "The event data is too large", "code": 413}', MessageRefused),
        ('{"error": "Something is wrong"}', MessageRefused),
        ('{"error": "The app 3 does not exist", "code": 404}', ServiceUnavailable),
        ('{"error": "Slow down", "code": 429}', ServiceUnavailable),
        ("<html>Welcome to nginx!</html>", ServiceUnavailable),
        ("", ServiceUnavailable),
    ],
)
def test_an_error_in_a_response_with_status_200_is_an_error(
    channels_at: ChannelsAt, service: PretendService, body: str, problem: type[Exception]
) -> None:
    service.body = body

    with pytest.raises(problem):
        channels_at(service.port).publish([NEWS])


def test_any_2xx_is_success(channels_at: ChannelsAt, service: PretendService) -> None:
    service.status, service.body = 202, '{"ok": true}'

    channels_at(service.port).publish([NEWS])

    assert len(service.batches) == 1


def test_a_message_too_large_for_any_service_is_not_even_sent(channels_at: ChannelsAt, service: PretendService) -> None:
    fits = Message(ORDER, "n", {"status": "é" * 5_113 + "x"})  # 10,227 bytes, and 13 around them
    too_large = Message(ORDER, "n", {"status": "é" * 5_113 + "xx"})
    channels = channels_at(service.port)

    channels.publish([fits])
    with pytest.raises(MessageRefused, match="10241 bytes"):
        channels.publish([NEWS, too_large])

    assert len(service.batches) == 1


@pytest.mark.parametrize("status", [200, 400, 401, 500])
def test_no_secret_is_ever_in_a_problem(channels_at: ChannelsAt, service: PretendService, status: int) -> None:
    service.status, service.body = status, '{"error": "no"}'

    with pytest.raises((ServiceUnavailable, MessageRefused)) as problem:
        channels_at(service.port).publish([NEWS])

    assert SECRET not in f"{problem.value!r} {problem.value.__cause__!r}"
    assert "auth_" not in f"{problem.value!r} {problem.value.__cause__!r}"


def test_hosted_pusher_needs_nothing_but_the_name_of_its_cluster(channels_at: ChannelsAt) -> None:
    hosted = channels_at(6001, channels_cluster="eu")._publisher

    assert (hosted.scheme, hosted.host, hosted.port) == ("https", "api-eu.pusher.com", 443)


def test_the_published_signature_is_ours(channels_at: ChannelsAt) -> None:
    auth = channels_at(6001).authorise(ORDER, "1234.1234")

    assert auth == f"{KEY}:0e78c61e284ab6829af36a9ae42ba37e70f98cb0be70549ceb673c042ace3133"


def test_the_published_signature_of_a_member_is_ours_and_goes_with_the_very_text_that_was_signed(
    channels_at: ChannelsAt,
) -> None:
    restaurant = "52a7289e96ba1c6209000003"

    signed = channels_at(6001).authorise_member(f"presence-r-{restaurant}", "1234.1234", restaurant)

    assert signed == {
        "auth": f"{KEY}:bc026448ef8957c6e37608a363f9ca728ae593e960fc03a6883924841f2c9d07",
        "channel_data": f'{{"user_id": "{restaurant}"}}',
    }


@pytest.mark.parametrize(
    ("channel", "socket_id"),
    [(ORDER, "1234.1234:x"), (ORDER, "1234"), (ORDER, "1.2\n"), (f"{ORDER}:x", "1234.1234"), ("", "1234.1234")],
)
def test_a_channel_or_socket_id_that_would_sign_something_else_is_not_signed(
    channels_at: ChannelsAt, channel: str, socket_id: str
) -> None:
    with pytest.raises(ValueError, match="nvalid"):
        channels_at(6001).authorise(channel, socket_id)


def test_our_own_engine_takes_what_we_send_and_knows_a_wrong_secret(channels_at: ChannelsAt) -> None:
    with running_engine(engine_settings()) as engine:
        channels_at(engine.port).publish([NEWS] * 10)

        with pytest.raises(ServiceUnavailable, match="answered 401"):
            channels_at(engine.port, channels_secret=SecretStr("a guess")).publish([NEWS])


def test_the_engine_may_be_started_again_between_two_messages(channels_at: ChannelsAt) -> None:
    port = free_port()
    channels = channels_at(port)

    for _ in range(2):
        with running_engine(engine_settings(port=port)):
            channels.publish([NEWS])
    with pytest.raises(ServiceUnavailable):
        channels.publish([NEWS])
