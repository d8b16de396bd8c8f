"""The short summary for a terminal: what happened, why, and what to do."""

from __future__ import annotations

from textwrap import wrap

from adsyncdiag.model.trace import Failure, Status, SyncRecord
from adsyncdiag.report.build import build
from adsyncdiag.report.document import Document
from adsyncdiag.report.naming import failing_step, run_failure
from adsyncdiag.report.visible import on_terminal
from adsyncdiag.report.wording import STATUS_WORDS, called, headline, lasting

WIDTH = 100
_COLOURS = {Status.SUCCESS: "32", Status.FAILURE: "31", Status.SKIPPED: "2", Status.WARNING: "33"}
_SHOWN = 2000
"""Characters of one text; a reason may quote a value of any length."""


def summary(record: SyncRecord, *, colour: bool, report: str = "") -> str:
    """Return a few lines about *record* for people, with terminal colours if *colour*, without a line feed at the end.

    *report* is the path of the HTML report, named last. Nothing in a value can move the cursor or turn the text round.
    """
    document = build(record)
    lines = [_verdict(document, colour), *_text("object", _object(document))]
    failure = run_failure(document)
    if failure is not None:
        lines += _failure(failure)
    for step in document.steps:
        if step.failure is not None and step is not failing_step(document):
            lines += _text(f"step {step.number}", f"{STATUS_WORDS[step.status]}: {step.failure.reason}")
    for warning in document.warnings:
        lines += _text("warning", warning)
    lines += _text("changes", _changes(document))
    if report:
        lines += _text("report", report)
        lines += _text("", "It is meant to be shared, and holds data of your directory: choose with whom.")
    return "\n".join(lines)


def _verdict(document: Document, colour: bool) -> str:
    word = STATUS_WORDS[document.status].upper()
    shown = f"\x1b[1;{_COLOURS[document.status]}m{word}\x1b[0m" if colour else word
    staging = " [staging mode]" if document.staging else ""
    return f"{shown}  {on_terminal(headline(document))}{staging} ({lasting(document.milliseconds)})"


def _object(document: Document) -> str:
    identity = document.source_identity
    kind = f"{identity.type} " if identity.type else ""
    name = called(document)
    return f"{kind}{name}" if name == identity.name else f"{kind}{name}, {identity.name}"


def _failure(failure: Failure) -> list[str]:
    return [
        *_text("code", failure.code),
        *_text("why", failure.reason),
        *_text("do", failure.recommendation),
        *_text("more", failure.link),
    ]


def _changes(document: Document) -> str:
    count = len(document.modified)
    if not count:
        return "no modified property"
    names = ", ".join(change.attribute for change in document.modified[:8])
    more = f" and {count - 8} more" if count > 8 else ""
    return f"{count} modified {'property' if count == 1 else 'properties'}: {names}{more}"


def _text(label: str, text: str) -> list[str]:
    """Return *text* behind its label, wrapped; nothing when there is no text."""
    if not text:
        return []
    shown = on_terminal(text)
    shown = f"{shown[:_SHOWN]}…" if len(shown) > _SHOWN else shown
    first, rest = f"  {label:<8}", " " * 10
    return wrap(shown, WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False) or [first]
