"""Write docs/graph-attributes.md from the one table in the code; with --check, fail when the page is out of date."""

from __future__ import annotations

import sys
from pathlib import Path

from adsyncdiag.connectors.entra.attributes import manual

PAGE = Path(__file__).resolve().parent.parent / "docs" / "graph-attributes.md"
HEAD = """# What Graph can do with the attributes of the Entra connector space

The rules of a server export write these names. Each has one class:

* `write` and `write-reference`: sent to Microsoft Graph when it differs;
* `read`: read and compared, never written;
* `none`: unknown to Graph. Computed, kept as the intended value, shown in steps 9 and 10 as *not writable through Graph*, never
  sent, never pending. Every attribute that is not in the table is of this class.

Objects that Entra Connect or Cloud Sync synchronises (`onPremisesSyncEnabled`) are read-only through Graph as a whole. Contacts and
devices cannot be created through Graph; a group with mail is created as a security group without it.

| object type | attribute | Graph property | class | longest value |
|---|---|---|---|---|
"""


def page() -> str:
    """Return the text of the page."""
    rows = [f"| {r.object_type} | `{r.attribute}` | `{r.graph}` | {r.writability} | {r.limit} |" for r in manual()]
    return HEAD + "\n".join(rows) + "\n"


def main() -> int:
    """Write or check the page."""
    if "--check" in sys.argv[1:]:
        fresh = PAGE.exists() and PAGE.read_text(encoding="utf-8") == page()
        if not fresh:
            sys.stderr.write(f"{PAGE.name} is out of date: run scripts/graph_attributes.py\n")
        return not fresh
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
