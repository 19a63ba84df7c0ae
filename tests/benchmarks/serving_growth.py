"""Measure whether page, list and ingest stay as fast with a hundred thousand orders, or with a million."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.benchmarks.calling import best_in_turn, call, get
from tests.benchmarks.calls import ingest_into
from tests.benchmarks.growing import grow, visitors
from tests.benchmarks.table import Row, Size, at_most, benchmark
from tests.benchmarks.world import World, a_world, cookie, our_app
from tests.machine.postgres import postgres_server

SIZES = {Size.QUICK: (1_000, 20_000), Size.USUAL: (1_000, 100_000), Size.FULL: (1_000, 100_000, 1_000_000)}
VISITORS = 50
"""Customers who open pages in turn, so that not only one cached part of the database is measured."""
TIMES = 50


@benchmark("growth")
def growth(size: Size) -> Iterator[Row]:
    """Measure the best medians of page, list and ingest for each size, in turn with the smallest size."""
    rounds = 4 if size is Size.QUICK else 10
    with ExitStack() as stack:
        new_database = stack.enter_context(postgres_server())
        for kind in ("SQLite", "PostgreSQL"):
            calls: dict[int, dict[str, Callable[[], object]]] = {}
            for orders in SIZES[size]:
                folder = stack.enter_context(TemporaryDirectory())
                url = f"sqlite:///{folder}/tracker.sqlite" if kind == "SQLite" else new_database()
                calls[orders] = _calls(a_world(url, Path(folder)), orders, ahead=(rounds * TIMES + 100) * 2)
            yield from _rows(kind, calls, rounds)


def _rows(kind: str, calls: dict[int, dict[str, Callable[[], object]]], rounds: int) -> Iterator[Row]:
    smallest, *greater = calls
    for orders in greater:
        for name in calls[orders]:
            works = (calls[smallest][name], calls[orders][name])
            for work in works:
                [work() for _ in range(10)]
            before, after = best_in_turn(works, rounds=rounds, times=TIMES)
            what = f"{name} with {orders:,} orders, {kind}"
            yield at_most(what, before, after, 1.1, form="{:.2f}", note=f"ms; beside {smallest:,} orders")


def _calls(world: World, orders: int, ahead: int) -> dict[str, Callable[[], object]]:
    grow(world, orders)
    app: Any = our_app(world)
    cookies_and_orders = [
        (cookie(app, {"_user_id": token}), order) for token, order in visitors(world, orders, VISITORS)
    ]
    for_page, for_list = cycle(cookies_and_orders), cycle(cookies_and_orders)

    def page() -> None:
        cookie_header, order = next(for_page)
        call(app, get(f"/orders/{order}", cookie=cookie_header), 200)

    def order_list() -> None:
        cookie_header, _ = next(for_list)
        call(app, get("/orders", cookie=cookie_header), 200)

    return {"page": page, "list": order_list, "ingest": ingest_into(app, world, 1_000_000, ahead)}
