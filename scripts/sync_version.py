"""Fail when the changelog knows nothing of the version the package says it has."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def problems(version: str, changelog: str) -> list[str]:
    """Return what does not fit: an `Unreleased` heading on top, and a heading for every version but the one to come."""
    headings = re.findall(r"^## \[([^\]]+)\]", changelog, re.MULTILINE)
    if not headings or headings[0] != "Unreleased":
        return ["CHANGELOG.md must open with ## [Unreleased]"]
    released = headings[1:]
    if released and version not in released and not version.endswith(".dev0"):
        return [f"CHANGELOG.md has no heading for {version}; the newest is {released[0]}"]
    return []


def main() -> int:
    """Compare the files and say what is wrong."""
    source = (ROOT / "adsyncdiag" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"', source, re.MULTILINE)
    if found is None:
        sys.stderr.write("adsyncdiag/__init__.py has no __version__\n")
        return 1
    wrong = problems(found[1], (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    sys.stderr.writelines(f"{line}\n" for line in wrong)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
