"""Subscribing to public, private and presence channels, and what viewers then receive."""

import asyncio
import json
from typing import Any

import pytest

from tests.engine.clients import Viewer, an_engine, asynchronous, hmac_hex
from tests.engine.engine_process import KEY


@asynchronous
async def test_a_viewer_hears_what_is_published_until_it_no_longer_listens() -> None:
    async with an_engine() as engine:
        viewer = await engine.viewer()
        await viewer.send("pusher:subscribe", {"channel": "menu"})
        assert await viewer.expect("pusher_internal:subscription_succeeded") == {}

        await engine.trigger("menu", "soup", '{"of":"day"}')
        assert await viewer.receive() == {"event": "soup", "channel": "menu", "data": {"of": "day"}}

        await viewer.send("pusher:unsubscribe", {"channel": "menu"})
        await viewer.expect_nothing()
        await engine.trigger("menu", "soup")
        await viewer.expect_nothing()


@asynchronous
async def test_data_arrives_as_the_very_string_that_was_published() -> None:
    async with an_engine() as engine:
        viewer = await engine.viewer()
        await viewer.subscribe("private-o-1")

        for data in ("", "plain", '{"a": 1}', 'é 😀 \u2028 \\ " \x00', "\ud800"):
            await engine.trigger("private-o-1", "news", data)
            assert json.loads((await viewer.socket.receive()).data)["data"] == data


@pytest.mark.parametrize(
    "auth",
    [
        None,
        1,
        "",
        KEY,
        f"{KEY}:",
        f"{KEY}:{'0' * 64}",
        f"{KEY}:\u00e9",
        f"other:{hmac_hex('SOCKET:private-o-1')}",
        f"{KEY}:{hmac_hex('SOCKET:private-o-2')}",
        f"{KEY}:{hmac_hex('1.1:private-o-1')}",
        f"{KEY}:{hmac_hex('SOCKET:private-o-1', 'another secret')}",
    ],
)
@asynchronous
async def test_a_private_channel_opens_to_the_right_signature_only(auth: object) -> None:
    async with an_engine() as engine:
        viewer = await engine.viewer()

        await viewer.send("pusher:subscribe", {"channel": "private-o-1", "auth": auth})
        refused = await viewer.receive()

        assert refused["event"] == "pusher:subscription_error"
        assert refused["channel"] == "private-o-1"
        assert refused["data"]["type"] == "AuthError"
        assert refused["data"]["status"] == 401
        await engine.trigger("private-o-1")
        await viewer.expect_nothing()


@asynchronous
async def test_a_signature_made_for_one_socket_opens_nothing_to_another() -> None:
    async with an_engine() as engine:
        ann, eve = await engine.viewer(), await engine.viewer()

        await eve.send("pusher:subscribe", ann.auth("private-o-1"))

        assert (await eve.receive())["event"] == "pusher:subscription_error"
        await ann.subscribe("private-o-1")


@pytest.mark.parametrize("channel", ["private-encrypted-a", "a" * 164, "presence-kitchen"])
@asynchronous
async def test_every_kind_of_channel_offered_can_be_listened_to(channel: str) -> None:
    async with an_engine() as engine:
        viewer = await engine.viewer()

        await viewer.subscribe(channel, {"user_id": "1"} if channel.startswith("presence-") else None)
        await engine.trigger(channel)

        await viewer.expect("news")


@pytest.mark.parametrize("channel", ["cache-a", "private-cache-a", "a b", "a" * 165, "", "#x"])
@asynchronous
async def test_a_channel_that_is_not_offered_is_refused_and_the_connection_stays(channel: str) -> None:
    async with an_engine() as engine:
        viewer = await engine.viewer()

        await viewer.send("pusher:subscribe", viewer.auth(channel))

        assert (await viewer.receive())["event"] == "pusher:subscription_error"
        await viewer.expect_nothing()


@asynchronous
async def test_people_in_a_kitchen_see_each_other_come_and_go() -> None:
    async with an_engine() as engine:
        ann, bob = await engine.viewer(), await engine.viewer()
        await ann.subscribe("presence-kitchen", {"user_id": "ann", "user_info": {"job": "cook"}})

        response = await bob.subscribe("presence-kitchen", {"user_id": 10})

        assert response["presence"] == {"ids": ["ann", "10"], "hash": {"ann": {"job": "cook"}, "10": None}, "count": 2}
        assert await ann.expect("pusher_internal:member_added") == {"user_id": "10", "user_info": None}
        await bob.close()
        assert await ann.expect("pusher_internal:member_removed") == {"user_id": "10"}


