"""Options that several commands share, so that they read the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adsyncdiag.cli.files import path_of

Workspace = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        metavar="DIR",
        parser=path_of,
        help="The workspace: adsyncdiag.toml, state.db, reports/. Default: ADSYNCDIAG_HOME, else the platform's data folder.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of a table for people.")]
Verbose = Annotated[bool, typer.Option("--verbose", help="Say on standard error what is going on.")]
