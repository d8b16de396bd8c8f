"""Standard output for results, standard error for everything else; what came from a directory is made harmless first."""

from __future__ import annotations

import errno
import os
import sys
import unicodedata
from collections.abc import Sequence
from typing import Any, TextIO

from adsyncdiag.errors import AdSyncDiagError, ConfigurationError

_KEPT = "\n\t"
_LONGEST = 2000
"""Characters of one line of an error; a message may quote a name of any length."""
_CLOSED_PIPE = (errno.EPIPE, errno.EINVAL if sys.platform == "win32" else errno.EPIPE)


def open_streams() -> None:
    """Give the program streams where its parent closed them, so that no file it opens takes their place."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123 - for the whole process


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
    """Write a result to standard output, with one line break at its end. A closed pipe is quiet.

    Raises `ConfigurationError` when it cannot be written for another reason, such as a full disk.
    """
    payload = data if isinstance(data, bytes) else data.encode("utf-8", "backslashreplace")
    if not payload.endswith(b"\n"):
        payload += b"\n"
    try:
        sys.stdout.buffer.write(payload)
        sys.stdout.buffer.flush()
    except OSError as error:
        silence(sys.stdout)
        if error.errno not in _CLOSED_PIPE:
            raise ConfigurationError(f"standard output cannot be written: {error.strerror or error}") from error


def silence(stream: TextIO) -> None:
    """Point *stream* at nothing, so that the interpreter's own flush at exit does not complain."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, stream.fileno())
    os.close(nothing)


def note(text: str) -> None:
    """Write a line for people to standard error."""
    styled(plain(text))


def styled(text: str) -> None:
    """Write text to standard error that was made harmless already and may carry colours.

    Nobody can be told when that fails, and the result on standard output counts more: it is not an error.
    """
    try:
        sys.stderr.write(text if text.endswith("\n") else text + "\n")
        sys.stderr.flush()
    except OSError:
        silence(sys.stderr)


def ask(question: str, suggestion: str) -> str:
    """Ask on standard error, which keeps standard output for results, and return the answer, *suggestion* for an empty one.

    Raises `KeyboardInterrupt` when the input ends instead.
    """
    sys.stderr.write(plain(f"{question} [{suggestion}]: " if suggestion else f"{question}: "))
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer:
        note("")
        raise KeyboardInterrupt
    return answer.strip() or suggestion


def progress(text: str, *, verbose: bool = False) -> None:
    """Write what is going on to standard error, when a person watches or asked for it."""
    if verbose or sys.stderr.isatty():
        note(text)


def colours() -> bool:
    """Say whether standard error shows colours: a terminal, and NO_COLOR is not set (no-color.org)."""
    return sys.stderr.isatty() and not os.environ.get("NO_COLOR")


def problem(error: AdSyncDiagError) -> int:
    """Say what went wrong, once, and return the exit code."""
    note("\n".join(map(_shortened, f"adsyncdiag: {error}".split("\n"))))
    return error.exit_code


def _shortened(line: str) -> str:
    """Return *line* without its middle when it is very long: what happened stands at its ends."""
    if len(line) <= _LONGEST:
        return line
    return f"{line[: _LONGEST // 2]} [... {len(line) - _LONGEST:,} characters ...] {line[-_LONGEST // 2 :]}"


def as_json(value: Any, *, one_line: bool = False) -> bytes:  # noqa: ANN401 - whatever JSON can carry
    """Return *value* as JSON, indented unless *one_line*.

    Half characters, by which Python keeps bytes of a path that are not UTF-8, become `?`.
    """
    import orjson

    try:
        return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE | (0 if one_line else orjson.OPT_INDENT_2))
    except orjson.JSONEncodeError:
        import json

        return json.dumps(value, indent=None if one_line else 2, ensure_ascii=False).encode("utf-8", "replace")


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
