"""The other side does not answer, refuses, or asks to wait: the failure of the step that met it, and the exit code it means."""

from __future__ import annotations

from collections.abc import Mapping

from adsyncdiag.diagnosis.case import Case, StepOutcome, failed
from adsyncdiag.errors import EXIT_LATER, EXIT_UNREACHABLE, ConnectorError, Throttled
from adsyncdiag.model.trace import AttributeRow, Failure, Json


def outage(
    case: Case,
    title: str,
    error: ConnectorError | Throttled,
    details: Mapping[str, Json] | None = None,
    rows: tuple[AttributeRow, ...] = (),
) -> StepOutcome:
    """Return the failure of the step called *title*, with what it knew already in *details* and *rows*."""
    if isinstance(error, Throttled):
        case.exit_code = EXIT_LATER
        until = error.until.strftime("%Y-%m-%d %H:%M:%S UTC")
        hint = error.hint or f"Run the same command again after {until}; what is pending is kept."
        sentence = f"The service asks to come back after {until}."
        return failed(Failure(error.code, error.message, hint), sentence, {**(details or {}), "until": until}, rows)
    case.exit_code = EXIT_UNREACHABLE
    hint = error.hint or "Run `adsyncdiag test-connectivity`."
    sentence = f"{title}: the other side did not answer as needed."
    return failed(Failure(error.code, error.message, hint), sentence, details, rows)
