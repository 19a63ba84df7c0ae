"""The REST API: a client that knows the secret may publish and query channels; any other learns nothing."""

import gzip
import io
import json
from typing import Any

import pytest

from tests.engine.clients import InProcessEngine, an_engine, asynchronous, signed_query

EVENTS, BATCH = "/apps/3/events", "/apps/3/batch_events"


@asynchronous
async def test_one_event_goes_to_every_channel_it_names_once() -> None:
    async with an_engine() as engine:
        ann, bob = await engine.viewer(), await engine.viewer()
        await ann.subscribe("private-a")
        await bob.subscribe("private-b")

        body = {"name": "news", "channels": ["private-a", "private-b", "private-a", "private-empty"], "data": "1"}
        assert await engine.request("POST", EVENTS, body) == {}

        for viewer in (ann, bob):
            assert await viewer.expect("news") == 1
            await viewer.expect_nothing()


@asynchronous
async def test_who_caused_an_event_can_be_left_out() -> None:
    async with an_engine() as engine:
        ann, bob = await engine.viewer(), await engine.viewer()
        await ann.subscribe("private-a")
        await bob.subscribe("private-a")

        await engine.trigger("private-a", socket_id=ann.socket_id)

        await bob.expect("news")
        await ann.expect_nothing()


@asynchronous
async def test_a_batch_arrives_in_its_order() -> None:
    async with an_engine() as engine:
        viewer = await engine.viewer()
        await viewer.subscribe("private-a")
        await viewer.subscribe("private-b")

        batch = [{"channel": f"private-{'ab'[n % 2]}", "name": "n", "data": str(n)} for n in range(10)]
        assert await engine.request("POST", BATCH, {"batch": batch}) == {}

        assert [await viewer.expect("n") for _ in range(10)] == list(range(10))


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"name": "n", "channel": "a b", "data": "1"}, 400),
        ({"name": "n", "channel": "a", "data": 1}, 400),
        ({"name": "n", "channel": "a", "data": "x" * 10_241}, 413),
        ({"name": "n", "channel": "cache-a", "data": "1"}, 403),
        ("nonsense", 400),
    ],
)
@asynchronous
async def test_a_batch_with_one_wrong_event_is_not_delivered_at_all(wrong: object, status: int) -> None:
    async with an_engine() as engine:
        viewer = await engine.viewer()
        await viewer.subscribe("private-a")
        right = {"channel": "private-a", "name": "n", "data": "1"}

        await engine.request("POST", BATCH, {"batch": [right, wrong]}, status=status)

        await viewer.expect_nothing()


RIGHT: dict[str, Any] = {"name": "n", "channel": "a", "data": "1"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[" * 100_000, 400),
        (b'{"name":"\xff"}', 400),
        (b"[]", 400),
        (b"{}", 400),
        ({**RIGHT, "name": ""}, 400),
        ({**RIGHT, "name": "n" * 201}, 400),
        ({**RIGHT, "name": "pusher:error"}, 400),
        ({**RIGHT, "name": ["n"]}, 400),
        ({**RIGHT, "data": {"a": 1}}, 400),
        ({**RIGHT, "data": None}, 400),
        ({**RIGHT, "data": "é" * 5_121}, 413),
        ({**RIGHT, "channel": "a" * 165}, 400),
        ({**RIGHT, "channel": ["a"]}, 400),
        ({**RIGHT, "channels": []}, 400),
        ({**RIGHT, "channels": "a"}, 400),
        ({**RIGHT, "channels": ["a", None]}, 400),
        ({**RIGHT, "channels": [{}]}, 400),
        ({**RIGHT, "channels": [f"c{n}" for n in range(101)]}, 400),
        ({**RIGHT, "channels": ["a", "private-encrypted-b"]}, 400),
        ({**RIGHT, "socket_id": "1:2"}, 400),
        ({**RIGHT, "socket_id": 1.2}, 400),
        ({**RIGHT, "info": "everything"}, 400),
        ({**RIGHT, "info": ["user_count"]}, 400),
        ({**RIGHT, "channel": "private-cache-a"}, 403),
        ({**RIGHT, "padding": "x" * 131_072}, 413),
    ],
)
@asynchronous
async def test_what_cannot_be_published_is_refused_with_a_sentence(body: object, status: int) -> None:
    async with an_engine() as engine:
        sentence = await engine.request("POST", EVENTS, body, status=status)

        assert isinstance(sentence, str)
        assert sentence.endswith((".\n", ";\n"))


@asynchronous
async def test_the_largest_event_allowed_goes_through_and_so_does_the_largest_batch() -> None:
    async with an_engine() as engine:
        viewer = await engine.viewer()
        largest = "\x01" * 10_240
        await viewer.subscribe("private-a")

        await engine.request("POST", EVENTS, {"name": "n" * 200, "channels": ["private-a"], "data": largest})
        await engine.request("POST", BATCH, {"batch": [{"name": "n", "channel": "private-a", "data": largest}] * 10})

        for _ in range(11):
            assert json.loads((await viewer.socket.receive()).data)["data"] == largest


@pytest.mark.parametrize("length", [0, 11])
@asynchronous
async def test_a_batch_holds_one_to_ten_events(length: int) -> None:
    async with an_engine() as engine:
        await engine.request("POST", BATCH, {"batch": [RIGHT] * length}, status=400)


