"""The JSON that `single-object-sync` prints: one line of UTF-8."""

from __future__ import annotations

import orjson

from adsyncdiag.model.trace import SyncRecord
from adsyncdiag.report.build import build
from adsyncdiag.report.dialects import Dialect, shape


def as_json(record: SyncRecord, dialect: Dialect = Dialect.GRAPH, *, full_values: bool = False) -> bytes:
    """Return *record* in the shape of *dialect*, on one line, without a line feed at its end.

    The same record gives the same bytes. Lists over 200 values are cut unless *full_values* (report.md "Long values").
    """
    return orjson.dumps(shape(build(record, full_values=full_values), dialect))
