"""The run history: runs, their steps, the errors of objects in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from uuid import UUID

from adsyncdiag.model.runs import Run, RunObjectError, RunStep
from adsyncdiag.store.database import Database, Row
from adsyncdiag.store.encoding import dump, load, text
from adsyncdiag.store.rows import column, moment, time_of, uncolumn

_LAST_NUMBER: Final = "SELECT last FROM run_number WHERE connector = ?"
_NUMBER: Final = """
    INSERT INTO run_number (connector, last) VALUES (?, ?) ON CONFLICT (connector) DO UPDATE SET last = excluded.last
"""
_ADD_RUN: Final = """
    INSERT INTO run (id, connector, number, connector_name, profile, result, started, ended, user)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_ADD_STEP: Final = """
    INSERT INTO run_step (run, position, number, kind, partition_id, result, started, ended, counters)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_ADD_ERROR: Final = """
    INSERT INTO run_error (run, step, position, cs_object, dn, code, message) VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_RUN: Final = "SELECT seq, id, connector, number, connector_name, profile, result, started, ended, user FROM run "
RUNS: Final = _RUN + "ORDER BY seq DESC LIMIT ?"
RUNS_OF_CONNECTOR: Final = _RUN + "WHERE connector = ? ORDER BY number DESC LIMIT ?"
STEPS: Final = """
    SELECT position, number, kind, partition_id, result, started, ended, counters FROM run_step
    WHERE run = ? ORDER BY position
"""
ERRORS: Final = "SELECT step, cs_object, dn, code, message FROM run_error WHERE run = ? ORDER BY step, position"


def add(database: Database, run: Run) -> Run:
    """Append *run* and return it with the next number of its connector; numbers are never given twice."""
    last = database.row(_LAST_NUMBER, (run.connector.bytes,))
    numbered = replace(run, number=last[0] + 1 if last else 1)
    database.change(_NUMBER, (run.connector.bytes, numbered.number))
    seq = database.change(_ADD_RUN, _run_row(numbered))
    database.change_many(_ADD_STEP, [(seq, at, *_step_row(step)) for at, step in enumerate(run.steps)])
    database.change_many(
        _ADD_ERROR,
        [
            (seq, at, position, *_error_row(error))
            for at, step in enumerate(run.steps)
            for position, error in enumerate(step.errors)
        ],
    )
    return numbered


def newest(database: Database, limit: int, connector: UUID | None) -> tuple[Run, ...]:
    """Return at most *limit* runs, the one added last first, of one connector or of all."""
    if limit <= 0:
        return ()
    if connector is None:
        rows = database.rows(RUNS, (limit,))
    else:
        rows = database.rows(RUNS_OF_CONNECTOR, (connector.bytes, limit))
    return tuple(_run(database, row) for row in rows)


def _run_row(run: Run) -> Row:
    names = (run.connector_name, run.profile, run.result)
    times = (moment(run.started), moment(run.ended))
    return (run.id.bytes, run.connector.bytes, run.number, *map(column, names), *times, column(run.user))


def _step_row(step: RunStep) -> Row:
    # As pairs, for JSON has no order of its own and a reader of the column should not need one.
    counters = dump(list(step.counters.items()))
    times = (moment(step.started), moment(step.ended))
    return (step.number, column(step.kind), step.partition.bytes, column(step.result), *times, counters)


def _error_row(error: RunObjectError) -> Row:
    identifier = error.cs_object.bytes if error.cs_object else None
    return (identifier, column(error.dn), column(error.code), column(error.message))


def _run(database: Database, row: Row) -> Run:
    seq, identifier, connector, number, *names, started, ended, user = row
    name, profile, result = map(uncolumn, names)
    errors: dict[int, list[RunObjectError]] = {}
    for step, *error in database.rows(ERRORS, (seq,)):
        errors.setdefault(step, []).append(_error(*error))
    return Run(
        id=UUID(bytes=identifier),
        connector=UUID(bytes=connector),
        connector_name=name,
        profile=profile,
        result=result,
        started=time_of(started),
        ended=time_of(ended),
        user=uncolumn(user),
        steps=tuple(_step(step, errors) for step in database.rows(STEPS, (seq,))),
        number=number,
    )


def _step(row: Row, errors: Mapping[int, list[RunObjectError]]) -> RunStep:
    position, number, kind, partition, result, started, ended, counters = row
    return RunStep(
        number=number,
        kind=uncolumn(kind),
        partition=UUID(bytes=partition),
        result=uncolumn(result),
        started=time_of(started),
        ended=time_of(ended),
        counters={text(name): count for name, count in load(counters)},
        errors=tuple(errors.get(position, ())),
    )


def _error(cs_object: bytes | None, *texts: str | bytes) -> RunObjectError:
    dn, code, message = map(uncolumn, texts)
    return RunObjectError(UUID(bytes=cs_object) if cs_object else None, dn, code, message)