async def status_of(
    engine: InProcessEngine, method: str, path: str, query: Any, body: bytes = b"", **headers: str
) -> int:
    async with engine.http.request(
        method, engine.url(path), params=query, data=io.BytesIO(body) if body else None, headers=headers
    ) as response:
        assert (await response.text()).strip()
        return response.status


BODY = json.dumps(RIGHT).encode()


@pytest.mark.parametrize(
    "query",
    [
        {},
        signed_query("POST", EVENTS, BODY, secret="another"),
        signed_query("POST", EVENTS, BODY, auth_key="another"),
        signed_query("POST", EVENTS, BODY, auth_timestamp="1353088179"),
        signed_query("POST", EVENTS, BODY, auth_timestamp="99999999999"),
        signed_query("POST", EVENTS, BODY, auth_version="2.0"),
        signed_query("POST", EVENTS, BODY + b" "),
        signed_query("POST", EVENTS, b""),
        signed_query("POST", BATCH, BODY),
        signed_query("GET", EVENTS, BODY),
    ],
)
@asynchronous
async def test_a_request_that_is_not_rightly_signed_publishes_nothing(query: dict[str, str]) -> None:
    async with an_engine() as engine:
        viewer = await engine.viewer()
        await viewer.send("pusher:subscribe", {"channel": "a"})
        await viewer.receive()

        assert await status_of(engine, "POST", EVENTS, query, BODY) == 401

        await viewer.expect_nothing()


@asynchronous
async def test_another_apps_address_is_not_found_and_a_doubled_parameter_is_refused() -> None:
    async with an_engine() as engine:
        path = "/apps/4/events"
        assert await status_of(engine, "POST", path, signed_query("POST", path, BODY), BODY) == 404

        doubled = [*signed_query("POST", EVENTS, BODY).items(), ("auth_key", "x")]
        assert await status_of(engine, "POST", EVENTS, doubled, BODY) == 400


@asynchronous
async def test_a_packed_body_is_not_unpacked() -> None:
    async with an_engine() as engine:
        bomb = gzip.compress(b" " * 50_000_000)

        query = signed_query("POST", BATCH, bomb)
        assert await status_of(engine, "POST", BATCH, query, bomb, **{"Content-Encoding": "gzip"}) == 400


@asynchronous
async def test_a_body_that_is_too_large_or_never_comes_does_not_keep_the_engine() -> None:
    async with an_engine(body_timeout=0.1) as engine:
        huge = b" " * (1024 * 1024 + 1)
        assert await status_of(engine, "POST", BATCH, signed_query("POST", BATCH, huge), huge) == 413

        async def endless() -> Any:
            yield b"{"
            await viewer.expect("pusher_internal:never")

        viewer = await engine.viewer()
        query = signed_query("POST", EVENTS, b"{")
        async with engine.http.post(engine.url(EVENTS), params=query, data=endless()) as response:
            assert response.status == 408


@asynchronous
async def test_the_publisher_can_query_who_listens() -> None:
    async with an_engine() as engine:
        ann, bob = await engine.viewer(), await engine.viewer()
        await ann.subscribe("private-a")
        await ann.subscribe("presence-a", {"user_id": "ann"})
        await bob.subscribe("presence-a", {"user_id": "ann"})

        async def channels(path: str, **query: str) -> Any:
            return await engine.request("GET", f"/apps/3/channels{path}", **query)

        assert await channels("") == {"channels": {"private-a": {}, "presence-a": {}}}
        assert await channels("", info="subscription_count", filter_by_prefix="private-") == {
            "channels": {"private-a": {"subscription_count": 1}}
        }
        assert await channels("", info="user_count", filter_by_prefix="presence-") == {
            "channels": {"presence-a": {"user_count": 1}}
        }
        assert await channels("/presence-a", info="user_count,subscription_count") == {
            "occupied": True,
            "user_count": 1,
            "subscription_count": 2,
        }
        assert await channels("/private-empty", info="subscription_count") == {
            "occupied": False,
            "subscription_count": 0,
        }
        assert await channels("/presence-empty", info="user_count") == {"occupied": False, "user_count": 0}
        assert await channels("/presence-a/users") == {"users": [{"id": "ann"}]}


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("", {"info": "user_count"}),
        ("", {"info": "colour"}),
        ("/private-a", {"info": "user_count"}),
        ("/private-a/users", {}),
        ("/a b", {}),
    ],
)
@asynchronous
async def test_a_query_that_cannot_be_answered_is_refused_with_a_reason(path: str, query: dict[str, str]) -> None:
    async with an_engine() as engine:
        assert await engine.request("GET", f"/apps/3/channels{path}", status=400, **query)


@asynchronous
async def test_publishing_can_return_at_once_how_many_listened() -> None:
    async with an_engine() as engine:
        ann = await engine.viewer()
        await ann.subscribe("presence-a", {"user_id": "ann"})

        response = await engine.trigger("presence-a", info="user_count,subscription_count")
        batch = [
            {"name": "n", "data": "", "channel": name, "info": "subscription_count"} for name in ("presence-a", "b")
        ]

        assert response == {"channels": {"presence-a": {"user_count": 1, "subscription_count": 1}}}
        assert await engine.request("POST", BATCH, {"batch": batch}) == {
            "batch": [{"subscription_count": 1}, {"subscription_count": 0}]
        }
