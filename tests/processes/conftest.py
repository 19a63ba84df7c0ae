"""A shell in which commands are tried."""

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
    """Runs a command; its exit code, what it says, and what it complains of."""
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
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run
