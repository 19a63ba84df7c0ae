"""Who may connect, and the close codes by which other clients know whether to come back."""

import re

import pytest

from tests.engine.clients import a_raw_socket, an_engine, asynchronous
from tests.engine.engine_process import KEY


@asynchronous
async def test_a_client_receives_its_socket_id_and_how_long_it_may_be_silent() -> None:
    async with an_engine(activity_timeout=29.5) as engine:
        viewer = await engine.open_websocket()

        message = (await viewer.socket.receive()).data

    response = re.fullmatch(
        r'{"event":"pusher:connection_established",'
        r'"data":"{\\"socket_id\\":\\"\d+\.\d+\\",\\"activity_timeout\\":30}"}',
        message,
    )
    assert response


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/app/another-key?protocol=7", 4001),
        ("/nowhere?protocol=7", 4005),
        ("/app/?protocol=7", 4005),
        (f"/app/{KEY}?protocol=seven", 4006),
        (f"/app/{KEY}?protocol=\u0667", 4006),
        (f"/app/{KEY}?protocol=4", 4007),
        (f"/app/{KEY}?protocol=8", 4007),
        (f"/app/{KEY}", 4008),
        (f"/app/{KEY}?protocol=", 4008),
    ],
)
@asynchronous
async def test_a_client_at_a_wrong_address_gets_an_error_and_is_closed_with_that_code(path: str, code: int) -> None:
    async with an_engine() as engine:
        viewer = await engine.open_websocket(path)

        error = await viewer.expect("pusher:error")
        close_code = await viewer.close_code()

        assert error["code"] == close_code == code
        assert error["message"]


@pytest.mark.parametrize("version", [5, 6, 7])
@asynchronous
async def test_clients_of_the_older_versions_are_served_too(version: int) -> None:
    async with an_engine() as engine:
        viewer = await engine.open_websocket(f"/app/{KEY}?protocol={version}&client=js&version=8.6.0")

        assert "socket_id" in await viewer.expect("pusher:connection_established")


@asynchronous
async def test_only_pages_of_the_allowed_origins_may_listen() -> None:
    async with an_engine(allowed_origins=("https://example.com", "http://localhost:8000")) as engine:
        for stranger in ("https://example.org", "http://example.com", "https://example.com:444", "null"):
            viewer = await engine.open_websocket(Origin=stranger)
            assert (await viewer.expect("pusher:error"))["code"] == 4009
            assert await viewer.close_code() == 4009

        for known in ({"Origin": "https://example.com"}, {"Origin": "http://LOCALHOST:8000"}, {}):
            viewer = await engine.open_websocket(**known)
            await viewer.expect("pusher:connection_established")


@asynchronous
async def test_a_full_engine_sends_newcomers_away_for_a_while_and_keeps_those_it_has() -> None:
    async with an_engine(max_connections=2) as engine:
        first, second = await engine.viewer(), await engine.viewer()

        third = await engine.open_websocket()
        assert (await third.expect("pusher:error"))["code"] == 4100
        assert await third.close_code() == 4100

        await first.expect_nothing()
        await second.close()
        await (await engine.viewer()).expect_nothing()


@asynchronous
async def test_when_too_many_are_being_sent_away_newcomers_are_refused_at_once() -> None:
    async with an_engine(max_connections=1, max_rejected_connections=1, close_grace=5) as engine:
        served = await engine.viewer()
        asking = {"Upgrade": "websocket"}
        async with (
            a_raw_socket(engine.port),
            engine.http.get(engine.url(f"/app/{KEY}?protocol=7"), headers=asking) as response,
        ):
            assert (response.status, response.headers["Retry-After"]) == (503, "2")

        await served.expect_nothing()


@asynchronous
async def test_addresses_that_are_not_for_browsers_say_so_plainly() -> None:
    async with an_engine() as engine:
        for path, status in [(f"/app/{KEY}", 426), ("/", 404), ("/apps", 404)]:
            async with engine.http.get(engine.url(path)) as response:
                assert response.status == status
        async with engine.http.post(engine.url("/up")) as response:
            assert response.status in (404, 405)


@asynchronous
async def test_the_health_check_counts_who_is_there() -> None:
    async with an_engine() as engine:
        assert await engine.counts() == {"connections": 0, "channels": 0}

        viewer = await engine.viewer()
        await viewer.subscribe("private-a")

        assert await engine.counts() == {"connections": 1, "channels": 1}
