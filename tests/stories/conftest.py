"""The embedded lab, written once; each test gets a workspace of its own with fixed ids and a fixed clock."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


def _load() -> ModuleType:
    if "lab_workspace" in sys.modules:
        return sys.modules["lab_workspace"]
    spec = importlib.util.spec_from_file_location(
        "lab_workspace", Path(__file__).parents[1] / "diagnosis" / "lab_workspace.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["lab_workspace"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_WORKSPACE = _load()
template, new_lab, lab = _WORKSPACE.template, _WORKSPACE.new_lab, _WORKSPACE.lab


@pytest.fixture(scope="session")
def bench() -> ModuleType:
    """What tests of the lab share beside its fixtures: `failing`, `step`, `states`, `ticking`, `throttled` ..."""
    return _WORKSPACE
