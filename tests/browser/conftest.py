"""Chromium without a window, and reports opened in it."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from adsyncdiag.model.trace import SyncRecord
from adsyncdiag.report.as_html import as_html

SAMPLES = Path(__file__).resolve().parent.parent / "report" / "sample_records.py"


def _program(*names: str) -> str:
    """Return the path of the first of *names* that is installed; without one the test is skipped, in CI it fails."""
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        reason = f"{names[0]} is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    assert found is not None
    return found


@pytest.fixture(scope="session")
def samples() -> ModuleType:
    """The module with the records written by hand."""
    spec = importlib.util.spec_from_file_location("sample_records", SAMPLES)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def chromium() -> Iterator[webdriver.Chrome]:
    """One browser for all tests."""
    options = webdriver.ChromeOptions()
    options.binary_location = _program("chromium", "chromium-browser", "google-chrome")
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1280,900"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(_program("chromedriver")))
    driver.execute_cdp_cmd("Page.enable", {})
    driver.execute_cdp_cmd(
        "Page.addScriptToEvaluateOnNewDocument", {"source": "window.alert = () => { window.alerted = true; };"}
    )
    yield driver
    driver.quit()


@pytest.fixture
def browser(chromium: webdriver.Chrome) -> Iterator[webdriver.Chrome]:
    """The browser with script allowed, a light theme and empty logs; nothing of the test before is left."""
    chromium.get("about:blank")
    for kind in ("performance", "browser"):
        chromium.get_log(kind)
    yield chromium
    chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


@pytest.fixture
def visit(browser: webdriver.Chrome, tmp_path: Path) -> Callable[..., Path]:
    """Write the report of a record and open it, at an address inside it if one is given."""

    def go(record: SyncRecord, at: str = "") -> Path:
        file = tmp_path / "report.htm"
        file.write_text(as_html(record), encoding="utf-8")
        browser.get(f"{file.as_uri()}{at}")
        return file

    return go
