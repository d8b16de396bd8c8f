"""Imports point one way: nothing imports upwards, and no adapter knows another."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "adsyncdiag"

# What each part may import, besides itself. `wiring` is the only module that knows every adapter.
ALLOWED: dict[str, set[str]] = {
    "errors": set(),
    "model": {"errors"},
    "ports": {"model", "errors"},
    "expressions": {"model", "errors"},
    "engine": {"ports", "model", "errors", "expressions"},
    "diagnosis": {"engine", "ports", "model", "errors", "expressions"},
    "runs": {"engine", "ports", "model", "errors", "expressions"},
    "serverconfig": {"model", "errors"},
    "settings": {"errors"},
    "connectors/ad": {"ports", "model", "errors"},
    "connectors/entra": {"ports", "model", "errors", ""},
    "connectors/lab": {"model", "errors"},
    "connectors": set(),
    "store": {"ports", "model", "errors"},
    "report": {"model", "errors"},
    "wiring": {"diagnosis", "engine", "ports", "model", "errors", "settings", "serverconfig", "runs", "store", "connectors/ad", "connectors/entra", "connectors/lab", ""},
    "cli": {"wiring", "diagnosis", "engine", "expressions", "report", "runs", "model", "errors", "settings", "serverconfig", "connectors/lab", ""},
    "__main__": {"cli", "errors", ""},
    "": set(),
}  # fmt: skip


def part_of(module: str) -> str:
    """Name the part a dotted module belongs to; "" is the package's own __init__ (the version)."""
    pieces = module.split(".")[1:]
    if not pieces:
        return ""
    return "/".join(pieces[:2]) if pieces[0] == "connectors" and len(pieces) > 1 else pieces[0]


def imports_of(path: Path) -> set[str]:
    """Every part of the package that a file imports, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "adsyncdiag":
            found |= (
                {f"{node.module}.{name.name}" for name in node.names}
                if node.module in ("adsyncdiag", "adsyncdiag.connectors")
                else {node.module}
            )
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names if name.name.split(".")[0] == "adsyncdiag"}
    return {"" if module == "adsyncdiag.__version__" else part_of(module) for module in found}


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_nothing_imports_upwards(path: Path) -> None:
    """A module imports only from its own part and from those below it."""
    own = part_of(".".join(("adsyncdiag", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__"))
    assert imports_of(path) - {own} <= ALLOWED[own]


def test_the_picture_has_no_circle() -> None:
    """The allowed directions can be drawn as layers."""
    done: set[str] = set()
    left = dict(ALLOWED)
    while left:
        ready = [part for part, below in left.items() if below <= done | {part}]
        assert ready, f"a circle among {sorted(left)}"
        for part in ready:
            del left[part]
        done |= set(ready)


def test_every_module_is_short_enough_to_read() -> None:
    """No module has more than 400 lines."""
    assert {str(p): n for p in FILES if (n := len(p.read_text(encoding="utf-8").splitlines())) > 400} == {}
