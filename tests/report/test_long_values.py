"""Long lists are cut in the document, and every cut says so."""

from __future__ import annotations

import json
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from adsyncdiag.model.trace import StepResult, SyncRecord
from adsyncdiag.report.as_json import as_json


def export_row(record: SyncRecord, **options: bool) -> Any:
    """Return the only attribute row of the export step."""
    (row,) = json.loads(as_json(record, **options))["provisioningSteps"][9]["details"]["attributes"]
    return row


def names(start: int, stop: int) -> list[str]:
    """Return the DNs of members *start* to *stop*."""
    return [f"CN=member{number:05},OU=people,OU=corp,DC=contoso,DC=com" for number in range(start, stop)]


def test_two_hundred_are_whole(samples: ModuleType) -> None:
    """A list of 200 is carried whole, without a mark."""
    row = export_row(samples.group(200))
    assert row["value"] == names(0, 200)
    assert "truncated" not in row
    assert "count" not in row


def test_one_more_is_cut(samples: ModuleType) -> None:
    """A list of 201 is carried as its count, the first 100 and the last 10."""
    row = export_row(samples.group(201))
    assert row["value"] == names(0, 100) + names(191, 201)
    assert row["count"] == 201
    assert row["truncated"] is True


def test_changes_of_an_update_are_whole_up_to_five_thousand(samples: ModuleType) -> None:
    """What an update adds and removes is whole up to 5,000 values, and cut from there."""
    row = export_row(samples.group(20_000, joined=5000, left=5001))
    assert row["valueAdd"] == names(0, 5000)
    assert "valueAddCount" not in row
    assert len(row["valueDelete"]) == 110
    assert row["valueDeleteCount"] == 5001


def test_an_added_list_is_cut_like_its_value(samples: ModuleType) -> None:
    """Where the whole attribute is new, its list is no longer carried twice in full."""
    record = samples.group(300, joined=300, left=0)
    steps = [
        replace(step, attributes=tuple(row._replace(operation="add") for row in step.attributes))
        for step in record.steps
    ]
    row = export_row(replace(record, steps=tuple(steps)))
    assert len(row["valueAdd"]) == 110
    assert row["valueAddCount"] == 300


def test_full_values_cuts_nothing(samples: ModuleType) -> None:
    """`full_values` carries every list whole, those of flows and metaverse too."""
    record = samples.group(1000)
    text = as_json(record, full_values=True)
    assert b"truncated" not in text
    assert len(export_row(record, full_values=True)["value"]) == 1000
    details = json.loads(text)["provisioningSteps"][8]["details"]
    assert len(details["flows"][0]["value"]) == len(details["metaverse"]["attributes"][0]["value"]) == 1000


def test_flows_and_metaverse_are_cut_too(samples: ModuleType) -> None:
    """The same cut holds wherever a value is shown."""
    details = json.loads(as_json(samples.group(1000)))["provisioningSteps"][8]["details"]
    for entry in (details["flows"][0], details["metaverse"]["attributes"][0]):
        assert (len(entry["value"]), entry["count"], entry["truncated"]) == (110, 1000, True)


def test_a_step_s_own_long_list_is_cut(samples: ModuleType) -> None:
    """A long list in a step's details stays a list; its count and the mark stand beside it."""
    record = samples.success()
    step: StepResult = replace(record.steps[8], details={"unresolved": [str(n) for n in range(500)], "short": ["a"]})
    document = json.loads(as_json(replace(record, steps=(*record.steps[:8], step, record.steps[9]))))
    details = document["provisioningSteps"][8]["details"]
    assert len(details["unresolved"]) == 110
    assert details["unresolvedCount"] == 500
    assert details["truncated"] is True
    assert details["short"] == ["a"]


@pytest.mark.parametrize("text", ["lone \ud800 end", "\udc80"])
def test_lone_surrogates_are_written_out(samples: ModuleType, text: str) -> None:
    """A lone surrogate, which UTF-8 cannot hold, is written as its escape instead of breaking the document."""
    document = json.loads(as_json(replace(samples.success(), initiated_by=text)))
    assert document["initiatedBy"]["displayName"] == text.encode("utf-8", "backslashreplace").decode()


def test_other_hidden_characters_are_kept(samples: ModuleType) -> None:
    """JSON keeps what a value holds: escapes, overrides and NUL are the reader's evidence."""
    text = "a\x00b\x1b\u202ec\u2028"
    document = json.loads(as_json(replace(samples.success(), initiated_by=text)))
    assert document["initiatedBy"]["displayName"] == text


def test_mixed_lists_become_alike(samples: ModuleType) -> None:
    """A list that mixes texts and objects is made all objects, since Microsoft's client cannot write it otherwise."""
    record = samples.success()
    step = replace(record.steps[8], details={"mixed": ["a", {"b": "c"}]})
    document = json.loads(as_json(replace(record, steps=(*record.steps[:8], step, record.steps[9]))))
    assert document["provisioningSteps"][8]["details"]["mixed"] == [{"value": "a"}, {"b": "c"}]