@asynchronous
async def test_nobody_can_say_they_are_somebody_else() -> None:
    async with an_engine() as engine:
        eve = await engine.viewer()
        signed = eve.auth("presence-kitchen", '{"user_id":"eve"}')

        for forged in ({**signed, "channel_data": '{"user_id":"ann"}'}, eve.auth("presence-kitchen")):
            await eve.send("pusher:subscribe", forged)
            assert (await eve.receive())["data"]["type"] == "AuthError"

        assert await engine.request("GET", "/apps/3/channels/presence-kitchen/users") == {"users": []}


@asynchronous
async def test_one_socket_may_listen_to_only_so_many_channels() -> None:
    async with an_engine(max_subscriptions=2) as engine:
        viewer = await engine.viewer()
        await viewer.subscribe("private-1")
        await viewer.subscribe("private-2")

        await viewer.send("pusher:subscribe", viewer.auth("private-3"))

        refused = await viewer.receive()
        assert (refused["event"], refused["data"]["type"]) == ("pusher:subscription_error", "LimitReached")
        await viewer.send("pusher:unsubscribe", {"channel": "private-1"})
        await viewer.subscribe("private-3")


@asynchronous
async def test_nobody_can_fill_the_engine_with_invented_channels() -> None:
    async with an_engine(max_channels=2) as engine:
        ann, eve = await engine.viewer(), await engine.viewer()
        await ann.subscribe("private-1")
        await eve.subscribe("invented-2")

        await eve.send("pusher:subscribe", {"channel": "invented-3"})

        assert (await eve.receive())["data"]["type"] == "LimitReached"
        await eve.subscribe("private-1")


@asynchronous
async def test_a_closed_window_leaves_nothing_behind() -> None:
    async with an_engine() as engine:
        viewers = [await engine.viewer() for _ in range(5)]
        for viewer in viewers:
            await viewer.subscribe("presence-kitchen", {"user_id": viewer.socket_id})
        for viewer in viewers:
            viewer.socket._response.connection.transport.abort()

        async with asyncio.timeout(5):
            while await engine.counts() != {"connections": 0, "channels": 0}:
                await asyncio.sleep(0.01)


async def two_in_a_kitchen(engine: Any) -> tuple[Viewer, Viewer]:
    ann, bob = await engine.viewer(), await engine.viewer()
    for viewer, name in ((ann, "ann"), (bob, "bob")):
        await viewer.subscribe("presence-kitchen", {"user_id": name})
        await viewer.subscribe("private-a")
    await ann.expect("pusher_internal:member_added")
    return ann, bob


@asynchronous
async def test_viewers_cannot_send_events_to_each_other_unless_that_is_switched_on() -> None:
    async with an_engine() as engine:
        ann, bob = await two_in_a_kitchen(engine)

        await ann.send("client-wave", {}, channel="private-a")

        error = await ann.expect("pusher:error")
        assert (error["code"], "not enabled" in error["message"]) == (4301, True)
        await bob.expect_nothing()


@asynchronous
async def test_where_client_events_are_switched_on_the_others_receive_them_with_the_sender_on_presence() -> None:
    async with an_engine(client_events=True) as engine:
        ann, bob = await two_in_a_kitchen(engine)

        await ann.send("client-wave", {"with": "hand"}, channel="private-a")
        await ann.send("client-wave", "a string", channel="presence-kitchen")

        assert await bob.receive() == {"event": "client-wave", "channel": "private-a", "data": {"with": "hand"}}
        assert await bob.receive() == {
            "event": "client-wave",
            "channel": "presence-kitchen",
            "data": "a string",
            "user_id": "ann",
        }
        await ann.expect_nothing()


@asynchronous
async def test_viewers_send_events_only_where_they_listen_and_only_so_many() -> None:
    async with an_engine(client_events=True) as engine:
        ann, bob = await two_in_a_kitchen(engine)
        await bob.subscribe("private-b")
        await bob.subscribe("private-encrypted-b")
        await bob.subscribe("public")

        for channel, event, data in [
            ("private-b", "client-x", {}),
            ("public", "client-x", {}),
            ("private-encrypted-b", "client-x", {}),
            (None, "client-x", {}),
            ("private-a", "client-" + "x" * 194, {}),
            ("private-a", "client-x", "x" * 10_240),
        ]:
            await ann.send(event, data, channel=channel)
            assert (await ann.expect("pusher:error"))["code"] == 4301

        await bob.expect_nothing()


@asynchronous
async def test_the_eleventh_client_event_of_a_second_is_not_passed_on() -> None:
    async with an_engine(client_events=True) as engine:
        ann, bob = await two_in_a_kitchen(engine)

        for number in range(13):
            await ann.send("client-word", number, channel="private-a")

        assert [await bob.expect("client-word") for _ in range(10)] == list(range(10))
        assert (await ann.expect("pusher:error"))["code"] == 4301
        await bob.expect_nothing()
