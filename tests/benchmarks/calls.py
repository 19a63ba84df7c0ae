"""The requests that are measured, of our site and of the reference, each as a function that makes the next one.

As a program it is what callgrind watches: it warms up, says it is ready, and makes as many calls as it is told to.
"""

import itertools
import logging
import sys
from collections.abc import Callable
from typing import Any

from tests.benchmarks.calling import call, get, post
from tests.benchmarks.reference import reference_app
from tests.benchmarks.world import SECRET_KEY, World, a_notice, cookie, our_app, read_world, settings_for
from tests.builders import VERIFY_TOKEN
from tracker import logs
from tracker.live.notifier import Notifier
from tracker.web.http import htmx

Call = Callable[[], object]
WARM_UP = 5


def our_calls(world: World, first: int, ahead: int) -> dict[str, Call]:
    """Our page, an ingest, and a live region that has not changed. `ahead` notices are written beforehand.

    The page is made anew each time, as for the first who looks; `again` is the same for who looks in the same minute.
    """
    app = our_app(world)
    who = cookie(app, {"_user_id": world.session_token})
    page = f"/orders/{world.order_id}"

    def unchanged() -> None:
        try:
            call(app, get(f"{page}/live", cookie=who, if_none_match=etag[0]), 304)
        except RuntimeError:  # the minute is over, and what the page says of time with it
            etag[0] = call(app, get(f"{page}/live", cookie=who), 200)[1]["ETag"]

    def forget_and_make() -> bytes:
        htmx.init(app)  # with a new place for rendered regions, which is empty
        return call(app, get(page, cookie=who), 200)[0]

    etag = [call(app, get(f"{page}/live", cookie=who), 200)[1]["ETag"]]
    return {
        "page": forget_and_make,
        "again": lambda: call(app, get(page, cookie=who), 200)[0],
        "ingest": ingest_into(app, world, first, ahead),
        "accepted": ingest_into(app, world, first, ahead, "order.accepted"),
        "unchanged": unchanged,
    }


def reference_calls(world: World, first: int, ahead: int, page_size: int) -> dict[str, Call]:
    """The same of the reference, its page made as long as ours; and a hello."""
    notifier = next(iter(settings_for(world.url, world.folder).notifier_path.glob("*")), world.folder / "nobody")

    def page_of(app: Any) -> Call:
        who = cookie(app, {"token": world.session_token})
        return lambda: call(app, get(f"/orders/{world.order_id}", cookie=who), 200)[0]

    short = len(page_of(reference_app(world.url, SECRET_KEY, notifier))())  # type: ignore[arg-type]  # bytes
    app = reference_app(world.url, SECRET_KEY, notifier, "x" * max(0, page_size - short))
    return {
        "page": page_of(app),
        "again": page_of(app),
        "ingest": ingest_into(app, world, first, ahead),
        "accepted": ingest_into(app, world, first, ahead, "order.accepted"),
        "unchanged": lambda: call(app, get("/hello"), 200),
    }


def ingest_into(app: Any, world: World, first: int, ahead: int, name: str = "order.created") -> Call:
    """Each call tells of another order; of one that was accepted only after it was created. The notices are written
    before, for to write them is the sender's work."""
    path = f"/webhooks/flipdish/{world.platform_account_id}"
    bodies = iter([a_notice(first + number, name) for number in range(ahead)])
    return lambda: call(app, post(path, next(bodies), x_verify_token=VERIFY_TOKEN), 200)


def main() -> None:
    """`python -m tests.benchmarks.calls world.json ours|reference page-size calls`; then, for each line of standard
    input, the name of a call, so many of it, and a word when it is done."""
    said, who, page_size, times = sys.argv[1:]
    world = read_world(said)
    settings = settings_for(world.url, world.folder)
    logs.configure(settings)
    with Notifier(settings.notifier_path) as notifier:
        first = {"ours": 1_000_000, "reference": 2_000_000}[who]
        ahead = WARM_UP + 3 * int(times)
        calls = (
            our_calls(world, first, ahead) if who == "ours" else reference_calls(world, first, ahead, int(page_size))
        )
        for warm in itertools.chain.from_iterable(itertools.repeat(each, WARM_UP) for each in calls.values()):
            warm()
        notifier.wait(0)
        answer("ready")
        for name in sys.stdin:
            for _ in range(int(times)):
                calls[name.strip()]()
            answer("done")


def answer(word: str) -> None:
    """A word to the program that watches, on standard output; the log goes to standard error."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    logging.captureWarnings(True)
    main()
