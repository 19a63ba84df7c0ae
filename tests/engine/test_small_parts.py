"""The small parts: names, frames, allowances, the buffer for a slow reader, settings."""

import dataclasses

import pytest

from tests.engine.engine_process import SECRET, engine_settings
from tracker.engine.backlog import Backlog
from tracker.engine.errors import ProtocolError
from tracker.engine.frames import close_frame, text_frame
from tracker.engine.messages import parse
from tracker.engine.names import ChannelKind, is_channel_name, is_event_name, is_socket_id, kind_of
from tracker.engine.rate_limit import TokenBucket
from tracker.engine.server import _max_connections


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("orders", ChannelKind.PUBLIC),
        ("privately", ChannelKind.PUBLIC),
        ("private-o-1", ChannelKind.PRIVATE),
        ("presence-r-1", ChannelKind.PRESENCE),
        ("private-encrypted-1", ChannelKind.ENCRYPTED),
        ("cache-1", ChannelKind.CACHE),
        ("private-cache-1", ChannelKind.CACHE),
        ("presence-cache-1", ChannelKind.CACHE),
        ("private-encrypted-cache-1", ChannelKind.CACHE),
    ],
)
def test_a_channels_prefix_says_who_may_listen(name: str, kind: ChannelKind) -> None:
    assert kind_of(name) is kind


@pytest.mark.parametrize("name", ["", "a" * 165, "a b", "a\n", "#a", "a:b", "é", "a/b", None, 1])
def test_a_channel_name_with_anything_unusual_in_it_is_refused(name: object) -> None:
    assert not is_channel_name(name)
    assert is_channel_name("aZ09_-=@,.;" + "a" * 153)


@pytest.mark.parametrize("name", ["", "a" * 201, "pusher:ping", "pusher_internal:member_added", None])
def test_an_event_name_is_neither_endless_nor_the_protocols_own(name: object) -> None:
    assert not is_event_name(name)
    assert is_event_name("order confirmed")


@pytest.mark.parametrize("text", ["", "1", "1.", "1.2\n", "1.2:private-x", "1.2.3", "\u0661.\u0661", None])
def test_a_socket_id_is_two_numbers_and_a_dot(text: object) -> None:
    assert not is_socket_id(text)
    assert is_socket_id("123.456")


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (0, b"\x81\x00"),
        (125, b"\x81\x7d"),
        (126, b"\x81\x7e\x00\x7e"),
        (65_535, b"\x81\x7e\xff\xff"),
        (65_536, b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
    ],
)
def test_a_frame_begins_with_its_length(size: int, head: bytes) -> None:
    assert text_frame(b"x" * size) == head + b"x" * size


def test_a_reason_to_close_is_cut_to_what_a_frame_can_hold() -> None:
    frame = close_frame(4100, "é" * 500)

    assert frame[:4] == b"\x88\x7d" + (4100).to_bytes(2)
    assert len(frame) == 127


def test_an_allowance_is_used_up_and_comes_back_with_time() -> None:
    allowance = TokenBucket(per_second=2, burst=3, now=0)

    assert [allowance.take(0) for _ in range(4)] == [True, True, True, False]
    assert [allowance.take(0.5), allowance.take(0.5)] == [True, False]
    assert [allowance.take(100) for _ in range(4)] == [True, True, True, False]


def test_what_waits_for_a_slow_reader_is_counted_in_whole_messages() -> None:
    backlog = Backlog()
    for _ in range(4):
        backlog.add(100)

    assert backlog.frames(waiting=400) == 4
    assert backlog.frames(waiting=399) == 4
    assert backlog.frames(waiting=300) == 3
    assert backlog.frames(waiting=1) == 1
    assert backlog.frames(waiting=0) == 0


@pytest.mark.parametrize(
    "text", ["", "[", "[" * 30_000, "null", "[]", "{}", '{"event":1}', '{"event":"a","channel":1}', "9" * 5000]
)
def test_a_malformed_message_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(ProtocolError):
        parse(text)


@pytest.mark.parametrize(
    "changed",
    [
        {"key": ""},
        {"port": 70_000},
        {"max_connections": 0},
        {"activity_timeout": -1},
        {"allowed_origins": ("example.com",)},
        {"allowed_origins": ("https://*.example.com",)},
        {"allowed_origins": ("https://example.com/",)},
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(changed: dict[str, object]) -> None:
    (name,) = changed

    with pytest.raises(ValueError, match=name):
        engine_settings(**changed)


def test_as_many_clients_are_served_as_there_are_files_for() -> None:
    assert _max_connections(20_000, 21_000) == 20_000
    assert _max_connections(20_000, 20_000) == 19_000
    assert _max_connections(20_000, 1_024) == 922


def test_the_secret_is_not_shown_where_settings_are() -> None:
    settings = engine_settings()

    assert SECRET not in repr(settings)
    assert dataclasses.asdict(settings)["secret"] == SECRET
