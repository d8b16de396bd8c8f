"""The words of the product: systems, times, the sentence case of detail keys, and which side a failure is on."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from adsyncdiag.model.trace import Failure, Status
from adsyncdiag.report.document import Document, Step

SOURCE_SYSTEM = "Active Directory"
TARGET_SYSTEM = "Microsoft Entra ID"
TARGET_SYSTEM_CMDLET = "Azure Active Directory"
"""What the cmdlet still says (cmdlets-and-graph.md 1.2)."""

_SERVICE_SIDE = frozenset(
    {
        "failed-connection",
        "dropped-connection",
        "failed-authentication",
        "failed-permission",
        "failed-search",
        "warning-no-watermark",
        "access-denied",
        "call-failure",
        "in-progress",
        "throttled",
        "locking-error-needs-retry",
    }
)
_SERVICE_SIDE_FAMILIES = ("no-start-", "stopped-")
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_CAMEL = re.compile(r"[a-z][A-Za-z0-9]*\Z")


def error_category(code: str) -> str:
    """Return Graph's `errorCategory` for *code*: `failure` or `nonServiceFailure`.

    Graph gives the words and no rule for them (cmdlets-and-graph.md 2.1, open). Our choice: `nonServiceFailure` is a verdict about
    the object or its configuration, which another try repeats; `failure` is a connection, an account, a run or a service that did
    not work, whatever the object (the connection and run results of cmdlets-and-graph.md 1.4).
    """
    folded = code.lower()
    service = folded in _SERVICE_SIDE or folded.startswith(_SERVICE_SIDE_FAMILIES)
    return "failure" if service else "nonServiceFailure"


def iso(moment: datetime) -> str:
    """Return *moment* as ISO 8601 in UTC with milliseconds and Z, always of the same width."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def words(key: str) -> str:
    """Return a camelCase *key* as the product writes its keys: `runStepResult` is `Run step result`; others stay as they are."""
    if not _CAMEL.match(key):
        return key
    first, *rest = _WORDS.sub(" ", key).split(" ")
    return " ".join([first.capitalize(), *(word if word.isupper() else word.lower() for word in rest)])


def failing_step(document: Document) -> Step | None:
    """Return the step that ended the run; None when none did.

    Step 8 may fail without ending anything (cmdlets-and-graph.md 1.3), so it is the last one that carries the run's own failure.
    """
    if document.status is not Status.FAILURE and document.failure is None:
        return None
    failed = [step for step in document.steps if step.failure is not None]
    own = [step for step in failed if step.failure == document.failure]
    ended = own or [step for step in failed if step.status is Status.FAILURE]
    return ended[-1] if ended else None


def run_failure(document: Document) -> Failure | None:
    """Return why the run failed: its own failure, else that of the step that ended it."""
    step = failing_step(document)
    return document.failure or (step.failure if step else None)
