"""Every error the package raises on purpose.

* AdSyncDiagError              message (what happened), hint (what to do), exit_code (for scripts)
  x UsageError                 2   the command line or an argument is wrong
  x ConfigurationError         3   a setting or an exported file is wrong
    - StoreError               3   the workspace's database cannot be read or written
  x ExpressionError            3   a rule's text is wrong, with the place (raised when compiling)
  x ConnectorError             4   the other side said no, or nothing
    - ConnectorUnreachable     4   no answer, name not found, TLS failed: worth a retry once mended
    - ConnectorRefused         4   account, right or request refused: not worth one
  x Busy                       5   another command holds the workspace
  x Throttled                  5   the service asks us to come back later
  x EvaluationError            1   a rule failed on one object; always caught by the engine and recorded

Exit code 1 is a verdict about an object, 70 a defect of ours, 130 an interrupt. A failure of the *object* is never an
exception outside the engine: it is a record with a code, a reason and a recommendation (`model.trace.Failure`).
Library exceptions are translated at the door of the adapter, all of them.
"""

from __future__ import annotations

from datetime import datetime

EXIT_SUCCESS = 0
EXIT_VERDICT = 1
EXIT_USAGE = 2
EXIT_CONFIGURATION = 3
EXIT_UNREACHABLE = 4
EXIT_LATER = 5
EXIT_DEFECT = 70
EXIT_INTERRUPTED = 130


class AdSyncDiagError(Exception):
    """What happened, in one sentence; *hint* says what to do about it."""

    exit_code = EXIT_DEFECT

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class UsageError(AdSyncDiagError):
    """An argument is wrong; nothing was read or written."""

    exit_code = EXIT_USAGE


class ConfigurationError(AdSyncDiagError):
    """A setting or a file of the server export is wrong; *file* and *element* say where."""

    exit_code = EXIT_CONFIGURATION

    def __init__(self, message: str, *, hint: str = "", file: str = "", element: str = "") -> None:
        place = ", ".join(part for part in (file, element) if part)
        super().__init__(f"{place}: {message}" if place else message, hint=hint)
        self.file = file
        self.element = element


class StoreError(ConfigurationError):
    """The workspace's database cannot be opened, read or written."""


def excerpt(text: str, start: int, end: int) -> list[str]:
    """Return the line of *text* that holds the place from *start* to *end*, and a line of carets under it."""
    if not text:
        return []
    begin = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", start)
    line = text[begin : stop if stop >= 0 else len(text)]
    left = max(0, start - begin - 60)
    shown = line[left : left + 120].replace("\t", " ")
    width = max(1, min(end - start, len(shown) - (start - begin - left)))
    return [f"  {shown}", f"  {' ' * (start - begin - left)}{'^' * width}"]


class ExpressionError(AdSyncDiagError):
    """The text of an expression is wrong at *start* to *end* (offsets in characters)."""

    exit_code = EXIT_CONFIGURATION

    def __init__(
        self, message: str, *, text: str = "", start: int = 0, end: int = 0, rule: str = "", hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.text = text
        self.start = start
        self.end = max(end, start + 1)
        self.rule = rule

    def __str__(self) -> str:
        head = f"{self.rule}: {self.message}" if self.rule else self.message
        lines = [head, *excerpt(self.text, self.start, self.end)]
        if self.hint:
            lines.append(self.hint)
        return "\n".join(lines)


class EvaluationError(AdSyncDiagError):
    """A rule failed on one object: `Error()` fired, a type did not fit, an item was out of bounds.

    *code* is the engine's name for it (`sync-rule-error-function-triggered`, `unexpected-error`, ...).
    """

    exit_code = EXIT_VERDICT

    def __init__(self, message: str, *, code: str = "unexpected-error", start: int = 0, end: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.start = start
        self.end = end


class ConnectorError(AdSyncDiagError):
    """The directory or the tenant said no, or nothing; *code* is the run-step or service code."""

    exit_code = EXIT_UNREACHABLE

    def __init__(self, message: str, *, hint: str = "", code: str = "failed-connection") -> None:
        super().__init__(message, hint=hint)
        self.code = code


class ConnectorUnreachable(ConnectorError):
    """No answer: name, network, time-out, TLS. Worth another try once mended."""


class ConnectorRefused(ConnectorError):
    """The other side answered and refused: credentials, rights, request. Another try gives the same."""


class Busy(AdSyncDiagError):
    """Another command holds the workspace; the message says which, and since when."""

    exit_code = EXIT_LATER


class Throttled(AdSyncDiagError):
    """The service asks us to come back at *until* (UTC)."""

    exit_code = EXIT_LATER

    def __init__(self, message: str, *, until: datetime, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.until = until
        self.code = "throttled"
