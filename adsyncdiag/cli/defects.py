"""What the program says and writes down when it meets something that nobody expected. Imported only then."""

from __future__ import annotations

import os
import tempfile
import traceback
from base64 import b64encode
from json import dumps
from urllib.parse import quote, quote_plus

from adsyncdiag.cli.console import note
from adsyncdiag.errors import EXIT_DEFECT


def defect(error: BaseException) -> int:
    """Say that this is a defect of ours and where the details are; return exit code 70."""
    what = f"adsyncdiag: this is a defect of the program ({type(error).__name__})."
    try:
        handle, name = tempfile.mkstemp(prefix="adsyncdiag-defect-", suffix=".txt")  # mkstemp: mode 0600
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(_without_secrets("".join(traceback.format_exception(error))))
    except OSError as trouble:
        note(f"{what} Its details could not be written: {trouble.strerror or trouble}.")
    else:
        note(f"{what} Details were written to {name}.")
    return EXIT_DEFECT


def _without_secrets(text: str) -> str:
    """Return *text* without the secrets of the environment, which an exception of a library may quote."""
    for name, value in os.environ.items():
        if len(value) > 3 and any(word in name.upper() for word in ("PASSWORD", "SECRET", "TOKEN")):
            for spelling in _spellings(value):
                text = text.replace(spelling, "********")
    return text


def _spellings(secret: str) -> tuple[str, ...]:
    """Return the ways in which *secret* may stand in a message: as it is, in a form, as bytes, as JSON, in base64."""
    raw = os.fsencode(secret)
    shown = (quote(raw, safe=""), quote(raw), quote_plus(raw), repr(raw)[2:-1], repr(secret)[1:-1], dumps(secret)[1:-1])
    return (secret, *shown, raw.hex(), b64encode(raw).decode())
