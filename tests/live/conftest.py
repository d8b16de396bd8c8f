"""The live tests' domain, registered once however many folders use it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Register the fixtures `domain` and `own_domain`."""
    name = "adsyncdiag_samba_domain"
    if config.pluginmanager.has_plugin(name):
        return
    path = Path(__file__).resolve().parent / "domain.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    config.pluginmanager.register(module, name)
