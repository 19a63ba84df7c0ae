"""The measured requests to our site and to the reference, each as a function that sends the next one.

As a program this module is measured by callgrind: it warms up, reports that it is ready, and then makes the calls that
its standard input names.
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
    """Return the calls of our site: its page, its ingest, and an unchanged live region.

    `ahead` notices are generated beforehand. `page` renders the page anew each time, as for its first view; `again` is
    a view of the same page in the same minute.
    """
    app = our_app(world)
    cookie_header = cookie(app, {"_user_id": world.session_token})
    page = f"/orders/{world.order_id}"

    def unchanged() -> None:
        try:
            call(app, get(f"{page}/live", cookie=cookie_header, if_none_match=etag[0]), 304)
        except RuntimeError:  # the ETag changes in each minute, with the times on the page
            etag[0] = call(app, get(f"{page}/live", cookie=cookie_header), 200)[1]["ETag"]

    def page_without_cache() -> bytes:
        htmx.init(app)  # replaces the cache of rendered regions by an empty one
        return call(app, get(page, cookie=cookie_header), 200)[0]

    etag = [call(app, get(f"{page}/live", cookie=cookie_header), 200)[1]["ETag"]]
    return {
        "page": page_without_cache,
        "again": lambda: call(app, get(page, cookie=cookie_header), 200)[0],
        "ingest": ingest_into(app, world, first, ahead),
        "accepted": ingest_into(app, world, first, ahead, "order.accepted"),
        "unchanged": unchanged,
    }


def reference_calls(world: World, first: int, ahead: int, page_size: int) -> dict[str, Call]:
    """Return the same calls of the reference, whose page is as long as ours; its unchanged region is a hello."""
    notifier = next(iter(settings_for(world.url, world.folder).notifier_path.glob("*")), world.folder / "nobody")

    def page_of(app: Any) -> Call:
        cookie_header = cookie(app, {"token": world.session_token})
        return lambda: call(app, get(f"/orders/{world.order_id}", cookie=cookie_header), 200)[0]

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
    """Return a call that sends a notice about another order each time.

    Notices of acceptance need orders that were created before. All notices are generated beforehand, because that is
    the sender's work.
    """
    path = f"/webhooks/flipdish/{world.platform_account_id}"
    bodies = iter([a_notice(first + number, name) for number in range(ahead)])
    return lambda: call(app, post(path, next(bodies), x_verify_token=VERIFY_TOKEN), 200)


def main() -> None:
    """`python -m tests.benchmarks.calls world.json ours|reference page-size calls`.

    Each line of standard input names a call: it is made so many times, and then "done" is written.
    """
    text, app_name, page_size, times = sys.argv[1:]
    world = read_world(text)
    settings = settings_for(world.url, world.folder)
    logs.configure(settings)
    with Notifier(settings.notifier_path) as notifier:
        first = {"ours": 1_000_000, "reference": 2_000_000}[app_name]
        ahead = WARM_UP + 3 * int(times)
        calls = (
            our_calls(world, first, ahead)
            if app_name == "ours"
            else reference_calls(world, first, ahead, int(page_size))
        )
        for warm in itertools.chain.from_iterable(itertools.repeat(call, WARM_UP) for call in calls.values()):
            warm()
        notifier.wait(0)
        write_word("ready")
        for name in sys.stdin:
            for _ in range(int(times)):
                calls[name.strip()]()
            write_word("done")


def write_word(word: str) -> None:
    """Write a word to standard output for the program that measures; the log goes to standard error."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    logging.captureWarnings(True)
    main()
