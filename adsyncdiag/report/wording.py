"""The sentences about a whole run that the page and the terminal share."""

from __future__ import annotations

from datetime import UTC, datetime

from adsyncdiag.model.trace import Action, Status
from adsyncdiag.report.document import Document
from adsyncdiag.report.naming import TARGET_SYSTEM, failing_step

STATUS_WORDS = {
    Status.SUCCESS: "Success",
    Status.FAILURE: "Failure",
    Status.SKIPPED: "Skipped",
    Status.WARNING: "Warning",
}
_DONE = {
    Action.CREATE: f"Created in {TARGET_SYSTEM}",
    Action.UPDATE: f"Updated in {TARGET_SYSTEM}",
    Action.DELETE: f"Deleted from {TARGET_SYSTEM}",
    Action.OTHER: f"Nothing to do: {TARGET_SYSTEM} is up to date",
}
_HELD = {
    Action.CREATE: f"Would be created in {TARGET_SYSTEM}; nothing was exported",
    Action.UPDATE: f"Would be updated in {TARGET_SYSTEM}; nothing was exported",
    Action.DELETE: f"Would be deleted from {TARGET_SYSTEM}; nothing was exported",
    Action.OTHER: f"Nothing to do: {TARGET_SYSTEM} is up to date",
}


def headline(document: Document) -> str:
    """Return the verdict in one line, such as `Failed at step 3 of 10: Organizational unit is in sync scope`."""
    step = failing_step(document)
    if step is not None:
        return f"Failed at step {step.number} of {len(document.steps)}: {step.title or step.name}"
    if document.status is Status.FAILURE:
        return "Failed"
    if document.status is Status.SKIPPED:
        return "Skipped"
    done = (_HELD if held_back(document) else _DONE)[document.action]
    return f"{done}, with warnings" if document.status is Status.WARNING else done


def held_back(document: Document) -> bool:
    """Say whether the export was not made on purpose: staging mode, or the export switched off (its step says `staging`)."""
    return document.staging or any(step.details.get("staging") is True for step in document.steps)


def called(document: Document) -> str:
    """Return the name people know the object by: display name, else the target's name, else its DN."""
    source, target = document.source_identity, document.target_identity
    return source.display_name or target.display_name or target.name or source.name or "object without a name"


def clock(moment: datetime) -> str:
    """Return *moment* for people: `2026-03-02 12:00:00 UTC`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def lasting(milliseconds: int) -> str:
    """Return a duration for people: `830 ms`, `1.7 s`, `3 min 20 s`."""
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    if milliseconds < 100_000:
        return f"{milliseconds / 1000:.1f} s"
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    return f"{minutes} min {seconds} s"
