"""docs/adding-a-platform.md, followed: its files are put where it says, and its platform's order reaches the
customer."""

import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.browser_sessions import use_session
from tests.conftest import Clock
from tests.page_text import words_of
from tests.processes.shell import RESTAURANT, Tracker, options, parse_output
from tracker.accounts.model import Customer
from tracker.accounts.sign_in import start_session
from tracker.config import ROOT
from tracker.database import Database
from tracker.orders.model import Order
from tracker.orders.states import OrderEventKind
from tracker.upstream import platforms
from tracker.upstream.platforms.platform import Platform

DOCUMENT = (ROOT / "docs/adding-a-platform.md").read_text()
FILES = dict(re.findall(r"^`([\w/.-]+)`:\n\n```\w+\n(.*?)^```$", DOCUMENT, re.M | re.S))
"""The content of the document's files by their paths."""
MODULE = "tracker/upstream/platforms/sample_pos.py"
REGISTRY = "tracker/upstream/platforms/__init__.py"
TESTS = "tests/upstream/sample_pos"


@dataclass(frozen=True)
class SamplePos:
    """The document's platform, as it calls our webhook."""

    client: FlaskClient
    address: str
    token: str

    def post(self, payload: str, *, token: str | None = None) -> TestResponse:
        """Post a payload of the document."""
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return self.client.post(self.address, data=FILES[f"{TESTS}/{payload}.json"].encode(), headers=headers)


def apply_diff(source: str, diff: str) -> str:
    """Return the source with the lines that the diff adds, each after the line that the diff shows before it."""
    lines, place = source.splitlines(), 0
    for line in diff.splitlines():
        if line.startswith("+"):
            lines.insert(place, line[1:])
            place += 1
        else:
            place = lines.index(line[1:], place) + 1
    return "\n".join(lines)


@pytest.fixture
def document_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yield a folder with the document's files, from which modules of platforms can be imported."""
    for path, content in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)
    monkeypatch.setattr(platforms, "__path__", [*platforms.__path__, str((tmp_path / MODULE).parent)])
    importlib.invalidate_caches()
    yield tmp_path
    sys.modules.pop(f"{platforms.__name__}.sample_pos", None)
    vars(platforms).pop("sample_pos", None)


@pytest.fixture
def registered(document_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """Return the document's platform, registered by the lines that it adds to the registry."""
    registry = apply_diff((ROOT / REGISTRY).read_text(), FILES[REGISTRY])
    names: dict[str, dict[str, Platform]] = {}
    exec(compile(registry, REGISTRY, "exec"), names)  # noqa: S102  the document's own lines
    platform = names["PLATFORMS"]["sample-pos"]
    monkeypatch.setitem(platforms.PLATFORMS, platform.name, platform)
    return platform


@pytest.fixture
def sample_pos(registered: Platform, tracker: Tracker, client: FlaskClient) -> SamplePos:
    """Return an account at the document's platform, connected by the command."""
    restaurant = parse_output(tracker("add-restaurant", *options(**RESTAURANT)))["restaurant"]
    output = parse_output(tracker("connect", registered.name, restaurant))
    assert output["setup"] == registered.setup
    return SamplePos(client, urlsplit(output["webhook_url"]).path, output["verify_token"])


def page_of_the_order(client: FlaskClient, database: Database, clock: Clock) -> str:
    """Return the words on the page of the only order, as its customer sees it."""
    with database.transaction() as session:
        order = session.scalars(select(Order)).one()
        customer = session.scalars(select(Customer).where(Customer.email == "kim@example.com")).one()
        token = start_session(session, customer, remember=False, now=clock.now)
    use_session(client, token)
    page = client.get(f"/orders/{order.id}")
    assert page.status_code == 200
    return words_of(page.text)


def test_its_order_is_on_the_customers_page_and_moves_there(
    sample_pos: SamplePos, database: Database, clock: Clock
) -> None:
    placed = sample_pos.post("placed")
    assert (placed.status_code, placed.json) == (200, {"notice": "handled"})

    before = page_of_the_order(sample_pos.client, database, clock)
    accepted = sample_pos.post("accepted")
    after = page_of_the_order(sample_pos.client, database, clock)

    assert accepted.json == {"notice": "handled"}
    for words in ("Bella Napoli", "Beef pho", "Iced tea", "€18.50", "S17"):
        assert words in before
    assert before != after
    assert "Confirmed" in after


def test_its_notices_count_once_in_whatever_order_they_come(sample_pos: SamplePos, database: Database) -> None:
    responses = [sample_pos.post(payload).json for payload in ("accepted", "placed", "placed", "accepted")]

    assert responses == [{"notice": "waiting"}, *[{"notice": "handled"}] * 3]
    with database.read_session() as session:
        kinds = [event.kind for event in session.scalars(select(Order)).one().events]
    assert kinds == [OrderEventKind.PLACED, OrderEventKind.CONFIRMED]


def test_without_its_token_it_is_refused(sample_pos: SamplePos) -> None:
    refused = sample_pos.post("placed", token="a-guess")

    assert (refused.status_code, refused.json) == (
        401,
        {"error": "The Bearer token is missing or is not the one of this address."},
    )


def test_the_documents_own_tests_pass(document_folder: Path) -> None:
    [path] = (document_folder / TESTS).glob("test_*.py")
    spec = spec_from_file_location("test_sample_pos", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    tests = [test for name, test in inspect.getmembers(module, inspect.isfunction) if name.startswith("test_")]

    for test in tests:
        test()

    assert len(tests) == 2
