"""A site for the stories of one file: to start its processes costs more than a story does."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.site import Site, running_site

SharedSite = Callable[..., AbstractContextManager[Site]]
"""Runs a site with these settings and a SQLite database of its own."""


@pytest.fixture(scope="module")
def shared_site(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> SharedSite:
    """For sites that several stories use; each of them has orders, customers and browsers of its own."""

    @contextmanager
    def run(**wishes: object) -> Iterator[Site]:
        folder = tmp_path_factory.mktemp("site")
        shutil.copy(migrated_sqlite, folder / "tracker.sqlite")
        with running_site(f"sqlite:///{folder / 'tracker.sqlite'}", folder, **wishes) as site:
            yield site

    return run
