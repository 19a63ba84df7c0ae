"""With the largest supported number of open pages, the web server still answers one more."""

import http.client
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.processes.machine import a_machine, responds
from tests.site import wait_for
from tracker.config import ROOT

PAGES = 1_100
"""More than a web process holds by granian's default, and more files than a shell allows."""
AS_FROM_A_SHELL = ("sh", "-c", 'ulimit -Sn 1024 && exec "$@"', "sh")


@pytest.fixture
def _enough_files() -> Iterator[None]:
    """Raise the limit of open files, because this process stands for all the browsers."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, PAGES + 500), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def web_port(tmp_path: Path) -> Iterator[int]:
    """Yield the port of a web server with one process, started from a shell."""
    with a_machine(tmp_path, web_processes="1", engine_max_connections=str(PAGES)) as machine:
        machine.run("migrate")
        command = [*AS_FROM_A_SHELL, sys.executable, "-m", "tracker", "web"]
        with (
            (tmp_path / "log").open("wb") as log,
            subprocess.Popen(command, cwd=ROOT, env=machine.environment, stdout=log, stderr=log) as web,
        ):
            try:
                wait_for(
                    lambda: web.poll() is not None or responds(f"http://127.0.0.1:{machine.port}/up"), "a response"
                )
                assert web.poll() is None, machine.log
                yield machine.port
            finally:
                os.kill(web.pid, signal.SIGTERM)


def status_of(page: http.client.HTTPConnection) -> int:
    """Send a request on this connection, which stays open, and return the status."""
    page.request("GET", "/up")
    response = page.getresponse()
    response.read()
    return response.status


@pytest.mark.usefixtures("_enough_files")
def test_more_pages_than_the_servers_default_limit_are_open_and_all_get_responses(web_port: int) -> None:
    with ExitStack() as open_pages:
        pages = [
            open_pages.enter_context(closing(http.client.HTTPConnection("127.0.0.1", web_port, timeout=10)))
            for _ in range(PAGES)
        ]

        first = [status_of(page) for page in pages]
        same = [page.sock for page in pages]
        second = [status_of(page) for page in (pages[0], pages[-1])]

        assert {*first, *second} == {200}
        assert [page.sock for page in pages] == same
