"""The cache of rendered regions."""

from tracker.web.http.htmx import FragmentCache


def test_a_region_is_rendered_once_for_all_visitors_who_see_the_same() -> None:
    cache, rendered = FragmentCache(), []

    regions = [cache.get("an etag", lambda: rendered.append("once") or "<p>") for _ in range(3)]  # type: ignore[func-returns-value]

    assert regions == ["<p>"] * 3
    assert rendered == ["once"]


def test_a_full_cache_drops_its_oldest_region() -> None:
    cache = FragmentCache(max_size=2)

    for etag in ("first", "second", "third"):
        cache.get(etag, lambda etag=etag: etag)  # type: ignore[misc]

    assert [cache.get(etag, lambda: "anew") for etag in ("third", "second", "first")] == ["third", "second", "anew"]
