"""Every document survives Microsoft's own model, which lives in an environment of its own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from adsyncdiag.report.as_json import as_json

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "validate_with_sdk.py"


@pytest.fixture(scope="module")
def sdk_python() -> Path:
    """The interpreter that has msgraph-sdk; absent, the test is skipped, in CI it fails."""
    named = os.environ.get("ADSYNCDIAG_SDK_PYTHON")
    python = Path(named) if named else Path.home() / ".cache" / "adsyncdiag" / "sdk-venv" / "bin" / "python"
    if not python.exists():
        reason = f"{python} with msgraph-sdk is not here (ADSYNCDIAG_SDK_PYTHON)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return python


def test_documents_survive_microsofts_model(samples: ModuleType, sdk_python: Path, tmp_path: Path) -> None:
    """Nothing in any document is unknown to Microsoft's model, and nothing is lost when it parses and writes it again."""
    for name, make in samples.SAMPLES.items():
        (tmp_path / f"{name}.json").write_bytes(as_json(make()))
    files = sorted(str(path) for path in tmp_path.glob("*.json"))
    done = subprocess.run([sdk_python, SCRIPT, *files], capture_output=True, text=True, timeout=300, check=False)
    assert (done.stdout.strip(), done.returncode) == ("OK", 0), done.stderr


def test_the_check_notices_what_does_not_fit(sdk_python: Path, tmp_path: Path) -> None:
    """A key and a word that Graph does not know are reported, so that OK means something."""
    file = tmp_path / "wrong.json"
    file.write_text('{"id":"1","adsyncdiag":true,"provisioningSteps":[{"name":"a","provisioningStepType":"sync"}]}')
    done = subprocess.run([sdk_python, SCRIPT, file], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 1
    assert "adsyncdiag: not in the Graph model" in done.stdout
    assert "provisioningStepType: lost ('sync')" in done.stdout
