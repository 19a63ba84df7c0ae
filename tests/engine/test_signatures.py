"""Signatures decide who may listen and who may publish; they are those of the published examples."""

import pytest

from tests.engine.engine_process import KEY, SECRET, engine_settings
from tracker.engine.errors import RequestError
from tracker.engine.request_auth import check_body, check_signature
from tracker.engine.signatures import body_md5, constant_time_equal, sign, string_to_sign, subscription_auth


@pytest.mark.parametrize(
    ("channel", "member", "signature"),
    [
        ("private-foobar", "", "58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4"),
        (
            "private-o-52a7289e96ba1c6209000003",
            "",
            "0e78c61e284ab6829af36a9ae42ba37e70f98cb0be70549ceb673c042ace3133",
        ),
        (
            "presence-r-52a7289e96ba1c6209000003",
            '{"user_id":"52a7289e96ba1c6209000003"}',
            "64bfee36e364adb6f54216aad408893cf3c8439a4576ce3f9c70b09c222bd973",
        ),
        (
            "presence-r-52a7289e96ba1c6209000003",
            '{"user_id": "52a7289e96ba1c6209000003"}',
            "bc026448ef8957c6e37608a363f9ca728ae593e960fc03a6883924841f2c9d07",
        ),
        (
            "presence-foobar",
            '{"user_id":10,"user_info":{"name":"Mr. Channels"}}',
            "31935e7d86dba64c2a90aed31fdc61869f9b22ba9d8863bba239c03ca481bc80",
        ),
    ],
)
def test_a_subscription_is_signed_as_the_published_examples_are(channel: str, member: str, signature: str) -> None:
    auth = subscription_auth(KEY, SECRET, "1234.1234", channel, member)

    assert auth == f"{KEY}:{signature}"


BODY = b'{"name":"foo","channels":["project-3"],"data":"{\\"some\\":\\"data\\"}"}'
QUERY = {
    "auth_key": KEY,
    "auth_timestamp": "1353088179",
    "auth_version": "1.0",
    "body_md5": "ec365a775a4cd0599faeb73354201b6f",
    "auth_signature": "da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c",
}
THEN = 1353088179.0


def check(query: dict[str, str], *, method: str = "POST", path: str = "/apps/3/events", now: float = THEN) -> None:
    check_signature(engine_settings(), method, path, query, now=now)


def test_the_published_request_is_accepted() -> None:
    check(QUERY)
    check_body(QUERY, BODY)

    assert body_md5(BODY) == QUERY["body_md5"]


@pytest.mark.parametrize(
    "changed",
    [
        {"auth_key": "another"},
        {"auth_key": ""},
        {"auth_version": "2.0"},
        {"auth_timestamp": "1353088180"},
        {"auth_timestamp": "soon"},
        {"auth_timestamp": "\u0661\u0663"},
        {"body_md5": "0" * 32},
        {"auth_signature": ""},
        {"auth_signature": "0" * 64},
        {"auth_signature": QUERY["auth_signature"].upper()},
        {"auth_signature": "\u00e9\ud800"},
        {"filter_by_prefix": "presence-"},
    ],
)
def test_a_request_changed_in_any_part_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(RequestError) as refused:
        check({**QUERY, **changed})

    assert refused.value.status == 401


@pytest.mark.parametrize(("method", "path"), [("GET", "/apps/3/events"), ("POST", "/apps/3/batch_events")])
def test_a_signature_holds_for_one_method_and_path_only(method: str, path: str) -> None:
    with pytest.raises(RequestError):
        check(QUERY, method=method, path=path)


@pytest.mark.parametrize("wrong_by", [601, -601])
def test_an_old_request_played_again_is_refused(wrong_by: int) -> None:
    check(QUERY, now=THEN + wrong_by * 600 / 601)

    with pytest.raises(RequestError):
        check(QUERY, now=THEN + wrong_by)


def test_another_body_under_the_same_signature_is_refused() -> None:
    for query, body in [(QUERY, BODY + b" "), (QUERY, b""), ({}, BODY)]:
        with pytest.raises(RequestError):
            check_body(query, body)


def test_parameters_are_signed_in_order_and_without_the_signature() -> None:
    text = string_to_sign("GET", "/apps/3/channels", {"info": "user_count", "AUTH_key": "k", "auth_signature": "x"})

    assert text == "GET\n/apps/3/channels\nauth_key=k&info=user_count"


def test_comparing_takes_any_text_a_stranger_may_send() -> None:
    assert constant_time_equal(sign("s", "\ud800"), sign("s", "\ud800"))
    assert not constant_time_equal("\ud800", "é")
