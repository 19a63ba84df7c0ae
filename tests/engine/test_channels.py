"""The registry of channels and subscribers, without a network."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.engine.channels import ChannelRegistry
from tracker.engine.errors import SubscriptionError
from tracker.engine.presence import MAX_MEMBERS, MAX_USER_INFO_BYTES, Member, member_from


class Listener:
    """A socket that keeps what is sent to it."""

    def __init__(self, socket_id: str) -> None:
        self.socket_id = socket_id
        self.frames: list[bytes] = []

    def send(self, frame: bytes) -> None:
        self.frames.append(frame)

    @property
    def received(self) -> list[tuple[str, Any]]:
        """Return the names and data of all messages, with the protocol's own data parsed."""
        messages = [json.loads(frame[frame.index(b"{") :]) for frame in self.frames]
        return [(m["event"], json.loads(m["data"]) if m["event"].startswith("pusher") else m["data"]) for m in messages]


def listeners(count: int) -> list[Listener]:
    return [Listener(f"{number}.1") for number in range(count)]


def test_an_event_reaches_all_who_listen_and_nobody_else() -> None:
    channels, (ann, bob, eve) = ChannelRegistry(), listeners(3)
    channels.subscribe(ann, "soup")
    channels.subscribe(bob, "soup")
    channels.subscribe(eve, "salad")

    channels.publish("soup", "ready", "now")

    assert ann.received[-1] == bob.received[-1] == ("ready", "now")
    assert [event for event, _ in eve.received] == ["pusher_internal:subscription_succeeded"]


def test_a_message_is_put_into_a_frame_once_for_all() -> None:
    channels, many = ChannelRegistry(), listeners(3)
    for one in many:
        channels.subscribe(one, "soup")

    channels.publish("soup", "ready", "now")

    assert len({id(one.frames[-1]) for one in many}) == 1


def test_the_excluded_socket_does_not_hear_its_own_event() -> None:
    channels, (ann, bob) = ChannelRegistry(), listeners(2)
    channels.subscribe(ann, "soup")
    channels.subscribe(bob, "soup")

    channels.publish("soup", "ready", "now", exclude=ann.socket_id)

    assert len(ann.received) == 1
    assert bob.received[-1] == ("ready", "now")


def test_a_channel_is_gone_with_its_last_listener() -> None:
    channels, (ann, bob) = ChannelRegistry(), listeners(2)
    channels.subscribe(ann, "soup")
    channels.subscribe(bob, "soup")

    channels.unsubscribe(ann, "soup")
    channels.remove_socket(bob)

    assert len(channels) == 0
    assert channels.get("soup") is None


def test_who_subscribes_twice_hears_everything_once() -> None:
    channels, (ann,) = ChannelRegistry(), listeners(1)
    channels.subscribe(ann, "soup")
    channels.subscribe(ann, "soup")

    channels.publish("soup", "ready", "now")

    assert [event for event, _ in ann.received] == ["pusher_internal:subscription_succeeded"] * 2 + ["ready"]


def test_a_newcomer_learns_who_is_there_and_the_others_learn_of_the_newcomer() -> None:
    channels, (ann, bob) = ChannelRegistry(), listeners(2)
    channels.subscribe(ann, "presence-kitchen", Member("ann", {"job": "cook"}))

    channels.subscribe(bob, "presence-kitchen", Member("bob"))

    roster = {"ids": ["ann", "bob"], "hash": {"ann": {"job": "cook"}, "bob": None}, "count": 2}
    assert bob.received == [("pusher_internal:subscription_succeeded", {"presence": roster})]
    assert ann.received[-1] == ("pusher_internal:member_added", {"user_id": "bob", "user_info": None})


def test_a_person_with_two_windows_is_one_member_until_the_last_is_closed() -> None:
    channels, (ann, phone, laptop) = ChannelRegistry(), listeners(3)
    channels.subscribe(ann, "presence-kitchen", Member("ann"))
    channels.subscribe(phone, "presence-kitchen", Member("bob"))
    channels.subscribe(laptop, "presence-kitchen", Member("bob"))

    channels.remove_socket(phone)
    after_one = [event for event, _ in ann.received]
    channels.unsubscribe(laptop, "presence-kitchen")

    assert after_one == ["pusher_internal:subscription_succeeded", "pusher_internal:member_added"]
    assert ann.received[2:] == [("pusher_internal:member_removed", {"user_id": "bob"})]


def test_a_full_presence_channel_takes_nobody_new_but_a_second_window_of_a_member() -> None:
    channels, (*many, late) = ChannelRegistry(), listeners(MAX_MEMBERS + 1)
    for one in many:
        channels.subscribe(one, "presence-kitchen", Member(one.socket_id))

    with pytest.raises(SubscriptionError, match="full"):
        channels.subscribe(late, "presence-kitchen", Member("late"))
    channels.subscribe(late, "presence-kitchen", Member(many[0].socket_id))

    channel = channels.get("presence-kitchen")
    assert channel is not None
    assert channel.roster is not None
    assert len(channel.roster) == MAX_MEMBERS


def test_a_refused_first_subscription_leaves_no_channel_behind() -> None:
    channels, (ann,) = ChannelRegistry(), listeners(1)
    channels.subscribe(ann, "presence-kitchen", Member("ann"))

    with pytest.raises(SubscriptionError, match="another member"):
        channels.subscribe(ann, "presence-kitchen", Member("bob"))

    assert channels.subscriptions_of(ann) == 1


@pytest.mark.parametrize(
    "channel_data",
    [
        "",
        "nonsense",
        "[]",
        "{}",
        "[" * 9000,
        '{"user_id":null}',
        '{"user_id":true}',
        '{"user_id":""}',
        '{"user_id":{}}',
        json.dumps({"user_id": "x" * 129}),
        json.dumps({"user_id": "1", "user_info": "x" * MAX_USER_INFO_BYTES}),
        json.dumps({"user_id": "1", "user_info": "é" * (MAX_USER_INFO_BYTES // 2)}),
    ],
)
def test_a_member_without_a_proper_id_or_with_too_much_to_say_is_refused(channel_data: str) -> None:
    with pytest.raises(SubscriptionError):
        member_from("presence-kitchen", channel_data)


def test_a_member_with_a_number_for_an_id_is_known_by_its_digits() -> None:
    assert member_from("presence-kitchen", '{"user_id":10,"user_info":{"a":1}}') == Member("10", {"a": 1})


NAMES = st.sampled_from(["soup", "private-a", "presence-a", "presence-b"])
STEPS = st.lists(st.tuples(st.sampled_from(["join", "leave", "go"]), st.integers(0, 5), NAMES), max_size=60)


@given(STEPS)
def test_however_people_come_and_go_the_registry_stays_right(steps: list[tuple[str, int, str]]) -> None:
    channels, people = ChannelRegistry(), listeners(6)
    present: set[tuple[int, str]] = set()
    for act, number, name in steps:
        person = people[number]
        if act == "join":
            channels.subscribe(person, name, Member(str(number % 3)) if name.startswith("presence-") else None)
            present.add((number, name))
        elif act == "leave":
            channels.unsubscribe(person, name)
            present.discard((number, name))
        else:
            channels.remove_socket(person)
            present = {each for each in present if each[0] != number}

    assert {channel.name for channel in channels.occupied()} == {name for _, name in present}
    for channel in channels.occupied():
        here = {number for number, name in present if name == channel.name}
        assert {int(float(socket.socket_id)) for socket in channel.sockets} == here
        if channel.roster is not None:
            assert set(channel.roster.user_ids) == {str(number % 3) for number in here}
