"""The official clients with a real engine process: PyPI's pusher and pysher, and pusher-js in Node."""

import json
import queue
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pusher
import pysher
import pytest

from tests.engine.engine_process import KEY, ROOT, SECRET, RunningEngine, engine_settings, running_engine
from tests.machine.node import node_path

TIMEOUT = 10


@pytest.fixture
def engine() -> Iterator[RunningEngine]:
    with running_engine(engine_settings(client_events=True)) as running:
        yield running


def publisher(engine: RunningEngine, **changed: str) -> pusher.Pusher:
    account = {"app_id": "3", "key": KEY, "secret": SECRET, **changed}
    return pusher.Pusher(**account, host="127.0.0.1", port=engine.port, ssl=False)


@contextmanager
def a_page(engine: RunningEngine, *channels: str, secret: str = SECRET, name: str = "ann") -> Iterator["Page"]:
    """Yield a pusher-js client that is subscribed to these channels, as this member of any presence channel."""
    member = {"user_id": name, "user_info": {"name": name.title()}}
    wishes = {"key": KEY, "secret": secret, "port": engine.port, "member": member, "channels": channels}
    script = str(ROOT / "tests/engine/listen.cjs")
    process = subprocess.Popen([node_path(), script, json.dumps(wishes)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    page = Page(process)
    try:
        yield page
    finally:
        process.kill()
        process.wait(timeout=TIMEOUT)
        page.reader.join(timeout=TIMEOUT)


class Page:
    """The events that a pusher-js client prints."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.received: queue.Queue[dict[str, Any]] = queue.Queue()
        self.reader = threading.Thread(target=self._read, args=(process,))
        self.reader.start()

    def expect(self, **expected: Any) -> dict[str, Any]:
        """Return the next event with these values, skipping others."""
        while True:
            line = self.received.get(timeout=TIMEOUT)
            if all(line.get(name) == value for name, value in expected.items()):
                return line

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                self.received.put(json.loads(line))


SUBSCRIBED = "pusher:subscription_succeeded"


def test_a_page_hears_what_the_official_client_publishes(engine: RunningEngine) -> None:
    with a_page(engine, "menu", "private-o-1", "presence-r-1") as page:
        for channel in ("menu", "private-o-1"):
            page.expect(channel=channel, event=SUBSCRIBED)
        roster = page.expect(channel="presence-r-1", event=SUBSCRIBED)

        publisher(engine).trigger(["menu", "private-o-1"], "soup", {"of": "day"})
        publisher(engine).trigger_batch(
            [{"channel": "presence-r-1", "name": "count", "data": {"n": number}} for number in range(10)]
        )

        assert roster["data"]["members"] == {"ann": {"name": "Ann"}}
        received = {page.expect(event="soup", data={"of": "day"})["channel"] for _ in range(2)}
        assert received == {"menu", "private-o-1"}
        for number in range(10):
            assert page.expect(event="count")["data"] == {"n": number}


def test_two_pages_see_each_other_on_a_presence_channel(engine: RunningEngine) -> None:
    with a_page(engine, "presence-r-1") as ann:
        ann.expect(event=SUBSCRIBED)
        with a_page(engine, "presence-r-1", name="bob") as bob:
            assert bob.expect(event=SUBSCRIBED)["data"]["count"] == 2
            assert ann.expect(event="pusher:member_added")["data"] == {"id": "bob", "info": {"name": "Bob"}}
        assert ann.expect(event="pusher:member_removed")["data"]["id"] == "bob"


def test_a_page_with_a_wrong_signature_is_told_so_on_that_channel(engine: RunningEngine) -> None:
    with a_page(engine, "private-o-1", secret="a guess") as page:
        error = page.expect(channel="private-o-1", event="pusher:subscription_error")

    assert (error["data"]["type"], error["data"]["status"]) == ("AuthError", 401)


def test_a_page_comes_back_by_itself_when_the_engine_does(engine: RunningEngine) -> None:
    with a_page(engine, "private-o-1") as page:
        page.expect(event=SUBSCRIBED)
        engine.stop()
        with running_engine(replace(engine.settings, port=engine.port)) as again:
            page.expect(event=SUBSCRIBED)
            publisher(again).trigger("private-o-1", "soup", {})
            page.expect(event="soup")


def test_the_official_client_asks_who_listens_and_is_refused_with_a_wrong_secret(engine: RunningEngine) -> None:
    with a_page(engine, "presence-r-1") as page:
        page.expect(event=SUBSCRIBED)
        client = publisher(engine)

        assert client.users_info("presence-r-1") == {"users": [{"id": "ann"}]}
        assert client.channels_info("presence-", ["user_count"]) == {"channels": {"presence-r-1": {"user_count": 1}}}
        assert client.channel_info("presence-r-1", ["user_count"]) == {"occupied": True, "user_count": 1}

    with pytest.raises(pusher.errors.PusherBadAuth, match="auth_signature"):
        publisher(engine, secret="a guess").trigger("menu", "soup", {})
    with pytest.raises(pusher.errors.PusherBadRequest, match="Only a presence channel"):
        client.users_info("private-o-1")


def test_pysher_hears_public_private_and_presence_channels(engine: RunningEngine) -> None:
    client = pysher.Pusher(
        KEY, custom_host="127.0.0.1", port=engine.port, secure=False, secret=SECRET, user_data={"user_id": "ann"}
    )
    received: queue.Queue[tuple[str, str]] = queue.Queue()
    names = ["menu", "private-o-1", "presence-r-1"]

    def subscribe(_: str) -> None:
        for name in names:
            channel = client.subscribe(name)
            channel.bind("pusher_internal:subscription_succeeded", lambda _, name=name: received.put((name, "here")))
            channel.bind("soup", lambda data, name=name: received.put((name, data)))

    client.connection.bind("pusher:connection_established", subscribe)
    client.connect()
    try:
        assert {received.get(timeout=TIMEOUT) for _ in names} == {(name, "here") for name in names}
        publisher(engine).trigger(names, "soup", {"of": "day"})
        assert {received.get(timeout=TIMEOUT) for _ in names} == {(name, '{"of": "day"}') for name in names}
    finally:
        client.disconnect(timeout=TIMEOUT)
