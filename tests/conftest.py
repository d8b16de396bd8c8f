"""Fixtures every test may use: the shared material, golden files, a fixed noon."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NOON = datetime(2026, 3, 2, 12, 0, 0, tzinfo=UTC)

# A shell starts background jobs with SIGINT ignored, and every child inherits that: tests of Ctrl+C need it as at a terminal.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --update-golden, which rewrites the golden files; their diff is reviewed like code."""
    parser.addoption("--update-golden", action="store_true", help="rewrite golden files instead of comparing")


def shared_folder() -> Path | None:
    """Return the folder with the reference material, or None where it is absent."""
    named = os.environ.get("ADSYNCDIAG_SHARED")
    folder = Path(named) if named else ROOT.parent / "shared"
    return folder if (folder / "reference").is_dir() else None


def skip_or_fail(reason: str) -> None:
    """Skip a test whose material is absent; fail where CI says that it has to be there."""
    if os.environ.get("ADSYNCDIAG_REQUIRE_SHARED") == "1":
        pytest.fail(f"{reason}, and ADSYNCDIAG_REQUIRE_SHARED=1 forbids to skip")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference material; tests that need it skip where it is absent, unless ADSYNCDIAG_REQUIRE_SHARED=1."""
    folder = shared_folder()
    if folder is None:
        skip_or_fail("the shared reference material is not here (ADSYNCDIAG_SHARED)")
    assert folder is not None
    return folder


@pytest.fixture(scope="session")
def contoso(shared: Path) -> Path:
    """A real server export: Microsoft's Contoso sample."""
    return shared / "data" / "contoso-export"


@pytest.fixture(scope="session")
def noon() -> datetime:
    """The moment every test means by now."""
    return NOON


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with a file under tests/golden, or write it with --update-golden."""

    def compare(name: str, text: str) -> None:
        path = ROOT / "tests" / "golden" / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"{path} is missing; write it with --update-golden and review it"
        assert text == path.read_text(encoding="utf-8")

    return compare


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the machine's own settings out of every test."""
    for name in list(os.environ):
        if name.startswith(("AZURE_", "ADSYNCDIAG_AD_")) or name in (
            "ADSYNCDIAG_HOME",
            "REQUESTS_CA_BUNDLE",
            "CURL_CA_BUNDLE",
        ):
            monkeypatch.delenv(name)
