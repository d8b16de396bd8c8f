"""Standard output for results, standard error for everything else; what came from a directory is made harmless first."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from adsyncdiag.errors import EXIT_DEFECT, AdSyncDiagError, ConfigurationError

_KEPT = "\n\t"


def plain(text: str) -> str:
    """Return *text* without what a terminal would obey: control characters and direction overrides become visible."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        c if c in _KEPT or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co") else _escape(c) for c in text
    )


def _escape(char: str) -> str:
    return f"\\x{ord(char):02x}" if ord(char) < 0x100 else f"\\u{ord(char):04x}"


def result(data: bytes | str) -> None:
    """Write a result to standard output, with one line break at its end. A closed pipe is quiet."""
    payload = data if isinstance(data, bytes) else data.encode("utf-8", "backslashreplace")
    if not payload.endswith(b"\n"):
        payload += b"\n"
    try:
        sys.stdout.buffer.write(payload)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        quiet_pipe()


def quiet_pipe() -> None:
    """Point standard output at nothing, so that the interpreter's own flush at exit does not complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def note(text: str) -> None:
    """Write a line for people to standard error."""
    sys.stderr.write(plain(text) + "\n")
    sys.stderr.flush()


def styled(text: str) -> None:
    """Write text to standard error that was made harmless already and may carry colours."""
    sys.stderr.write(text if text.endswith("\n") else text + "\n")
    sys.stderr.flush()


def progress(text: str) -> None:
    """Write what is going on to standard error, when a person watches."""
    if sys.stderr.isatty():
        note(text)


def colours() -> bool:
    """Say whether standard error shows colours: a terminal, and NO_COLOR is not set (no-color.org)."""
    return sys.stderr.isatty() and not os.environ.get("NO_COLOR")


def problem(error: AdSyncDiagError) -> int:
    """Say what went wrong, once, and return the exit code."""
    note(f"adsyncdiag: {error}")
    return error.exit_code


def defect(error: BaseException) -> int:
    """Say that this is a defect of ours and where the details are; return exit code 70."""
    import tempfile
    import traceback

    handle, name = tempfile.mkstemp(prefix="adsyncdiag-defect-", suffix=".txt")  # mkstemp: mode 0600
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write("".join(traceback.format_exception(error)))
    note(f"adsyncdiag: this is a defect of the program ({type(error).__name__}). Details were written to {name}.")
    return EXIT_DEFECT


def as_json(value: Any) -> bytes:  # noqa: ANN401 - whatever JSON can carry
    """Return *value* as indented JSON."""
    import orjson

    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def table(rows: Sequence[tuple[str, ...]], headings: tuple[str, ...]) -> str:
    """Return *rows* as aligned columns under *headings*, for people."""
    shown = [tuple(plain(cell).replace("\n", " ") for cell in row) for row in rows]
    widths = [max(len(line[i]) for line in (headings, *shown)) for i in range(len(headings))]
    lines = [headings, tuple("-" * width for width in widths), *shown]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def properties(facts: dict[str, str]) -> str:
    """Return names and values as PowerShell's Format-List shows an object."""
    width = max(len(name) for name in facts)
    return "\n".join(f"{name.ljust(width)} : {plain(value)}".rstrip() for name, value in facts.items())


def save(data: bytes, path: Path, *, exclusive: bool = False) -> None:
    """Write *data* to *path*, readable by the owner only, whole or not at all; raises `ConfigurationError`."""
    import tempfile

    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            if exclusive:
                Path(path).hardlink_to(name)
            else:
                Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written: {error.strerror or error}", hint="Choose another place."
        ) from error
