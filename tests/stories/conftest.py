"""A site that the stories of one file share, because starting its processes takes longer than a story."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.site import Site, running_site

SharedSite = Callable[..., AbstractContextManager[Site]]
"""Runs a site with these settings on a new SQLite database, until the end of the block."""


@pytest.fixture(scope="module")
def shared_site(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> SharedSite:
    """Return a function that runs a site for several stories, each of which has its own orders and browsers."""

    @contextmanager
    def run(**options: object) -> Iterator[Site]:
        folder = tmp_path_factory.mktemp("site")
        shutil.copy(migrated_sqlite, folder / "tracker.sqlite")
        with running_site(f"sqlite:///{folder / 'tracker.sqlite'}", folder, **options) as site:
            yield site

    return run
