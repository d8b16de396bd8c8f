"""A workspace of one settings file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from adsyncdiag.settings import Settings, load

Written = Callable[[str], Settings]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Write adsyncdiag.toml into the test's folder and load it."""

    def write(text: str) -> Settings:
        (tmp_path / "adsyncdiag.toml").write_text(text, encoding="utf-8")
        return load(tmp_path)

    return write
