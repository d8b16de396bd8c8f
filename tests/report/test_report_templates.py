"""The templates are found in a checkout and in a wheel, and compiled only once."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from adsyncdiag.errors import ConfigurationError
from adsyncdiag.report import templates

ROOT = Path(__file__).resolve().parents[2]
RENDER = """
import importlib.util, sys
from adsyncdiag.report import templates
from adsyncdiag.report.as_html import as_html
spec = importlib.util.spec_from_file_location("sample_records", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
print(templates.folder())
print(as_html(module.success())[:15])
"""


def test_a_checkout_reads_its_own_templates() -> None:
    """Source and editable installs read `reports/templates` at the root of the checkout."""
    assert templates.folder() == ROOT / "reports" / "templates"


def test_missing_templates_are_said(tmp_path: Path) -> None:
    """An installation without templates is a configuration error that names the folder."""
    with pytest.raises(ConfigurationError, match="templates"):
        templates.folder(tmp_path / "adsyncdiag" / "report")


def test_a_wheel_brings_its_templates(tmp_path: Path) -> None:
    """The wheel holds templates and schema, and a page is made from them where there is no checkout."""
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    site = tmp_path / "site"
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        assert not [name for name in wheel.namelist() if "__pycache__" in name]
        wheel.extractall(site)
    assert (site / "adsyncdiag" / "report" / "schemas" / "graph.json").is_file()
    environment = {**os.environ, "PYTHONPATH": str(site), "PYTHONPYCACHEPREFIX": str(tmp_path / "cache")}
    made = subprocess.run(
        [sys.executable, "-c", RENDER, Path(__file__).with_name("sample_records.py")],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert made.stdout.splitlines() == [str(site / "adsyncdiag" / "report" / "templates"), "<!DOCTYPE html>"], (
        made.stderr
    )


def test_compiled_templates_are_kept(tmp_path: Path) -> None:
    """Compiled templates are kept where Python keeps its own, unless it is told to keep none."""
    for forbidden, expected in (("1", False), ("", True)):
        environment = {
            **os.environ,
            "PYTHONDONTWRITEBYTECODE": forbidden,
            "PYTHONPYCACHEPREFIX": str(tmp_path),
        }
        subprocess.run(
            [sys.executable, "-c", RENDER, Path(__file__).with_name("sample_records.py")],
            env=environment,
            capture_output=True,
            timeout=60,
            check=True,
        )
        assert bool(list(tmp_path.rglob("report.html*.pyc"))) is expected


def test_the_json_path_is_light() -> None:
    """Making the JSON imports neither pydantic nor the template engine."""
    code = "import sys, adsyncdiag.report.as_json; print({'pydantic', 'jinja2', 'markupsafe'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "set()"
