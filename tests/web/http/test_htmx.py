"""Regions that are kept as they were rendered."""

from tracker.web.http.htmx import FragmentCache


def test_a_region_is_rendered_once_for_all_who_see_the_same() -> None:
    kept, rendered = FragmentCache(), []

    seen = [kept.get("an etag", lambda: rendered.append("once") or "<p>") for _ in range(3)]  # type: ignore[func-returns-value]

    assert seen == ["<p>"] * 3
    assert rendered == ["once"]


def test_there_is_only_so_much_room_and_the_oldest_goes_first() -> None:
    kept = FragmentCache(max_size=2)

    for etag in ("first", "second", "third"):
        kept.get(etag, lambda etag=etag: etag)  # type: ignore[misc]

    assert [kept.get(etag, lambda: "anew") for etag in ("third", "second", "first")] == ["third", "second", "anew"]
