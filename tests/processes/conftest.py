"""The fixture with which tests run commands."""

import sys
from pathlib import Path

import pytest

from tests.processes.machine import SECRET
from tests.processes.shell import Tracker
from tracker.cli import main


@pytest.fixture
def tracker(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Tracker:
    """Return a function that runs a command and returns its exit code, standard output and standard error."""
    environment = {
        "SECRET_KEY": SECRET,
        "CHANNELS_SECRET": SECRET,
        "SMTP_URL": "smtp://127.0.0.1:1",
        "BASE_URL": "https://orders.example.com",
        "DATABASE_URL": database_url,
        "DATA_DIR": str(tmp_path),
    }
    for name, value in environment.items():
        monkeypatch.setenv(f"TRACKER_{name}", value)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tracker", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as result:
            main()
        output = capsys.readouterr()
        return int(result.value.code or 0), output.out, output.err

    return run
