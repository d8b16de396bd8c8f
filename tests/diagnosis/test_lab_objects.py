"""Every object of the lab ends as its table says, with a reason that names what decided; a golden file for each failure."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from adsyncdiag.connectors.lab.scenarios.forest import forest, table
from adsyncdiag.model.trace import Status, SyncRecord
from adsyncdiag.report.as_json import as_json

ROWS = table(forest())


def named(row: Any) -> str:
    """A short, unique, harmless name for a row."""
    return (
        re.sub(r"[^A-Za-z0-9]+", "-", row.dn.split(",DC=")[0])[:50].strip("-").lower()
        + "-"
        + row.dn.split("DC=")[1].strip(",")
    )


def essence(record: SyncRecord) -> str:
    """The document without the long lists: what an administrator reads first."""
    document = json.loads(as_json(record))
    for step in document["provisioningSteps"]:
        kept = (
            "number",
            "title",
            "errorCode",
            "reason",
            "recommendation",
            "decidedBy",
            "link",
            "targetLink",
            "objectOperation",
        )
        step["details"] = {key: value for key, value in step["details"].items() if key in kept}
    document["provisioningStatusInfo"].get("errorInformation", {}).pop("additionalDetails", None)
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_each_object_ends_as_the_table_says(row: Any, lab: Any, golden: Any) -> None:
    """Step, status and code are those the table of `lab init` promises; failures match their golden file."""
    for first in row.after:
        lab.run(first)
    done = lab.run(row.dn)
    record = done.record
    failing = next((step.number for step in record.steps if step.status is Status.FAILURE), 0)
    code = record.failure.code if record.failure is not None else ""
    assert (failing, record.status.value) == (row.expected_step, row.expected_status)
    if row.expected_status == "failure":
        assert code == row.expected_code
        assert done.exit_code == 1
        golden(f"lab/{named(row)}.json", essence(record))
    else:
        assert done.exit_code == 0


@pytest.mark.parametrize("row", [row for row in ROWS if row.expected_status == "failure"], ids=named)
def test_a_failure_has_a_reason_and_a_recommendation(row: Any, lab: Any) -> None:
    """Nobody is left with a code alone, and the steps that were not reached say which step stopped the run."""
    for first in row.after:
        lab.run(first)
    record = lab.record(row.dn)
    assert record.failure is not None
    assert len(record.failure.reason) > 30
    assert len(record.failure.recommendation) > 30
    assert len(record.steps) == 10
    for step in record.steps[row.expected_step :]:
        assert step.status is Status.SKIPPED
        assert f"step {row.expected_step} " in step.description


@pytest.mark.parametrize("row", [row for row in ROWS if row.expected_status != "failure"], ids=named)
def test_a_second_run_finds_nothing_to_do(row: Any, lab: Any) -> None:
    """What arrived once is recognised, read back and confirmed: no second object, no change, no error."""
    for first in row.after:
        lab.run(first)
    lab.run(row.dn)
    second = lab.record(row.dn)
    assert second.failure is None
    assert second.action.value == "other", [m.name for m in second.modified]
    assert second.modified == ()


def test_the_table_covers_what_the_issue_lists() -> None:
    """There is an object for every way of failing that a fresh workspace can show."""
    codes = {row.expected_code for row in ROWS}
    assert codes >= {
        "source-partition-not-found", "source-partition-not-selected", "run-profile-step-missing", "container-excluded",
        "object-not-readable", "object-type-not-included", "group-filter-not-member", "no-metaverse-object", "no-target-object",
        "sync-rule-error-function-triggered", "mv-constraint-violation", "flow-multi-values-to-single-value", "graph-cannot-create",
        "InvalidSoftMatch", "attributevaluemustbeunique", "objecttypemismatch", "datavalidationfailed", "graph-read-only",
    }  # fmt: skip
