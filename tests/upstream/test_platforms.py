"""Requirements for every registered platform."""

import re

import pytest

from tracker.accounts.tokens import WebhookToken, hash_secret
from tracker.upstream.platform_events import InvalidPayload
from tracker.upstream.platforms import PLATFORMS
from tracker.upstream.platforms.platform import Platform, WebhookRequest

TOKEN = WebhookToken(hash_secret("a-token"))


def a_request(body: bytes = b"{}", **headers: str) -> WebhookRequest:
    """Return a webhook request with this body and these headers."""
    return WebhookRequest({name.replace("_", "-"): value for name, value in headers.items()}, lambda: body)


@pytest.fixture(params=list(PLATFORMS.values()), ids=list(PLATFORMS))
def platform(request: pytest.FixtureRequest) -> Platform:
    """Each registered platform."""
    platform: Platform = request.param
    return platform


def test_the_name_of_a_platform_fits_a_url_and_its_column(platform: Platform) -> None:
    assert re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,29}", platform.name)
    assert PLATFORMS[platform.name] is platform


def test_a_platform_has_its_events_and_instructions_for_the_operator(platform: Platform) -> None:
    assert platform.events
    assert platform.title in platform.setup
    assert platform.setup.endswith(".")
    assert platform.unauthenticated.endswith(".")


def test_a_request_without_a_token_is_refused_even_for_an_account_that_does_not_exist(platform: Platform) -> None:
    for token in (TOKEN, WebhookToken("")):
        assert not platform.authenticate(a_request(), token)


@pytest.mark.parametrize("body", [b"", b"[]", b"\x00", b"{", b"[" * 100_000])
def test_an_invalid_notice_is_refused_with_a_sentence(platform: Platform, body: bytes) -> None:
    with pytest.raises(InvalidPayload, match=r"\.$"):
        platform.parse_notice(body, currency="EUR")


def test_a_body_is_read_only_when_it_is_needed_and_only_once() -> None:
    reads: list[bytes] = []

    def read_body() -> bytes:
        reads.append(b"{}")
        return b"{}"

    request = WebhookRequest({}, read_body)
    assert reads == []

    assert request.body == request.body == b"{}"
    assert len(reads) == 1


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer a-token", "a-token"),
        ("bearer  a-token ", "a-token"),
        ("Basic a-token", ""),
        ("a-token", ""),
        ("Bearer", ""),
        ("", ""),
    ],
)
def test_a_bearer_token_is_read_from_its_header(header: str, token: str) -> None:
    assert a_request(authorization=header).bearer_token == token
